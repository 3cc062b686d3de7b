/// What a person decided for the hostname goes before its wish and its tier.
extension Resolution {
    mutating func overriddenMinimum() -> Resolved<TLSVersion>? {
        guard let override = exceptions.override, let decided = override.minimumTLS else { return nil }
        var without = withoutOverride
        return decision(override, decided, without: without.minimumTLS().reason)
    }

    /// The list a person decided; `nil` if nobody did, or if a name in it is bad.
    mutating func overriddenCiphers(_ minimum: Resolved<TLSVersion>) -> Resolved<[CipherSuite]>? {
        guard let override = exceptions.override, let names = override.ciphers, !names.isEmpty else { return nil }
        let list = CipherSuite.parse(names)
        let title = "the override by \(override.author)"
        guard list.problems.isEmpty else {
            findings += list.problems.map { Contradiction($0, askedBy: "\(title) names", actor: .operator) }
            return nil
        }
        guard minimum.value != .v1_3 else {
            findings.append(.listWithMinimum13(minimum, names.count, askedBy: "\(title) sets", actor: .operator))
            return Resolved(setting: .absent, origin: minimum.origin, reason: Self.noListReason)
        }
        var without = withoutOverride
        let base = without.minimumTLS()
        return decision(override, list.suites, without: without.ciphers(base).reason)
    }

    func overriddenTLS13() -> Resolved<Switch>? {
        guard let override = exceptions.override, let decided = override.tls13 else { return nil }
        return decision(override, decided, without: withoutOverride.tls13().reason)
    }

    private var withoutOverride: Resolution {
        var other = self
        other.exceptions.override = nil
        return other
    }

    private func decision<Value>(
        _ override: HostnameOverride,
        _ value: Value,
        without reason: String
    ) -> Resolved<Value> {
        Resolved(
            setting: .explicit(value),
            origin: override.origin,
            reason: "\(override.reason); without the override: \(reason)"
        )
    }
}

extension EffectivePolicy {
    /// The keys whose value a person decided for this hostname, which is the approval to weaken these and no others.
    package var overriddenKeys: Set<SettingKey> { exceptions.override?.keys ?? [] }
}
