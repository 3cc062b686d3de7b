/// The plain facts of one certificate, as much as a policy decision needs; parsing happens outside this module.
package struct CertificateFacts: Hashable, Sendable, Codable {
    /// dNSName entries of the subject alternative name, lower case, as written (wildcards included).
    package var names: [String]
    /// Seconds since 1970, both inclusive (RFC 5280 section 4.1.2.5).
    package var notBefore: Int64
    package var notAfter: Int64
    package var key: CertificateKey
    package var signature: CertificateSignature
    /// True if basicConstraints says CA.
    package var isAuthority: Bool
    /// Serial number in lower-case hexadecimal.
    package var serial: String
    /// SHA-256 of the DER encoding in lower-case hexadecimal.
    package var fingerprint: String
    /// The issuer's distinguished name in RFC 4514 form.
    package var issuer: String
    /// What came with the certificate; `nil` if only the certificate itself was looked at, which is then judged alone.
    package var chain: ChainFacts?

    package init(
        names: [String],
        notBefore: Int64,
        notAfter: Int64,
        key: CertificateKey,
        signature: CertificateSignature,
        isAuthority: Bool,
        serial: String,
        fingerprint: String,
        issuer: String,
        chain: ChainFacts? = nil
    ) {
        self.names = names
        self.notBefore = notBefore
        self.notAfter = notAfter
        self.key = key
        self.signature = signature
        self.isAuthority = isAuthority
        self.serial = serial
        self.fingerprint = fingerprint
        self.issuer = issuer
        self.chain = chain
    }
}

extension CertificateFacts {
    /// The same once stored: see ``ChainFacts/normalised``.
    package var normalised: CertificateFacts {
        var facts = self
        facts.chain = chain?.normalised
        return facts
    }
}

/// A certificate's public key: its kind and size in bits.
package enum CertificateKey: Hashable, Sendable, Codable {
    case rsa(bits: Int)
    case ecdsa(bits: Int)
    case other(String)
}

/// How a certificate was signed; the provider accepts the first three only (its code 1447).
package enum CertificateSignature: Hashable, Sendable, Codable {
    case sha256WithRSA
    case sha1WithRSA
    case ecdsaWithSHA256
    case other(String)
}

extension CertificateSignature: CustomStringConvertible {
    package var description: String {
        switch self {
        case .sha256WithRSA: "SHA-256 with RSA"
        case .sha1WithRSA: "SHA-1 with RSA"
        case .ecdsaWithSHA256: "ECDSA with SHA-256"
        case .other(let name): name
        }
    }
}
