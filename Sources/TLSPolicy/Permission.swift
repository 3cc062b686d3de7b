/// Whether a capability may be used on one hostname, and who says so.
package struct Permission: Hashable, Sendable {
    package let capability: Capability
    /// The tier or the person that allows it; `nil` if nobody does.
    package let grantedBy: Origin?
    /// The provider's plan, if it lacks the capability.
    package let missingFromPlan: String?
    /// A sentence without its full stop.
    package let reason: String

    package var isUsable: Bool { grantedBy != nil && missingFromPlan == nil }

    /// What decides: the plan where it lacks what is allowed, else who allows it.
    ///
    /// `nil` if nobody allows it.
    package var origin: Origin? {
        guard let grantedBy else { return nil }
        return missingFromPlan.map(Origin.providerPlan) ?? grantedBy
    }

    /// What is allowed and cannot be had; it stops no hostname that does not ask for it.
    package var contradiction: Contradiction? {
        guard let grantedBy, let plan = missingFromPlan else { return nil }
        return Contradiction(
            kind: capability.missingKind,
            left: "\(capability.title) is allowed (\(grantedBy))",
            right: "the provider's plan \(plan) has none",
            remedy: "have the plan changed, or take the permission back",
            actor: .operator
        )
    }
}

extension Resolution {
    /// Every capability with who allows it.
    var permissions: [Permission] { Capability.allCases.map(permission) }

    private func permission(_ capability: Capability) -> Permission {
        let entitlement = exceptions.entitlement(capability)
        let plan = capabilities.include(capability) ? nil : capabilities.plan
        var (grantedBy, reason): (Origin?, String) =
            if policy.allows(capability) {
                (.tier(name, profile: nil), "\(name) allows it")
            } else if let entitlement {
                (entitlement.origin, "granted beyond \(name): \(entitlement.reason)")
            } else {
                (nil, "\(name) does not include it, and nobody has granted it")
            }
        if let plan, grantedBy != nil { reason += "; but the provider's plan \(plan) has none" }
        return Permission(capability: capability, grantedBy: grantedBy, missingFromPlan: plan, reason: reason)
    }

    /// What is done with wildcards: a person's grant takes them where the tier alone would not.
    var wildcardRule: WildcardRule {
        guard exceptions.entitlement(.wildcard) != nil else { return policy.wildcard }
        return switch policy.wildcard {
        case .reject: .directOnly
        case .requireZoneMinimum(let floor) where zone.minimumTLS < floor: .directOnly
        case .directOnly, .requireZoneMinimum: policy.wildcard
        }
    }
}

extension TierPolicy {
    fileprivate func allows(_ capability: Capability) -> Bool {
        switch capability {
        case .customCertificate: customCertificate != .forbidden
        case .wildcard: wildcard != .reject
        case .mutualTLS: mutualTLS
        }
    }
}

extension ProviderCapabilities {
    fileprivate func include(_ capability: Capability) -> Bool {
        switch capability {
        case .customCertificate: customCertificates
        case .wildcard: wildcards
        case .mutualTLS: mutualTLS
        }
    }
}

extension Capability {
    fileprivate var title: String {
        switch self {
        case .customCertificate: "a certificate of the tenant's own"
        case .wildcard: "a wildcard"
        case .mutualTLS: "asking for client certificates"
        }
    }

    fileprivate var missingKind: Contradiction.Kind {
        switch self {
        case .customCertificate: .customCertificateNotInPlan
        case .wildcard: .wildcardNotInPlan
        case .mutualTLS: .mutualTLSNotInPlan
        }
    }
}
