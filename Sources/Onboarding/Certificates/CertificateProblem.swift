package import TLSPolicy

/// Why a certificate file or its private key cannot be used, found before anything is sent.
///
/// Blocks are numbered from 1 in the file at fault, counting PEM blocks of every kind. No case carries text of a file:
/// a key may have been pasted anywhere.
package enum CertificateProblem: Error, Hashable, Sendable {
    /// Longer than any chain or key needs to be.
    case tooLarge(bytes: Int, limit: Int)

    /// The certificate file holds no PEM block.
    case empty
    /// A block of the certificate file cannot be read.
    case unparsable(block: Int, line: Int, PEMDefect)
    /// A certificate's key is of a kind or size that the provider does not take.
    case unsupportedKey(block: Int, CertificateKey)
    /// A block of the certificate file is no certificate; `kind` is its label, or `unknown`.
    case foreignBlock(block: Int, kind: String)
    /// A private key is in the certificate file, which is stored and shown in the clear.
    case keyInChain(block: Int)
    /// More than one certificate is not an authority's.
    case severalLeaves(blocks: [Int])
    /// Every certificate is an authority's.
    case noLeaf

    /// The key file holds no private key.
    case keyMissing
    /// The private key cannot be read.
    case keyUnparsable(block: Int, line: Int, PEMDefect)
    /// The private key is protected by a password.
    case keyEncrypted(block: Int)
    /// The private key is in a form other than PKCS#8, PKCS#1 and SEC1.
    case keyUnsupported(block: Int)
    /// The key file holds more than one private key.
    case severalKeys(blocks: [Int])
    /// The private key belongs to another certificate.
    case keyMismatch
}

extension CertificateProblem {
    /// The code the provider would have answered with; `nil` if it documents none.
    ///
    /// Source: the provider's table of status codes for custom hostnames.
    package var providerCode: Int? {
        switch self {
        case .unparsable: 1426
        case .empty: 1427
        case .keyMissing, .keyUnparsable, .keyEncrypted, .keyUnsupported, .severalKeys: 1428
        case .keyMismatch: 1429
        case .severalLeaves: 1444
        case .noLeaf: 1445
        case .tooLarge, .unsupportedKey, .foreignBlock, .keyInChain: nil
        }
    }

    /// What is wrong, in a sentence without its full stop.
    package var summary: String {
        switch self {
        case .tooLarge(let bytes, let limit): "the PEM text has \(bytes) bytes; the limit is \(limit)"
        case .empty: "the certificate file holds no PEM block"
        case .unparsable(let block, let line, let defect):
            "block \(block) (line \(line)) of the certificate file cannot be read: \(defect)"
        case .unsupportedKey(let block, let key):
            "block \(block) of the certificate file has a key that the provider does not take: \(Self.name(of: key))"
        case .foreignBlock(let block, let kind):
            "block \(block) of the certificate file is no certificate (label: \(kind))"
        case .keyInChain(let block): "block \(block) of the certificate file is a private key"
        case .severalLeaves(let blocks): "blocks \(Self.list(blocks)) of the certificate file are all leaf certificates"
        case .noLeaf: "every certificate of the file is an authority's, none is a leaf"
        case .keyMissing: "the key file holds no private key"
        case .keyUnparsable(let block, let line, let defect):
            "block \(block) (line \(line)) of the key file cannot be read: \(defect)"
        case .keyEncrypted(let block): "block \(block) of the key file is protected by a password"
        case .keyUnsupported(let block): "block \(block) of the key file is a private key of a form nobody takes here"
        case .severalKeys(let blocks): "blocks \(Self.list(blocks)) of the key file are all private keys"
        case .keyMismatch: "the private key does not belong to the leaf certificate"
        }
    }

    /// What the person who supplied the file can do.
    package var remedy: String {
        switch self {
        case .tooLarge, .empty, .unparsable:
            "supply the leaf certificate, then its intermediates, as PEM blocks labelled CERTIFICATE"
        case .unsupportedKey: "have the certificate issued for RSA of 2048 bits or more, or for ECDSA on P-256"
        case .foreignBlock: "remove that block; only the leaf certificate and its intermediates belong in this file"
        case .keyInChain: "pass the key apart from the certificates; if this file was stored or sent, replace the key"
        case .severalLeaves: "keep one leaf; a second one (RSA beside ECDSA) is supplied as a certificate of its own"
        case .noLeaf: "add the certificate that was issued for the hostname, as the first block"
        case .keyMissing: "supply the private key in PEM form: PKCS#8, PKCS#1 (RSA) or SEC1 (EC)"
        case .keyUnparsable: "export the key again, unchanged, in PEM form: openssl pkey -in key.pem -out new.pem"
        case .keyEncrypted:
            "remove the password, which the provider cannot ask for: openssl pkey -in key.pem -out new.pem"
        case .keyUnsupported: "convert it to PKCS#8, for example: openssl pkey -in key.pem -out new.pem"
        case .severalKeys: "keep only the key of the leaf certificate"
        case .keyMismatch: "supply the key that the certificate was requested with, or have it issued for this key"
        }
    }

    private static func list(_ blocks: [Int]) -> String {
        blocks.map(String.init).joined(separator: ", ")
    }

    private static func name(of key: CertificateKey) -> String {
        switch key {
        case .rsa(let bits): "RSA of \(bits) bits"
        case .ecdsa(let bits): "ECDSA of \(bits) bits"
        case .other(let name): name
        }
    }
}

extension CertificateProblem: CustomStringConvertible {
    /// The summary, the provider's code and the remedy in one line.
    package var description: String {
        let code = providerCode.map { " (the provider's code \($0))" } ?? ""
        return "\(summary)\(code): \(remedy)"
    }
}
