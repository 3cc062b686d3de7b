package import TLSPolicy

/// The request for a new custom hostname, with its final TLS settings: one call brings it to its policy.
package struct HostnameCreation: Hashable, Sendable {
    /// The name, a canonical A-label of at most 255 characters.
    package let hostname: String
    /// How the certificate authority checks the name; a wildcard needs ``ValidationMethod/txt``.
    package let method: ValidationMethod
    /// Whether the certificate also covers the names one label below; Enterprise only.
    package let wildcard: Bool
    /// The TLS settings to have from the start.
    package let settings: SSLSettings
    /// None asks the provider to issue and renew the certificate; two are one with an RSA and one with an ECDSA key.
    package let certificates: [CustomCertificate]
    /// `nil` leaves the choice to the provider; choosing takes its Enterprise plan (code 1459).
    package let authority: IssuingAuthority?

    package init(
        hostname: String,
        method: ValidationMethod,
        wildcard: Bool = false,
        settings: SSLSettings,
        certificates: [CustomCertificate] = [],
        authority: IssuingAuthority? = nil
    ) {
        self.hostname = hostname
        self.method = method
        self.wildcard = wildcard
        self.settings = settings
        self.certificates = certificates
        self.authority = authority
    }

    /// Longest common name in a certificate (RFC 5280, ub-common-name); a longer name needs a second, short one.
    private static let longestCommonName = 64
}

extension HostnameCreation: Encodable {
    private enum CodingKeys: String, CodingKey {
        case hostname, ssl
    }

    package func encode(to encoder: any Encoder) throws {
        let isTooLongForCommonName = hostname.utf8.count > Self.longestCommonName
        let ssl = SSLBody(
            method: method.rawValue,
            type: CertificateType.domainValidated.rawValue,
            settings: settings,
            wildcard: wildcard ? true : nil,
            needsBranding: isTooLongForCommonName && certificates.isEmpty,
            certificates: certificates,
            authority: authority
        )
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(hostname, forKey: .hostname)
        try fields.encode(ssl, forKey: .ssl)
    }
}
