import SwiftASN1
import TLSPolicy

/// The public key of a certificate, read from its DER (RFC 5280 section 4.1).
///
/// swift-certificates gives no key size, and refuses a certificate as a whole if it does not know the key's kind or
/// finds it small. Reading these few fields here lets the message say which key it was.
extension CertificateKey {
    /// `nil` if the bytes are no certificate.
    init?(certificateDER der: [UInt8]) {
        guard let info = try? Self.publicKeyInfo(of: DER.parse(der)),
            let key = try? Self.read(info)
        else { return nil }
        self = key
    }

    /// True if swift-certificates reads certificates with such a key.
    var isReadable: Bool {
        switch self {
        case .rsa(let bits): bits >= 2048
        case .ecdsa(let bits): [256, 384, 521].contains(bits)
        case .other(let name): name == Self.ed25519
        }
    }

    private static let ed25519 = "Ed25519"

    /// `TBSCertificate ::= SEQUENCE { [0] version, serial, signature, issuer, validity, subject, key, ... }`.
    private static func publicKeyInfo(of certificate: ASN1Node) throws -> ASN1Node? {
        try DER.sequence(certificate, identifier: .sequence) { fields in
            guard let body = fields.next(), fields.next() != nil, fields.next() != nil,
                case .constructed(let children) = body.content
            else { return nil }
            let version = ASN1Identifier(tagWithNumber: 0, tagClass: .contextSpecific)
            return children.drop { $0.identifier == version }.dropFirst(5).first { _ in true }
        }
    }

    private static func read(_ publicKeyInfo: ASN1Node?) throws -> CertificateKey? {
        guard let publicKeyInfo else { return nil }
        return try DER.sequence(publicKeyInfo, identifier: .sequence) { fields in
            guard let algorithm = fields.next() else { return nil }
            let key = try ASN1BitString(derEncoded: &fields)
            return try DER.sequence(algorithm, identifier: .sequence) { parts in
                let kind = try ASN1ObjectIdentifier(derEncoded: &parts)
                let parameters = parts.next()
                switch kind {
                case .AlgorithmIdentifier.rsaEncryption:
                    return .rsa(bits: try modulusBits(key.bytes))
                case .AlgorithmIdentifier.idEcPublicKey:
                    return curve(parameters.flatMap { try? ASN1ObjectIdentifier(derEncoded: $0) })
                case [1, 3, 101, 112]:
                    return .other(ed25519)
                default:
                    return .other("algorithm \(kind)")
                }
            }
        }
    }

    /// `RSAPublicKey ::= SEQUENCE { modulus INTEGER, publicExponent INTEGER }` (RFC 8017 appendix A.1.1).
    private static func modulusBits(_ key: ArraySlice<UInt8>) throws -> Int {
        try DER.sequence(DER.parse(key), identifier: .sequence) { fields in
            let modulus = try ArraySlice<UInt8>(derEncoded: &fields)
            _ = fields.next()
            return modulus.count * 8 - (modulus.first?.leadingZeroBitCount ?? 0)
        }
    }

    private static func curve(_ identifier: ASN1ObjectIdentifier?) -> CertificateKey {
        switch identifier {
        case .some(.NamedCurves.secp256r1): .ecdsa(bits: 256)
        case .some(.NamedCurves.secp384r1): .ecdsa(bits: 384)
        case .some(.NamedCurves.secp521r1): .ecdsa(bits: 521)
        case .some(let other): .other("elliptic curve \(other)")
        case nil: .other("elliptic curve without a name")
        }
    }
}
