/// Who issues the provider's certificates for a hostname, where a tier decides it.
///
/// The raw values are the provider's (`ssl.certificate_authority`); only its Enterprise plan takes the key (code 1459).
/// Source: the provider's API reference, custom hostnames.
package enum IssuingAuthority: String, CaseIterable, Hashable, Sendable, Codable {
    case google
    case letsEncrypt = "lets_encrypt"
    case sslCom = "ssl_com"
}

extension IssuingAuthority {
    /// What a revision decides about the authority: nothing where the tenant brings the certificate.
    static func resolved(
        _ revision: PolicyRevision,
        _ certificate: Resolved<CertificateSource>
    ) -> Resolved<IssuingAuthority> {
        guard let required = revision.policy.certificateAuthority else {
            return Resolved(
                setting: .foreign,
                origin: .provider,
                reason: "\(revision) names no authority: the provider chooses, and what it chose is kept"
            )
        }
        if certificate.value == .custom {
            return Resolved(
                setting: .absent,
                origin: certificate.origin,
                reason: "the tenant's own certificate is served: no authority is chosen for it"
            )
        }
        return Resolved(
            setting: .explicit(required),
            origin: .tier(revision.description, profile: nil),
            reason: "\(revision) has certificates issued by \(required.rawValue)"
        )
    }
}
