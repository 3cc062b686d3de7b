/// What the zone's plan with the provider permits.
///
/// Source: the provider's plans page, custom hostnames. What an account was granted beyond its plan is set by hand.
package struct ProviderCapabilities: Hashable, Sendable, Codable {
    /// The plan's name, for messages.
    package var plan: String
    package var customCertificates: Bool
    package var wildcards: Bool
    /// Whether the certificate authority can be chosen; else naming one is refused (code 1459).
    package var authoritySelection: Bool
    package var mutualTLS: Bool

    package init(
        plan: String,
        customCertificates: Bool,
        wildcards: Bool,
        authoritySelection: Bool,
        mutualTLS: Bool
    ) {
        self.plan = plan
        self.customCertificates = customCertificates
        self.wildcards = wildcards
        self.authoritySelection = authoritySelection
        self.mutualTLS = mutualTLS
    }

    package static let enterprise = ProviderCapabilities(
        plan: "Enterprise",
        customCertificates: true,
        wildcards: true,
        authoritySelection: true,
        mutualTLS: true
    )

    /// Business, and alike Pro and Free: managed certificates for single names.
    package static let business = ProviderCapabilities(
        plan: "Business",
        customCertificates: false,
        wildcards: false,
        authoritySelection: false,
        mutualTLS: false
    )
}
