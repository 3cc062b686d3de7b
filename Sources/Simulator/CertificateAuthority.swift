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

    private let root: Certificate
    /// Signs the leaves: a public root signs none itself (CA/Browser Forum Baseline Requirements, section 6.1.7).
    private let intermediate: Certificate
    private let key: Certificate.PrivateKey

    /// A new root and an intermediate below it, with P-256 keys, valid from a day before `start` for ten years.
    ///
    /// - Throws: What the signing library throws.
    package init(name: String = "Simulated", start: VirtualInstant) throws {
        let rootKey = Certificate.PrivateKey(P256.Signing.PrivateKey())
        let rootName = try DistinguishedName { CommonName("\(name) Root") }
        root = try Self.authority(rootName, rootKey, signedBy: (rootName, rootKey), above: 1, start: start)
        key = Certificate.PrivateKey(P256.Signing.PrivateKey())
        let ownName = try DistinguishedName { CommonName("\(name) Intermediate") }
        intermediate = try Self.authority(ownName, key, signedBy: (rootName, rootKey), above: 0, start: start)
    }

    private static func authority(
        _ subject: DistinguishedName,
        _ key: Certificate.PrivateKey,
        signedBy issuer: (name: DistinguishedName, key: Certificate.PrivateKey),
        above authorities: Int,
        start: VirtualInstant
    ) throws -> Certificate {
        try Certificate(
            version: .v3,
            serialNumber: Certificate.SerialNumber(),
            publicKey: key.publicKey,
            notValidBefore: start.adding(seconds: -86_400).date,
            notValidAfter: start.adding(seconds: 3_650 * 86_400).date,
            issuer: issuer.name,
            subject: subject,
            signatureAlgorithm: .ecdsaWithSHA256,
            extensions: try Certificate.Extensions {
                Critical(BasicConstraints.isCertificateAuthority(maxPathLength: authorities))
                Critical(KeyUsage(keyCertSign: true, cRLSign: true))
            },
            issuerPrivateKey: issuer.key
        )
    }

    /// The root certificate as PEM.
    package var rootPEM: String {
        get throws { try root.serializeAsPEM().pemString }
    }

    /// Issues a leaf certificate.
    ///
    /// - Parameter names: The dNSNames of the subject alternative name; the first is the subject's common name too.
    /// - Returns: The leaf followed by the intermediate, and the leaf's key as PKCS#8, both PEM.
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
            issuer: intermediate.subject,
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
        let chain = try leaf.serializeAsPEM().pemString + "\n" + intermediate.serializeAsPEM().pemString + "\n"
        return (chain, leafKey.pem)
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
