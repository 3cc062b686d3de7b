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
    /// Whether the provider may put a name of its own into its certificates as the common name, which hostnames above
    /// 64 characters need (code 1469).
    package var branding: Bool

    package init(
        plan: String,
        customCertificates: Bool,
        wildcards: Bool,
        authoritySelection: Bool,
        mutualTLS: Bool,
        branding: Bool = true
    ) {
        self.plan = plan
        self.customCertificates = customCertificates
        self.wildcards = wildcards
        self.authoritySelection = authoritySelection
        self.mutualTLS = mutualTLS
        self.branding = branding
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
