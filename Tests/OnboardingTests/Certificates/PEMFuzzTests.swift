import Foundation
import Onboarding
import Simulator
import SwiftASN1
import TLSPolicy
import Testing

/// Seeded mutations of good files: each is read or refused with a reason, and none ends the process.
///
/// `USHER_SEED` chooses the seed; a failure names the one it ran with. A twentieth of `USHER_FUZZ` is the number of
/// chains, and of keys: each costs a signature check or more.
struct PEMFuzzTests {
    private static let environment = ProcessInfo.processInfo.environment
    private static let count = environment["USHER_FUZZ"].flatMap(Int.init).map { $0 / 20 }

    let seed = environment["USHER_SEED"].flatMap(UInt64.init) ?? UInt64.random(in: 0...UInt64.max)

    @Test func `mutated chains are facts or a problem`() throws {
        var random = SeededRandom(seed: seed)
        let authority = try TestAuthority()
        let samples = try [
            authority.leaf().pem + authority.intermediate.pem,
            OpenSSLCertificates.rsaLeaf + "\n" + OpenSSLCertificates.authority,
            OpenSSLCertificates.smallLeaf,
        ]
        var (read, refused) = (0, 0)
        let count = Self.count ?? 1_200
        for step in 0..<count {
            let sample = samples[step % samples.count]
            // Text mutations rarely get past base64; mutations of the DER reach the parsers behind it.
            let pem = step.isMultiple(of: 2) ? mutatedText(sample, &random) : try mutatedDER(sample, &random)
            guard let chain = try? CertificateInspector.chain(fromPEM: pem) else {
                refused += 1
                continue
            }
            read += 1
            let again = try? CertificateInspector.chain(fromPEM: chain.pem)
            #expect(again?.pem == chain.pem && again?.facts == chain.facts.normalised, "seed \(seed), step \(step)")
        }
        #expect(read > count / 200 && refused > count / 2, "seed \(seed): \(read) read, \(refused) refused")
    }

    @Test func `mutated keys are taken or a problem`() throws {
        var random = SeededRandom(seed: seed)
        let authority = try TestAuthority()
        for key in [TestKey.p256(), try .rsa()] {
            let chain = try CertificateInspector.chain(fromPEM: authority.leaf(key: key).pem)
            let samples = [key.pkcs8, key.traditional]
            for step in 0..<(Self.count ?? 600) / 2 {
                let sample = samples[step % 2]
                let pem = step % 4 < 2 ? mutatedText(sample, &random) : try mutatedDER(sample, &random)
                let mutated = PrivateKeyPEM(text: pem)
                guard let taken = try? CertificateInspector.checkKey(mutated, matches: chain) else { continue }
                let again = try? CertificateInspector.checkKey(taken, matches: chain)
                #expect(again?.reveal() == taken.reveal(), "seed \(seed), step \(step)")
            }
        }
    }

    private func mutatedText(_ text: String, _ random: inout SeededRandom) -> String {
        var bytes = Array(text.utf8)
        mutate(&bytes, alphabet: Array("-----BEGIN END CERTIFICATE\r\n =AQgw/+:\u{FEFF}\u{0}".utf8), &random)
        return String(decoding: bytes, as: UTF8.self)
    }

    private func mutatedDER(_ text: String, _ random: inout SeededRandom) throws -> String {
        var documents = try PEMDocument.parseMultiple(pemString: text.hasSuffix("\n") ? text : text + "\n")
        let index = Int.random(in: documents.indices, using: &random)
        mutate(&documents[index].derBytes, alphabet: [0, 1, 2, 3, 6, 0x30, 0x7F, 0x80, 0x84, 0xA0, 0xFF], &random)
        return documents.map { $0.pemString + "\n" }.joined()
    }

    private func mutate(_ bytes: inout [UInt8], alphabet: [UInt8], _ random: inout SeededRandom) {
        for _ in 0..<Int.random(in: 1...4, using: &random) where !bytes.isEmpty {
            let place = Int.random(in: bytes.indices, using: &random)
            let length = Int.random(in: 0...min(12, bytes.count - place), using: &random)
            let byte = alphabet[Int.random(in: alphabet.indices, using: &random)]
            switch Int.random(in: 0..<6, using: &random) {
            case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            case 1: bytes[place] = byte
            case 2: bytes.insert(byte, at: place)
            case 3: bytes.removeSubrange(place..<place + length)
            case 4: bytes.insert(contentsOf: bytes[place..<place + length], at: place)
            default: bytes.removeSubrange(place...)
            }
        }
    }
}
