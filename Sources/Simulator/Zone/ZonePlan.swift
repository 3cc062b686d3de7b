/// The zone's plan, as far as it decides what custom hostnames may have.
package enum ZonePlan: String, CaseIterable, Hashable, Sendable, Codable {
    case free
    case pro
    case business
    case enterprise

    /// Custom certificates, wildcard hostnames and the choice of an authority: Enterprise only.
    var isEnterprise: Bool { self == .enterprise }

    /// The numbers of a new zone: 100 included and 50,000 at most; an Enterprise contract has its own.
    package var quota: SimulatedZone.Quota {
        var quota = SimulatedZone.Quota()
        if isEnterprise { (quota.allocated, quota.hardCap) = (50_000, 1_000_000) }
        return quota
    }
}
