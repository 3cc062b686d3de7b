/// What a tier, or a person beyond the tier, lets a tenant's hostnames have.
package enum Capability: String, CaseIterable, Hashable, Sendable, Codable {
    /// A certificate that the tenant brings.
    case customCertificate = "custom_certificate"
    /// Names below the hostname; granted beyond the tier they are covered in part, as in ``WildcardRule/directOnly``.
    case wildcard
    /// Client certificates.
    case mutualTLS = "mtls"
}

/// A capability that a person granted a tenant beyond its tier.
package struct Entitlement: Hashable, Sendable, Codable {
    package var capability: Capability
    package var author: String
    package var reason: String
    /// The first moment at which it holds no longer, in seconds since 1970; `nil` until it is revoked.
    package var until: Int64?

    package init(capability: Capability, author: String, reason: String, until: Int64? = nil) {
        self.capability = capability
        self.author = author
        self.reason = reason
        self.until = until
    }

    var origin: Origin { .entitlement(by: author, until: until) }
}

/// What persons decided for one hostname beside its tier's policy; only what holds at this moment.
package struct Exceptions: Hashable, Sendable, Codable {
    package var override: HostnameOverride?
    /// At most one for each capability.
    package var entitlements: [Entitlement]

    package init(override: HostnameOverride? = nil, entitlements: [Entitlement] = []) {
        self.override = override
        self.entitlements = entitlements
    }

    /// Nobody decided anything.
    package static let none = Exceptions()

    func entitlement(_ capability: Capability) -> Entitlement? {
        entitlements.first { $0.capability == capability }
    }
}
