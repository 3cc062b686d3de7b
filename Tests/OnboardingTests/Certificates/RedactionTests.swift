import Foundation
import Onboarding
import SwiftASN1
import Testing

/// No 32 characters in a row of a private key come out of anything that is shown, in any encoding.
struct RedactionTests {
    let authority: TestAuthority
    let canary: TestKey
    let pair = PrivateSealingKey()

    init() throws {
        authority = try TestAuthority()
        canary = try .rsa()
    }

    @Test func `secrets say nothing but redacted`() throws {
        let key = PrivateKeyPEM(text: canary.pkcs8)

        for secret in [key, pair] as [any Redacted] {
            #expect("\(secret)" == "<redacted>")
            #expect(String(reflecting: secret) == "<redacted>")
            #expect(Mirror(reflecting: secret).children.isEmpty)
            #expect(
                String(decoding: try JSONEncoder().encode(["key": AnyEncodable(secret)]), as: UTF8.self)
                    == #"{"key":"<redacted>"}"#
            )
        }
    }

    @Test func `no value shows the key`() throws {
        let leaf = try authority.leaf(key: canary)
        let key = PrivateKeyPEM(text: canary.pkcs8)
        let stored = try SealedCertificate(
            chainPEM: leaf.pem,
            key: key,
            tenant: "acme",
            hostname: "shop.acme.com",
            sealingTo: pair.publicKey
        )
        let context = SealingContext(tenant: "acme", hostname: "shop.acme.com", fingerprint: stored.fingerprint)
        let ring = KeyRing(current: pair)
        let values: [Any] = [
            key, Optional(key) as Any, [key], ["key": key], stored, stored.sealedKey, pair, ring,
            try ring.open(stored.sealedKey, context: context),
            try CertificateInspector.chain(fromPEM: stored.chainPEM),
        ]

        let hunt = CanaryHunt(secrets: [canary.pkcs8, canary.traditional, pair.reveal()], known: try leaf.pem)
        for value in values { hunt.expectNothing(in: value) }
    }

    @Test func `no error shows the key, wherever it was pasted`() throws {
        let leaf = try authority.leaf(key: canary)
        let pem = canary.pkcs8
        let body = pem.split(separator: "\n").dropFirst().dropLast().joined(separator: "\n")
        let pastes = [
            try leaf.pem + pem,
            "-----BEGIN CERTIFICATE-----\n\(body)\n-----END CERTIFICATE-----\n",
            "-----BEGIN \(body.prefix(64))-----\n\(body)\n-----END \(body.prefix(64))-----\n",
            "-----BEGIN PRIVATE KEY-----\(body)-----END PRIVATE KEY-----",
            pem.replacing("\n", with: "\\n"),
            pem.replacing("PRIVATE KEY", with: "EC PRIVATE KEY"),
            pem.replacing("PRIVATE KEY", with: "ENCRYPTED PRIVATE KEY"),
            String(pem.dropLast(300)),
            pem + pem,
            String(repeating: pem, count: 50),
        ]
        let chain = try CertificateInspector.chain(fromPEM: authority.leaf().pem)
        let hunt = CanaryHunt(secrets: [canary.pkcs8, canary.traditional, pair.reveal()], known: try leaf.pem)
        for paste in pastes {
            let asChain = #expect(throws: CertificateProblem.self) { try CertificateInspector.chain(fromPEM: paste) }
            let asKey = #expect(throws: CertificateProblem.self) {
                try CertificateInspector.checkKey(PrivateKeyPEM(text: paste), matches: chain)
            }
            let asRing = #expect(throws: KeyRingError.self) { try KeyRing(text: paste, file: "keys") }
            let asSealingKey = #expect(throws: SealingError.self) { try PrivateSealingKey(text: paste) }
            for error in [asChain, asKey, asRing, asSealingKey] as [(any Error)?] {
                hunt.expectNothing(in: error as Any)
            }
        }
    }

    @Test func `bytes handed over are zeroed`() {
        var bytes = Array(canary.pkcs8.utf8)
        let key = PrivateKeyPEM(wiping: &bytes)

        #expect(bytes == [UInt8](repeating: 0, count: canary.pkcs8.utf8.count))
        #expect(key.reveal() == canary.pkcs8)
        #expect(key.withBytes { $0.count } == bytes.count)
    }

    @Test func `the hunt finds a key that is shown, and no certificate`() throws {
        let leaf = try authority.leaf(key: canary)
        let hunt = CanaryHunt(secrets: [canary.pkcs8], known: try leaf.pem)
        let part = hunt.secretBytes.suffix(64)

        #expect(hunt.isFound(in: "log: \(canary.pkcs8.suffix(150).prefix(90))"))
        #expect(hunt.isFound(in: "\(Array(part))"))
        #expect(hunt.isFound(in: part.map { "    - \($0)\n" }.joined()))
        #expect(hunt.isFound(in: part.map { ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true) }.joined()))
        #expect(!hunt.isFound(in: try leaf.pem))
        #expect(!hunt.isFound(in: TestKey.p256().pkcs8))
    }
}

/// Looks for 32 bytes in a row of secrets, as PEM, base64, hexadecimal or numbers, in all that Swift shows of a value.
///
/// What is in `known`, too, is no secret: the certificate shows the RSA modulus that the private key repeats.
private struct CanaryHunt {
    let secretBytes: [UInt8]
    private let textWindows: Set<ArraySlice<UInt8>>
    private let byteWindows: Set<ArraySlice<UInt8>>

    init(secrets: [String], known: String) {
        let bodies = secrets.map(Self.base64)
        let decoded = bodies.map { Array(Data(base64Encoded: $0) ?? Data()) }
        let knownBytes = Array(Data(base64Encoded: Self.base64(known)) ?? Data())
        self.secretBytes = decoded.first ?? []
        let texts = secrets + bodies + decoded.map(Self.hexadecimal)
        let knownTexts = [known, Self.base64(known), Self.hexadecimal(knownBytes)]
        self.textWindows = Set(texts.flatMap { Self.windows(Array($0.utf8)) })
            .subtracting(knownTexts.flatMap { Self.windows(Array($0.utf8)) })
        self.byteWindows = Set(decoded.flatMap(Self.windows)).subtracting(Self.windows(knownBytes))
    }

    func isFound(in text: String) -> Bool {
        let numbers = text.split { !$0.isNumber }.compactMap { UInt8($0) }
        let hit = [text, text.lowercased(), text.replacing("\\n", with: "\n")].contains { text in
            Self.windows(Array(text.utf8)).contains(where: textWindows.contains)
        }
        return hit || Self.windows(numbers).contains(where: byteWindows.contains)
    }

    func expectNothing(in value: Any, sourceLocation: SourceLocation = #_sourceLocation) {
        var dumped = ""
        dump(value, to: &dumped)
        var shown = [dumped, String(describing: value), String(reflecting: value)]
        if let error = value as? any Error { shown.append(error.localizedDescription) }
        for text in shown { #expect(!isFound(in: text), sourceLocation: sourceLocation) }
    }

    private static func base64(_ pem: String) -> String {
        pem.split(separator: "\n").filter { !$0.hasPrefix("-") }.map { $0.split(separator: ":").last ?? $0 }.joined()
    }

    private static func hexadecimal(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    private static func windows(_ bytes: [UInt8]) -> [ArraySlice<UInt8>] {
        bytes.count < 32 ? [] : (0...bytes.count - 32).map { bytes[$0..<$0 + 32] }
    }
}

private struct AnyEncodable: Encodable {
    let value: any Encodable

    init(_ value: any Encodable) {
        self.value = value
    }

    func encode(to encoder: any Encoder) throws {
        try value.encode(to: encoder)
    }
}
