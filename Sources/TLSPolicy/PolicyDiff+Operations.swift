/// What a tier says about the way from one promise to another.
extension PolicyDiff {
    /// Who has no plan keeps everything, and so has one that keeps everything: only what ends is less.
    mutating func compareDowngrades(_ old: TierPolicy, _ new: TierPolicy) {
        let (before, after) = (old.downgrade, new.downgrade)
        let grace: PromiseDirection =
            if let before, let after { .rising(before.graceDays, after.graceDays) } else { .unchanged }
        add(.downgradeGrace, before.map { "\($0.graceDays)" }, after.map { "\($0.graceDays)" }, grace)
        add(.downgradeNotices, before.map { days($0.notifyDays) }, after.map { days($0.notifyDays) })
        compareEnd(.downgradeCertificate, before?.customCertificate, after?.customCertificate)
        compareEnd(.downgradeMutualTLS, before?.mutualTLS, after?.mutualTLS)
        compareEnd(.downgradeMinimumTLS, before?.minimumTLS, after?.minimumTLS)
        compareEnd(.downgradeCiphers, before?.ciphers, after?.ciphers)
        compareEnd(.downgradeWildcard, before?.wildcard, after?.wildcard)
    }

    /// The cases of an end are in the order of what they leave.
    private mutating func compareEnd<End: CaseIterable & Equatable & RawRepresentable<String>>(
        _ key: PolicyKey,
        _ before: End?,
        _ after: End?
    ) {
        func taken(_ end: End?) -> Int {
            end.flatMap { end in Array(End.allCases).firstIndex(of: end) } ?? 0
        }
        add(key, before?.rawValue, after?.rawValue, .rising(-taken(before), -taken(after)))
    }

    /// How changes are made, and when, is no promise to a tenant.
    mutating func compareOperations(_ old: TierPolicy, _ new: TierPolicy) {
        func compare(_ key: PolicyKey, _ value: (TierPolicy) -> String?) { add(key, value(old), value(new)) }
        compare(.rolloutSteps) { $0.rollout?.steps.map(\.description).joined(separator: " ") }
        compare(.rolloutSoak) { $0.rollout.map { "\($0.soakMinutes)" } }
        compare(.rolloutHaltFailed) { $0.rollout.map { "\($0.haltOn.failedPercent)%" } }
        compare(.rolloutHaltHandshakes) { $0.rollout.map { "\($0.haltOn.failedHandshakes)" } }
        compare(.rolloutHaltSample) { $0.rollout.map { "\($0.haltOn.minimumSample)" } }
        compare(.rolloutOnHalt) { $0.rollout?.onHalt.rawValue }
        compare(.guardChange) { $0.guards.map { "\($0.maximumChangePercent)%" } }
        compare(.guardDelete) { $0.guards.map { "\($0.maximumDeletePercent)%" } }
        compare(.guardPopulation) { $0.guards.map { "\($0.minimumPopulation)" } }
        compare(.windows) { $0.windows?.map(\.description).joined(separator: "; ") }
    }
}
