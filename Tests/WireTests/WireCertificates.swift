import Crypto
import CryptoExtras
import Foundation
import SwiftASN1
import TLSPolicy
import X509

/// Real leaf certificates, one with an RSA key and one with an ECDSA key, made once in a run.
struct WireCertificates: Sendable {
    /// A certificate and its key, both PEM.
    struct Leaf: Sendable {
        let certificate: String
        let key: String
    }

    let rsa: Leaf
    let ecdsa: Leaf

    static let shared = Result { try WireCertificates() }

    subscript(key: CipherSuite.Authentication) -> Leaf { key == .rsa ? rsa : ecdsa }

    private init() throws {
        let rsaKey = try _RSA.Signing.PrivateKey(keySize: .bits2048)
        let ecdsaKey = P256.Signing.PrivateKey()
        rsa = try Self.leaf(Certificate.PrivateKey(rsaKey), .sha256WithRSAEncryption)
        ecdsa = try Self.leaf(Certificate.PrivateKey(ecdsaKey), .ecdsaWithSHA256)
    }

    private static func leaf(_ key: Certificate.PrivateKey, _ algorithm: Certificate.SignatureAlgorithm) throws -> Leaf
    {
        let subject = try DistinguishedName { CommonName("shop.usher.de") }
        let certificate = try Certificate(
            version: .v3,
            serialNumber: Certificate.SerialNumber(),
            publicKey: key.publicKey,
            notValidBefore: Date(timeIntervalSinceNow: -86_400),
            notValidAfter: Date(timeIntervalSinceNow: 86_400),
            issuer: subject,
            subject: subject,
            signatureAlgorithm: algorithm,
            extensions: try Certificate.Extensions { SubjectAlternativeNames([.dnsName("shop.usher.de")]) },
            issuerPrivateKey: key
        )
        return Leaf(
            certificate: try certificate.serializeAsPEM().pemString + "\n",
            key: try key.serializeAsPEM().pemString + "\n"
        )
    }
}
