/// The keys of a hostname that a policy decides, in the order they are shown and changed.
///
/// The raw values of the first five are the provider's, in `ssl.settings`.
package enum SettingKey: String, CaseIterable, Hashable, Sendable, Codable {
    case minimumTLS = "min_tls_version"
    case ciphers
    case tls13 = "tls_1_3"
    case http2
    case earlyHints = "early_hints"
    case certificate
    case authority = "certificate_authority"
    case wildcard
}

/// Whose certificate a hostname serves.
package enum CertificateSource: String, CaseIterable, Hashable, Sendable, Codable {
    /// The provider's, always an RSA and an ECDSA one.
    case managed
    /// The tenant's.
    case custom
}
