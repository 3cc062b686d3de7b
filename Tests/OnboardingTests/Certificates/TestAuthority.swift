import Crypto
import CryptoExtras
import Foundation
import SwiftASN1
import X509

/// A certificate authority for tests, with an intermediate; keys are made anew in each run.
struct TestAuthority {
    let root: Issued
    let intermediate: Issued

    /// A certificate and the key it was issued for.
    struct Issued {
        let certificate: Certificate
        let key: TestKey

        var pem: String { get throws { try certificate.serializeAsPEM().pemString + "\n" } }
    }

    init() throws {
        let rootKey = TestKey.p256()
        let intermediateKey = TestKey.p384()
        self.root = try Self.issue("Test Root", key: rootKey, isAuthority: true, signedBy: rootKey, as: "Test Root")
        self.intermediate = try Self.issue(
            "Test Intermediate",
            key: intermediateKey,
            isAuthority: true,
            signedBy: rootKey,
            as: "Test Root"
        )
    }

    /// A leaf for the names, signed by the intermediate.
    func leaf(
        _ names: [String] = ["shop.acme.com"],
        key: TestKey = .p256(),
        serial: Certificate.SerialNumber = .init(),
        notBefore: Int64 = 1_750_000_000,
        notAfter: Int64 = 1_780_000_000
    ) throws -> Issued {
        try Self.issue(
            names[0],
            names: names,
            key: key,
            serial: serial,
            validity: notBefore...notAfter,
            signedBy: intermediate.key,
            as: "Test Intermediate"
        )
    }

    private static func issue(
        _ subject: String,
        names: [String] = [],
        key: TestKey,
        serial: Certificate.SerialNumber = .init(),
        validity: ClosedRange<Int64> = 1_700_000_000...2_000_000_000,
        isAuthority: Bool = false,
        signedBy issuerKey: TestKey,
        as issuer: String
    ) throws -> Issued {
        let alternatives = names.map { GeneralName.dnsName($0) }
        let certificate = try Certificate(
            version: .v3,
            serialNumber: serial,
            publicKey: key.certificateKey.publicKey,
            notValidBefore: Date(timeIntervalSince1970: TimeInterval(validity.lowerBound)),
            notValidAfter: Date(timeIntervalSince1970: TimeInterval(validity.upperBound)),
            issuer: DistinguishedName {
                OrganizationName("Acme, Inc.")
                CommonName(issuer)
            },
            subject: DistinguishedName {
                OrganizationName("Acme, Inc.")
                CommonName(subject)
            },
            signatureAlgorithm: issuerKey.signatureAlgorithm,
            extensions: Certificate.Extensions {
                Critical(
                    isAuthority ? .isCertificateAuthority(maxPathLength: nil) : BasicConstraints.notCertificateAuthority
                )
                if !alternatives.isEmpty { SubjectAlternativeNames(alternatives) }
            },
            issuerPrivateKey: issuerKey.certificateKey
        )
        return Issued(certificate: certificate, key: key)
    }
}

/// A private key in every PEM form that OpenSSL writes.
struct TestKey {
    let certificateKey: Certificate.PrivateKey
    let signatureAlgorithm: Certificate.SignatureAlgorithm
    /// PKCS#8.
    let pkcs8: String
    /// PKCS#1 for RSA, SEC1 for EC.
    let traditional: String

    static func p256() -> Self {
        let key = P256.Signing.PrivateKey()
        return Self(
            certificateKey: Certificate.PrivateKey(key),
            signatureAlgorithm: .ecdsaWithSHA256,
            pkcs8: key.pemRepresentation + "\n",
            traditional: sec1(key.rawRepresentation, curve: .NamedCurves.secp256r1)
        )
    }

    static func p384() -> Self {
        let key = P384.Signing.PrivateKey()
        return Self(
            certificateKey: Certificate.PrivateKey(key),
            signatureAlgorithm: .ecdsaWithSHA384,
            pkcs8: key.pemRepresentation + "\n",
            traditional: sec1(key.rawRepresentation, curve: .NamedCurves.secp384r1)
        )
    }

    /// 2048 bits; the same key in all tests, for making one takes long.
    static func rsa() throws -> Self { try sharedRSA.get() }

    private static let sharedRSA = Result { try newRSA() }

    static func newRSA() throws -> Self {
        let key = try _RSA.Signing.PrivateKey(keySize: .bits2048)
        return Self(
            certificateKey: Certificate.PrivateKey(key),
            signatureAlgorithm: .sha256WithRSAEncryption,
            pkcs8: PEMDocument(type: "PRIVATE KEY", derBytes: Array(key.pkcs8DERRepresentation)).pemString + "\n",
            traditional: PEMDocument(type: "RSA PRIVATE KEY", derBytes: Array(key.derRepresentation)).pemString + "\n"
        )
    }

    /// `ECPrivateKey ::= SEQUENCE { version, privateKey, [0] parameters }` (RFC 5915).
    private static func sec1(_ scalar: Data, curve: ASN1ObjectIdentifier) -> String {
        var serializer = DER.Serializer()
        try? serializer.appendConstructedNode(identifier: .sequence) { node in
            try node.serialize(1)
            try node.serialize(ASN1OctetString(contentBytes: ArraySlice(scalar)))
            try node.serialize(explicitlyTaggedWithTagNumber: 0, tagClass: .contextSpecific) { inner in
                try inner.serialize(curve)
            }
        }
        return PEMDocument(type: "EC PRIVATE KEY", derBytes: serializer.serializedBytes).pemString + "\n"
    }

    /// `EC PARAMETERS` of P-256, which `openssl ecparam -genkey` writes before the key.
    static let curveParameters = "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n"
}
