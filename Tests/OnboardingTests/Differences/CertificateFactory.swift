import Crypto
import CryptoExtras
import Foundation
import Simulator
import SwiftASN1
import X509

/// Makes certificates by recipe; its keys, of which there are few dozen, are made once.
struct CertificateFactory {
    struct Authority {
        let name: String
        let key: Certificate.PrivateKey
        let isRSA: Bool
        var certificate = ""

        var subject: DistinguishedName { get throws { try DistinguishedName { CommonName(name) } } }
    }

    let root: Authority
    let elliptic: Authority
    let rsa: Authority
    let impostors: String
    let stranger: Authority
    private let keys: [CertificateRecipe.Key: [Certificate.PrivateKey]]

    init() throws {
        root = try Self.authority("Root", Certificate.PrivateKey(P256.Signing.PrivateKey()), by: nil)
        elliptic = try Self.authority("EC", Certificate.PrivateKey(P384.Signing.PrivateKey()), by: root)
        let rsaKey = Certificate.PrivateKey(try _RSA.Signing.PrivateKey(keySize: .bits2048))
        rsa = try Self.authority("RSA", rsaKey, isRSA: true, by: root)
        impostors = try Self.authority("EC", Certificate.PrivateKey(P384.Signing.PrivateKey()), by: root).certificate
        let otherRoot = try Self.authority("Stranger", Certificate.PrivateKey(P256.Signing.PrivateKey()), by: nil)
        stranger = try Self.authority("Strange EC", Certificate.PrivateKey(P256.Signing.PrivateKey()), by: otherRoot)
        keys = [
            .rsa2048: try (0..<4).map { _ in Certificate.PrivateKey(try _RSA.Signing.PrivateKey(keySize: .bits2048)) },
            .p256: (0..<12).map { _ in Certificate.PrivateKey(P256.Signing.PrivateKey()) },
            .p384: (0..<6).map { _ in Certificate.PrivateKey(P384.Signing.PrivateKey()) },
            .ed25519: (0..<4).map { _ in Certificate.PrivateKey(Curve25519.Signing.PrivateKey()) },
        ]
    }

    /// The leaf as PEM.
    func leaf(_ recipe: CertificateRecipe, using random: inout SeededRandom) throws -> String {
        guard let key = keys[recipe.key]?.randomElement(using: &random) else { return "" }
        let subject = try DistinguishedName { CommonName(CertificateRecipe.hostname) }
        let issuer = issuer(recipe, subject: key)
        return try Self.certificate(
            key: key.publicKey,
            period: recipe.period,
            issuer: recipe.issuer == .itself ? subject : issuer.subject,
            subject: subject,
            algorithm: Self.algorithm(recipe.digest, issuer, recipe),
            names: recipe.alternativeNames,
            isAuthority: recipe.isAuthority,
            signedBy: issuer.key
        )
    }

    /// The certificates that stand beside the leaf in its file.
    func companions(_ issuer: CertificateRecipe.Issuer) -> String {
        switch issuer {
        case .elliptic: elliptic.certificate
        case .rsa: rsa.certificate
        case .impostor: impostors
        case .stranger: stranger.certificate
        case .absent, .root, .itself: ""
        }
    }

    private func issuer(_ recipe: CertificateRecipe, subject key: Certificate.PrivateKey) -> Authority {
        switch recipe.issuer {
        case .elliptic, .impostor, .absent: elliptic
        case .rsa: rsa
        case .root: root
        case .stranger: stranger
        case .itself: Authority(name: CertificateRecipe.hostname, key: key, isRSA: recipe.key == .rsa2048)
        }
    }

    private static func algorithm(
        _ digest: CertificateRecipe.Digest,
        _ issuer: Authority,
        _ recipe: CertificateRecipe
    ) -> Certificate.SignatureAlgorithm {
        if recipe.issuer == .itself, recipe.key == .ed25519 { return .ed25519 }
        switch digest {
        // There is no ECDSA with SHA-1 in swift-certificates.
        case .sha1: return issuer.isRSA ? .sha1WithRSAEncryption : .ecdsaWithSHA256
        case .sha256: return issuer.isRSA ? .sha256WithRSAEncryption : .ecdsaWithSHA256
        case .sha384: return issuer.isRSA ? .sha384WithRSAEncryption : .ecdsaWithSHA384
        case .sha512: return issuer.isRSA ? .sha512WithRSAEncryption : .ecdsaWithSHA512
        }
    }

    private static func authority(
        _ name: String,
        _ key: Certificate.PrivateKey,
        isRSA: Bool = false,
        by parent: Authority?
    ) throws -> Authority {
        var authority = Authority(name: name, key: key, isRSA: isRSA)
        let issuer = parent ?? authority
        authority.certificate = try certificate(
            key: key.publicKey,
            period: (1_700_000_000, 2_000_000_000),
            issuer: issuer.subject,
            subject: authority.subject,
            algorithm: .ecdsaWithSHA256,
            isAuthority: true,
            signedBy: issuer.key
        )
        return authority
    }

    private static func certificate(
        key: Certificate.PublicKey,
        period: (Int64, Int64),
        issuer: DistinguishedName,
        subject: DistinguishedName,
        algorithm: Certificate.SignatureAlgorithm,
        names: [String] = [],
        isAuthority: Bool,
        signedBy issuerKey: Certificate.PrivateKey
    ) throws -> String {
        let certificate = try Certificate(
            version: .v3,
            serialNumber: Certificate.SerialNumber(),
            publicKey: key,
            notValidBefore: Date(timeIntervalSince1970: TimeInterval(period.0)),
            notValidAfter: Date(timeIntervalSince1970: TimeInterval(period.1)),
            issuer: issuer,
            subject: subject,
            signatureAlgorithm: algorithm,
            extensions: Certificate.Extensions {
                Critical(
                    isAuthority ? .isCertificateAuthority(maxPathLength: nil) : BasicConstraints.notCertificateAuthority
                )
                if !names.isEmpty { SubjectAlternativeNames(names.map { .dnsName($0) }) }
            },
            issuerPrivateKey: issuerKey
        )
        return try certificate.serializeAsPEM().pemString + "\n"
    }
}
