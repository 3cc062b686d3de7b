import Crypto
import CryptoExtras
import Foundation
import SwiftASN1
import X509

/// A certificate authority of one's own, for demos, tests and the simulated edge; nobody else trusts it.
package struct CertificateAuthority: Sendable {
    /// The key of a leaf certificate.
    package enum KeyType: String, CaseIterable, Hashable, Sendable {
        case p256
        case rsa2048
    }

    /// How an authority signs; the provider accepts SHA-256 only.
    package enum SignatureDigest: Hashable, Sendable {
        case sha256
        case sha384
    }

    private let key: Certificate.PrivateKey
    private let certificate: Certificate

    /// A new root with a P-256 key, valid from a day before `start` for ten years.
    ///
    /// - Throws: What the signing library throws.
    package init(name: String = "Simulated Root", start: VirtualInstant) throws {
        key = Certificate.PrivateKey(P256.Signing.PrivateKey())
        let subject = try DistinguishedName { CommonName(name) }
        certificate = try Certificate(
            version: .v3,
            serialNumber: Certificate.SerialNumber(),
            publicKey: key.publicKey,
            notValidBefore: start.adding(seconds: -86_400).date,
            notValidAfter: start.adding(seconds: 3_650 * 86_400).date,
            issuer: subject,
            subject: subject,
            signatureAlgorithm: .ecdsaWithSHA256,
            extensions: try Certificate.Extensions {
                Critical(BasicConstraints.isCertificateAuthority(maxPathLength: 0))
                Critical(KeyUsage(keyCertSign: true, cRLSign: true))
            },
            issuerPrivateKey: key
        )
    }

    /// The root certificate as PEM.
    package var rootPEM: String {
        get throws { try certificate.serializeAsPEM().pemString }
    }

    /// Issues a leaf certificate.
    ///
    /// - Parameter names: The dNSNames of the subject alternative name; the first is the subject's common name too.
    /// - Returns: The leaf followed by the root, and the leaf's key as PKCS#8, both PEM.
    /// - Throws: What the signing library throws.
    package func issue(
        names: [String],
        key keyType: KeyType,
        notBefore: VirtualInstant,
        notAfter: VirtualInstant,
        digest: SignatureDigest = .sha256
    ) throws -> (chainPEM: String, keyPEM: String) {
        try issue(names: names, key: LeafKey(keyType), notBefore: notBefore, notAfter: notAfter, digest: digest)
    }

    /// Issues a leaf certificate for a key that exists already.
    ///
    /// - Parameter serialNumber: `nil` lets chance decide.
    func issue(
        names: [String],
        key leafKey: LeafKey,
        serialNumber: UInt64? = nil,
        notBefore: VirtualInstant,
        notAfter: VirtualInstant,
        digest: SignatureDigest = .sha256
    ) throws -> (chainPEM: String, keyPEM: String) {
        let leaf = try Certificate(
            version: .v3,
            serialNumber: serialNumber.map { Certificate.SerialNumber($0) } ?? Certificate.SerialNumber(),
            publicKey: leafKey.key.publicKey,
            notValidBefore: notBefore.date,
            notValidAfter: notAfter.date,
            issuer: certificate.subject,
            subject: try DistinguishedName { CommonName(names.first ?? "") },
            signatureAlgorithm: digest == .sha256 ? .ecdsaWithSHA256 : .ecdsaWithSHA384,
            extensions: try Certificate.Extensions {
                Critical(BasicConstraints.notCertificateAuthority)
                Critical(KeyUsage(digitalSignature: true, keyEncipherment: leafKey.type == .rsa2048))
                try ExtendedKeyUsage([.serverAuth])
                SubjectAlternativeNames(names.map { .dnsName($0) })
            },
            issuerPrivateKey: key
        )
        return (try leaf.serializeAsPEM().pemString + "\n" + rootPEM + "\n", leafKey.pem)
    }
}

/// The private key of a leaf certificate.
struct LeafKey: Sendable {
    let type: CertificateAuthority.KeyType
    let key: Certificate.PrivateKey
    /// The key as PKCS#8.
    let pem: String

    /// A new key.
    ///
    /// - Throws: What the cryptographic library throws.
    init(_ type: CertificateAuthority.KeyType) throws {
        self.type = type
        switch type {
        case .p256:
            let key = P256.Signing.PrivateKey()
            (self.key, pem) = (Certificate.PrivateKey(key), key.pemRepresentation)
        case .rsa2048:
            let key = try _RSA.Signing.PrivateKey(keySize: .bits2048)
            (self.key, pem) = (Certificate.PrivateKey(key), key.pkcs8PEMRepresentation)
        }
    }
}

extension VirtualInstant {
    fileprivate var date: Date { Date(timeIntervalSince1970: Double(microseconds) / 1_000_000) }
}
