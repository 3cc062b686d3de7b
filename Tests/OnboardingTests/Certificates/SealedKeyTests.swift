import Foundation
import Onboarding
import Simulator
import Testing

struct SealedKeyTests {
    let pair = PrivateSealingKey()
    let context = SealingContext(tenant: "acme", hostname: "shop.acme.com", fingerprint: "ab12")
    let pem = TestKey.p256().pkcs8

    private func sealed() throws -> SealedKey {
        try pair.publicKey.seal(PrivateKeyPEM(text: pem), context: context)
    }

    @Test func `what is sealed opens with the private key in the same context`() throws {
        let sealed = try sealed()

        #expect(sealed.keyID == pair.id)
        #expect(sealed.bytes.count == 32 + pem.utf8.count + 16)
        #expect(try pair.open(sealed, context: context).reveal() == pem)
    }

    @Test func `sealing the same key twice gives nothing in common`() throws {
        let (first, second) = (try sealed(), try sealed())

        #expect(zip(first.bytes, second.bytes).count { $0 == $1 } < first.bytes.count / 8)
    }

    @Test(arguments: [
        SealingContext(tenant: "acme2", hostname: "shop.acme.com", fingerprint: "ab12"),
        SealingContext(tenant: "acme", hostname: "www.acme.com", fingerprint: "ab12"),
        SealingContext(tenant: "acme", hostname: "shop.acme.com", fingerprint: "ab13"),
        // The same bytes in a row, cut elsewhere.
        SealingContext(tenant: "acmes", hostname: "hop.acme.com", fingerprint: "ab12"),
        SealingContext(tenant: "acme", hostname: "shop.acme.comab", fingerprint: "12"),
    ])
    func `no other context opens it`(other: SealingContext) throws {
        let sealed = try sealed()

        #expect(throws: SealingError.notAuthentic(pair.id, other)) { try pair.open(sealed, context: other) }
    }

    @Test func `no bit can be changed and no byte cut off`() throws {
        let sealed = try sealed()
        for index in sealed.bytes.indices {
            var bytes = sealed.bytes
            bytes[index] ^= 1 << UInt8(index % 8)
            let refusal = #expect(throws: SealingError.self) {
                try pair.open(SealedKey(keyID: pair.id, bytes: bytes), context: context)
            }
            // X25519 ignores the top bit of the encapsulated key; HPKE hashes it, so it counts all the same.
            #expect(refusal == .notAuthentic(pair.id, context), "byte \(index)")
        }
        for count in 0..<sealed.bytes.count {
            let short = SealedKey(keyID: pair.id, bytes: Array(sealed.bytes.prefix(count)))
            #expect(throws: SealingError.notAuthentic(pair.id, context)) { try pair.open(short, context: context) }
        }
    }

    @Test func `another key does not open it, whatever id it claims`() throws {
        let other = PrivateSealingKey()
        let sealed = try sealed()

        #expect(throws: SealingError.wrongKey(sealedTo: pair.id, opener: other.id)) {
            try other.open(sealed, context: context)
        }
        #expect(throws: SealingError.notAuthentic(other.id, context)) {
            try other.open(SealedKey(keyID: other.id, bytes: sealed.bytes), context: context)
        }
    }

    /// Sealed by Python's `cryptography` 48, `info` built as ``SealingContext`` says:
    /// `Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM).encrypt(plaintext, public_key, info)`.
    @Test func `what another language sealed is opened`() throws {
        let key = try PrivateSealingKey(text: "usher-private-key-1:AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=")
        let text =
            "uxiW8TUX7KmeIE7YOTtq8lqHuawYjbK5UtHJ9N8s7yFoKYbA2TsKwu7cAnLRoD4XnRfG/oNGkXynpFeAT1dVUawO2jhjMqP3Q6Bh"
        let bytes = Array(try #require(Data(base64Encoded: text)))
        let fingerprint = String(repeating: "ab", count: 32)
        let context = SealingContext(tenant: "acme", hostname: "shop.acme.com", fingerprint: fingerprint)

        #expect(key.id.text == "aaa8fff703b50b22")
        #expect(key.publicKey.text == "usher-public-key-1:B6N8vBQgk8i3VdwbEOhstCY3StFqqFPtC9/AsrhtHHw=")
        let opened = try key.open(SealedKey(keyID: key.id, bytes: bytes), context: context)
        #expect(opened.reveal() == "sealed in another language\n")
    }
}

struct SealingKeyTests {
    @Test func `keys survive their text form`() throws {
        let pair = PrivateSealingKey()
        let again = try PrivateSealingKey(text: pair.reveal())

        #expect(again.publicKey == pair.publicKey)
        #expect(try PublicSealingKey(text: pair.publicKey.text) == pair.publicKey)
        #expect(SealingKeyID(pair.id.text) == pair.id)
    }

    @Test(arguments: ["", "usher-public-key-1:", "usher-public-key-1:AAAA", "usher-public-key-2:", "ssh-ed25519 AAAA"])
    func `a malformed public key is refused`(text: String) {
        #expect(throws: SealingError.malformedPublicKey) { try PublicSealingKey(text: text) }
    }

    @Test func `a private key is no public key, and the other way round`() {
        let pair = PrivateSealingKey()

        #expect(throws: SealingError.malformedPublicKey) { try PublicSealingKey(text: pair.reveal()) }
        #expect(throws: SealingError.malformedPrivateKey) { try PrivateSealingKey(text: pair.publicKey.text) }
    }

    /// The points of small order of RFC 7748's curve that have the shortest encodings.
    @Test(arguments: [0, 1] as [UInt8])
    func `a public key that anybody could open is refused`(first: UInt8) {
        let bytes = [first] + [UInt8](repeating: 0, count: 31)

        #expect(throws: SealingError.malformedPublicKey) { try PublicSealingKey(bytes: bytes) }
    }

    @Test(arguments: ["", "aaa8fff703b50b2", "aaa8fff703b50b222", "AAA8FFF703B50B22", "aaa8fff703b50b2g"])
    func `a malformed key id is refused`(text: String) {
        #expect(SealingKeyID(text) == nil)
    }
}
