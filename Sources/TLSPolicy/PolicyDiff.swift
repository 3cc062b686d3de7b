/// What differs between two policies of a tier, key by key.
///
/// Empty for a policy and itself, and for two that mean the same, such as a list in another order.
package struct PolicyDiff: Hashable, Sendable {
    /// Only the keys that differ, in the order of ``PolicyKey``.
    package private(set) var lines: [Line] = []
    private let before: EffectivePolicy
    private let after: EffectivePolicy

    /// - Parameter zone: What a key that a policy leaves out comes to.
    package init(from before: TierPolicy, to after: TierPolicy, zone: ZoneSettings = ZoneSettings()) {
        self.before = resolve(PolicyRevision(tier: "before", revision: 0, policy: before), zone: zone)
        self.after = resolve(PolicyRevision(tier: "after", revision: 0, policy: after), zone: zone)
        compareSettings(before, after)
        compareRules(before, after)
        compareNumbers(before, after)
        compareDowngrades(before, after)
        compareOperations(before, after)
    }

    /// All lines together.
    package var direction: PromiseDirection { lines.reduce(.unchanged) { $0.joined(with: $1.direction) } }

    private mutating func compareSettings(_ old: TierPolicy, _ new: TierPolicy) {
        add(.profile, old.profile, new.profile)
        add(
            .minimumTLS,
            old.minimumTLS?.rawValue,
            new.minimumTLS?.rawValue,
            .rising(before.effectiveMinimumTLS, after.effectiveMinimumTLS)
        )
        if Set(old.ciphers ?? []) != Set(new.ciphers ?? []) {
            add(.ciphers, old.ciphers.flatMap(text), new.ciphers.flatMap(text), before.ciphersDirection(to: after))
        }
        add(.tls13, old.tls13?.rawValue, new.tls13?.rawValue, before.tls13Direction(to: after))
        add(.http2, old.http2?.rawValue, new.http2?.rawValue)
        add(.earlyHints, old.earlyHints?.rawValue, new.earlyHints?.rawValue)
    }

    private mutating func compareRules(_ old: TierPolicy, _ new: TierPolicy) {
        add(
            .customCertificate,
            old.customCertificate.rawValue,
            new.customCertificate.rawValue,
            .rising(old.customCertificate.rank, new.customCertificate.rank)
        )
        add(.mutualTLS, "\(old.mutualTLS)", "\(new.mutualTLS)", .rising(old.mutualTLS ? 1 : 0, new.mutualTLS ? 1 : 0))
        add(.wildcard, old.wildcard.text, new.wildcard.text, old.wildcard.direction(to: new.wildcard))
        // Any of them is trusted as widely; who issues is no promise.
        add(.certificateAuthority, old.certificateAuthority?.rawValue, new.certificateAuthority?.rawValue)
    }

    private mutating func compareNumbers(_ old: TierPolicy, _ new: TierPolicy) {
        func text(_ limit: Int?) -> String { limit.map { "\($0)" } ?? "no limit" }
        add(.hostnames, text(old.limits.hostnames), text(new.limits.hostnames))
        add(.pending, text(old.limits.pending), text(new.limits.pending))
        add(.running, "\(old.limits.running)", "\(new.limits.running)")
        add(.weight, "\(old.weight)", "\(new.weight)")
        add(.expiryAlertDays, days(old.expiryAlertDays), days(new.expiryAlertDays))
        add(
            .minimumCertificateDays,
            old.minimumCertificateDays.map { "\($0)" },
            new.minimumCertificateDays.map { "\($0)" },
            .rising(old.requiredCertificateDays, new.requiredCertificateDays)
        )
    }

    mutating func add(
        _ key: PolicyKey,
        _ before: String?,
        _ after: String?,
        _ direction: PromiseDirection = .unchanged
    ) {
        guard before != after else { return }
        lines.append(Line(key: key, before: before, after: after, direction: direction))
    }

    private func text(_ suites: [CipherSuite]) -> String? { suites.isEmpty ? nil : CipherSuite.text(suites) }

    func days(_ days: [Int]) -> String { days.map { "\($0)" }.joined(separator: " ") }
}

extension PolicyDiff {
    /// One key that differs.
    package struct Line: Hashable, Sendable {
        package let key: PolicyKey
        /// As text; `nil` if the policy leaves the key out.
        package let before: String?
        package let after: String?
        /// What it means for those who are promised something; `unchanged` for what is no promise, such as a weight.
        package let direction: PromiseDirection
    }
}

extension CustomCertificateRule {
    /// How much of it a tenant may have.
    fileprivate var rank: Int {
        switch self {
        case .forbidden: 0
        case .allowed: 1
        case .required: 2
        }
    }
}

extension WildcardRule {
    fileprivate var text: String {
        switch self {
        case .reject: "reject"
        case .directOnly: "direct_only"
        case .requireZoneMinimum(let version): "require_zone_min \(version)"
        }
    }

    /// To take wildcards gives tenants something, and leaves names without the promise: both directions at once.
    fileprivate func direction(to after: WildcardRule) -> PromiseDirection {
        switch (self, after) {
        case (.reject, .reject), (.directOnly, .directOnly): .unchanged
        case (.reject, _), (_, .reject): .incomparable
        case (.directOnly, .requireZoneMinimum): .stronger
        case (.requireZoneMinimum, .directOnly): .weaker
        case (.requireZoneMinimum(let before), .requireZoneMinimum(let after)): .rising(before, after)
        }
    }
}
