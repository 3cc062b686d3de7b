/// What applies to one hostname, key by key, with where it comes from and why.
package struct EffectivePolicy: Hashable, Sendable {
    package let revision: PolicyRevision
    package let wish: HostnameWish
    /// What persons decided beside the tier's policy.
    package let exceptions: Exceptions
    package let zone: ZoneSettings
    package let minimumTLS: Resolved<TLSVersion>
    package let ciphers: Resolved<[CipherSuite]>
    package let tls13: Resolved<Switch>
    package let http2: Resolved<Switch>
    package let earlyHints: Resolved<Switch>
    package let certificate: Resolved<CertificateSource>
    /// Who issues the provider's certificate.
    package let authority: Resolved<IssuingAuthority>
    package let wildcard: Resolved<Bool>
    /// What is done with wildcards: the tier's rule, or that of a grant beyond it.
    package let wildcardRule: WildcardRule
    /// Every capability with who allows it, in the order of ``Capability``.
    package let permissions: [Permission]
    /// What was asked for and not taken over: a weaker wish, a bad cipher name, a list with TLS 1.3.
    package let findings: [Contradiction]
}

extension EffectivePolicy {
    /// The lowest version the edge accepts.
    package var effectiveMinimumTLS: TLSVersion { minimumTLS.value ?? zone.minimumTLS }

    /// Whether the edge offers TLS 1.3.
    package var effectiveTLS13: Switch { tls13.value ?? zone.tls13 }

    /// What the edge offers at TLS 1.2 and below; none if the minimum is TLS 1.3.
    package var offeredSuites: [CipherSuite] {
        effectiveMinimumTLS == .v1_3 ? [] : ciphers.value ?? zone.offeredSuites
    }

    package var servesCustomCertificate: Bool { certificate.value == .custom }

    package var isWildcard: Bool { wildcard.value == true }

    /// The keys to set on the hostname, and nothing else.
    package var explicitSettings: ExplicitSettings {
        ExplicitSettings(
            minimumTLS: minimumTLS.explicit,
            ciphers: ciphers.explicit?.map(\.name) ?? [],
            tls13: tls13.explicit,
            http2: http2.explicit,
            earlyHints: earlyHints.explicit
        )
    }
}

/// What to do with one key of a hostname: set, inherited and unset are different things.
package enum Setting<Value: Hashable & Sendable>: Hashable, Sendable {
    /// Set on the hostname itself.
    case explicit(Value)
    /// Not set on the hostname; the zone's value applies, which is this one.
    case inherited(Value)
    /// Must not be set, and nothing applies.
    case absent
    /// Not ours to decide; what stands there is kept.
    case foreign
}

/// One decided key: its setting, where it comes from, and why.
package struct Resolved<Value: Hashable & Sendable>: Hashable, Sendable {
    package let setting: Setting<Value>
    package let origin: Origin
    /// A sentence without its full stop.
    package let reason: String

    /// What applies, set or inherited; `nil` if nothing does, or not by our decision.
    package var value: Value? {
        switch setting {
        case .explicit(let value), .inherited(let value): value
        case .absent, .foreign: nil
        }
    }

    /// What is to be set on the hostname itself.
    package var explicit: Value? {
        if case .explicit(let value) = setting { value } else { nil }
    }
}

/// Where a decided value comes from.
package enum Origin: Hashable, Sendable {
    /// A revision of the tier's policy, such as `gold@7`, and the profile it took the value from.
    case tier(String, profile: String?)
    /// What the hostname was enqueued with.
    case hostname
    /// A person's decision for this one hostname, until a moment in seconds since 1970.
    case override(by: String, until: Int64)
    /// What a person granted the tenant, until a moment in seconds since 1970 or until it is revoked.
    case entitlement(by: String, until: Int64?)
    /// The zone's plan with the provider.
    case providerPlan(String)
    /// The zone's own value.
    case zone
    /// The provider's choice.
    case provider

    var isOverride: Bool {
        if case .override = self { true } else { false }
    }
}

extension Origin: CustomStringConvertible {
    package var description: String {
        switch self {
        case .tier(let revision, nil): "tier \(revision)"
        case .tier(let revision, let profile?): "tier \(revision), profile \(profile)"
        case .hostname: "hostname"
        case .override(let author, let until): "override by \(author) until \(moment(until))"
        case .entitlement(let author, nil): "entitlement by \(author)"
        case .entitlement(let author, let until?): "entitlement by \(author) until \(moment(until))"
        case .providerPlan(let plan): "provider plan \(plan)"
        case .zone: "zone"
        case .provider: "provider"
        }
    }
}
