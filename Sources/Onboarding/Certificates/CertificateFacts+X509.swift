import Crypto
import Foundation
import SwiftASN1
package import TLSPolicy
import X509

extension CertificateFacts {
    /// Reads a certificate as a server shows it; `nil` if it cannot be read.
    package init?(der: [UInt8]) {
        guard let key = CertificateKey(certificateDER: der), let certificate = try? Certificate(derEncoded: der),
            let facts = try? CertificateFacts(certificate, der: der, key: key)
        else { return nil }
        self = facts
    }

    /// Takes the facts from a parsed certificate; throws if its extensions are malformed.
    init(_ certificate: Certificate, der: [UInt8], key: CertificateKey) throws {
        self.init(
            names: try Self.names(of: certificate),
            notBefore: Int64(certificate.notValidBefore.timeIntervalSince1970),
            notAfter: Int64(certificate.notValidAfter.timeIntervalSince1970),
            key: key,
            signature: CertificateSignature(certificate.signatureAlgorithm),
            isAuthority: try Self.isAuthority(certificate),
            serial: Self.hexadecimal(certificate.serialNumber.bytes),
            fingerprint: Self.hexadecimal(SHA256.hash(data: der)),
            issuer: certificate.issuer.description
        )
    }

    private static func names(of certificate: Certificate) throws -> [String] {
        try certificate.extensions.subjectAlternativeNames?.compactMap { name in
            guard case .dnsName(let text) = name else { return nil }
            return text.lowercased()
        } ?? []
    }

    private static func isAuthority(_ certificate: Certificate) throws -> Bool {
        guard case .isCertificateAuthority = try certificate.extensions.basicConstraints else { return false }
        return true
    }

    private static func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
        bytes.lazy.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}

extension CertificateSignature {
    init(_ algorithm: Certificate.SignatureAlgorithm) {
        self =
            switch algorithm {
            case .sha256WithRSAEncryption: .sha256WithRSA
            case .sha1WithRSAEncryption: .sha1WithRSA
            case .ecdsaWithSHA256: .ecdsaWithSHA256
            case .sha384WithRSAEncryption: .other("SHA-384 with RSA")
            case .sha512WithRSAEncryption: .other("SHA-512 with RSA")
            case .ecdsaWithSHA384: .other("ECDSA with SHA-384")
            case .ecdsaWithSHA512: .other("ECDSA with SHA-512")
            case .ed25519: .other("Ed25519")
            default: .other(String(describing: algorithm))
            }
    }
}
