/// Works out what applies to one hostname: what a person decided for it, else the tier's policy, strengthened by the
/// hostname's wish, over the zone.
///
/// Total and deterministic. A wish that the tier does not carry is not clamped in silence: the tier's value stands, and
/// ``EffectivePolicy/findings`` names the wish and what stands against it.
///
/// - Parameters:
///   - exceptions: Those that hold now; one whose time is over is not among them.
///   - capabilities: What the provider's plan has, for ``EffectivePolicy/permissions``.
package func resolve(
    _ revision: PolicyRevision,
    wish: HostnameWish = HostnameWish(),
    exceptions: Exceptions = .none,
    capabilities: ProviderCapabilities = .enterprise,
    zone: ZoneSettings = ZoneSettings()
) -> EffectivePolicy {
    var resolution = Resolution(
        revision: revision,
        wish: wish,
        exceptions: exceptions,
        capabilities: capabilities,
        zone: zone
    )
    let minimumTLS = resolution.minimumTLS()
    let ciphers = resolution.ciphers(minimumTLS)
    let certificate = resolution.certificate()
    return EffectivePolicy(
        revision: revision,
        wish: wish,
        exceptions: exceptions,
        zone: zone,
        minimumTLS: minimumTLS,
        ciphers: ciphers,
        tls13: resolution.tls13(),
        http2: resolution.optional(.http2, revision.policy.http2),
        earlyHints: resolution.optional(.earlyHints, revision.policy.earlyHints),
        certificate: certificate,
        authority: IssuingAuthority.resolved(revision, certificate),
        wildcard: resolution.wildcard(),
        wildcardRule: resolution.wildcardRule,
        permissions: resolution.permissions,
        findings: resolution.findings
    )
}

/// One resolution under way.
struct Resolution {
    /// The revision, such as `gold@7`.
    let name: String
    let policy: TierPolicy
    let wish: HostnameWish
    var exceptions: Exceptions
    let capabilities: ProviderCapabilities
    let zone: ZoneSettings
    var findings: [Contradiction] = []

    private var fromTier: Origin { .tier(name, profile: policy.profile) }

    static let noListReason =
        "no list goes with a minimum of TLS 1.3, whose suites cannot be chosen (provider code 1443)"

    init(
        revision: PolicyRevision,
        wish: HostnameWish,
        exceptions: Exceptions,
        capabilities: ProviderCapabilities,
        zone: ZoneSettings
    ) {
        name = revision.description
        policy = revision.policy
        self.wish = wish
        self.exceptions = exceptions
        self.capabilities = capabilities
        self.zone = zone
    }

    mutating func minimumTLS() -> Resolved<TLSVersion> {
        if let decided = overriddenMinimum() { return decided }
        let required = policy.minimumTLS
        let base = required ?? zone.minimumTLS
        let side = required == nil ? "\(name) inherits the zone's TLS \(base)" : "\(name) requires TLS \(base)"
        if let wanted = wish.minimumTLS {
            if wanted > base || (wanted == base && required == nil) {
                return Resolved(
                    setting: .explicit(wanted),
                    origin: .hostname,
                    reason: "the hostname asks for TLS \(wanted), and \(side)"
                )
            }
            if wanted < base { refuse(.minimumBelowTier, "the hostname asks for TLS \(wanted)", side) }
        }
        if let required {
            return Resolved(setting: .explicit(required), origin: fromTier, reason: "\(side) or above")
        }
        let reason = "\(name) sets no minimum: the zone's TLS \(base) applies"
        return Resolved(setting: .inherited(base), origin: .zone, reason: reason)
    }

    mutating func ciphers(_ minimum: Resolved<TLSVersion>) -> Resolved<[CipherSuite]> {
        if let decided = overriddenCiphers(minimum) { return decided }
        let wanted = wishedSuites()
        if minimum.value == .v1_3 {
            // A person who decides on TLS 1.3 sets the hostname's list aside.
            if !(wish.ciphers ?? []).isEmpty, !minimum.origin.isOverride {
                findings.append(.listWithMinimum13(minimum, wanted?.count))
            }
            return Resolved(setting: .absent, origin: minimum.origin, reason: Self.noListReason)
        }
        let required = policy.ciphers.flatMap { $0.isEmpty ? nil : $0 }
        let base = required ?? zone.offeredSuites
        let side = required == nil ? "the zone offers \(base.count)" : "\(name) allows \(base.count)"
        if let wanted, wanted.allSatisfy(base.contains), required == nil || wanted.count < Set(base).count {
            let reason = "the hostname asks for \(wanted.count) suites, of which \(side)"
            return Resolved(setting: .explicit(wanted), origin: .hostname, reason: reason)
        }
        if let extra = wanted?.filter({ !base.contains($0) }), !extra.isEmpty {
            refuse(
                .ciphersBeyondTier,
                "the hostname asks for \(CipherSuite.text(extra))",
                "\(side) suites, and not these"
            )
        }
        if let required {
            let reason = "\(name) allows these \(required.count) suites at TLS 1.2 and below"
            return Resolved(setting: .explicit(required), origin: fromTier, reason: reason)
        }
        let reason = "\(name) sets no list: the zone's applies, \(base.count) suites"
        return Resolved(setting: .inherited(base), origin: .zone, reason: reason)
    }

    /// The list the hostname asks for, if it asks for one and every name in it is good.
    private mutating func wishedSuites() -> [CipherSuite]? {
        guard let names = wish.ciphers, !names.isEmpty else { return nil }
        let list = CipherSuite.parse(names)
        findings += list.problems.map { Contradiction($0) }
        return list.problems.isEmpty ? list.suites : nil
    }

    func tls13() -> Resolved<Switch> {
        if let decided = overriddenTLS13() { return decided }
        if let required = policy.tls13 {
            return Resolved(setting: .explicit(required), origin: fromTier, reason: "\(name) sets tls_1_3 \(required)")
        }
        let reason = "\(name) does not set tls_1_3: the zone's value applies, \(zone.tls13)"
        return Resolved(setting: .inherited(zone.tls13), origin: .zone, reason: reason)
    }

    /// A switch without a promise: left alone unless the tier sets it.
    func optional(_ key: SettingKey, _ required: Switch?) -> Resolved<Switch> {
        if let required {
            let origin = Origin.tier(name, profile: nil)
            let reason = "\(name) sets \(key.rawValue) \(required)"
            return Resolved(setting: .explicit(required), origin: origin, reason: reason)
        }
        let reason = "\(name) does not manage \(key.rawValue): the hostname keeps what it has, else the zone's applies"
        return Resolved(setting: .foreign, origin: .zone, reason: reason)
    }

    mutating func certificate() -> Resolved<CertificateSource> {
        let origin = Origin.tier(name, profile: nil)
        switch (policy.customCertificate, wish.customCertificate) {
        case (.required, _):
            return Resolved(
                setting: .explicit(.custom),
                origin: origin,
                reason: "\(name) requires the tenant's own certificate"
            )
        case (.allowed, true):
            return Resolved(
                setting: .explicit(.custom),
                origin: .hostname,
                reason: "the hostname brings its own certificate, which \(name) allows"
            )
        case (.forbidden, true):
            if let entitlement = exceptions.entitlement(.customCertificate) {
                let reason = "the hostname brings its own certificate, granted beyond \(name): \(entitlement.reason)"
                return Resolved(setting: .explicit(.custom), origin: entitlement.origin, reason: reason)
            }
            refuse(
                .customCertificateNotInTier,
                "the hostname brings its own certificate",
                "\(name) has the provider's only"
            )
            fallthrough
        case (_, false):
            return Resolved(
                setting: .explicit(.managed),
                origin: origin,
                reason: "the provider issues and renews the certificate"
            )
        }
    }

    mutating func wildcard() -> Resolved<Bool> {
        guard wish.wildcard else {
            return Resolved(setting: .explicit(false), origin: .hostname, reason: "no wildcard is asked for")
        }
        let rule = wildcardRule
        if case .reject = rule {
            refuse(.wildcardNotInTier, "the hostname asks for a wildcard", "\(name) has none")
        } else if rule != policy.wildcard, let entitlement = exceptions.entitlement(.wildcard) {
            let reason = "the hostname asks for a wildcard, granted beyond \(name): \(entitlement.reason)"
            return Resolved(setting: .explicit(true), origin: entitlement.origin, reason: reason)
        }
        return Resolved(setting: .explicit(true), origin: .hostname, reason: "the hostname asks for a wildcard")
    }

    private mutating func refuse(_ kind: Contradiction.Kind, _ wanted: String, _ side: String) {
        let remedy =
            switch kind {
            case .minimumBelowTier, .ciphersBeyondTier: "drop the wish, or have the weakening approved"
            default: "drop the wish, move the tenant to a tier that has it, or have it granted"
            }
        findings.append(Contradiction(kind: kind, left: wanted, right: side, remedy: remedy, actor: .tenant))
    }
}
