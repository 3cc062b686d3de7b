package import Postgres

/// What a billing event came to.
package struct TierEventAnswer: Sendable, Encodable {
    package let tenant: String
    package let tier: String
    /// False if the event came late or was heard before: nothing changed.
    package let applied: Bool
    /// The tier before; `nil` for a new tenant.
    package let previous: String?
    /// Hostnames queued to be brought to the new tier.
    package let jobs: Int
}

/// The tenants and the tiers they are on.
package struct TenantStore: Sendable {
    let pool: PostgresPool

    package init(pool: PostgresPool) {
        self.pool = pool
    }

    /// Tells that a tenant is on a tier, in any order, any number of times.
    ///
    /// - Parameters:
    ///   - event: The billing system's id of the event; heard twice, it counts once.
    ///   - version: The billing system's counter; an event below the newest heard changes nothing.
    package func setTier(
        _ tenant: String,
        to tier: String,
        event: String,
        version: Int64
    ) async throws(PostgresError) -> TierEventAnswer {
        try await pool.transaction { db throws(PostgresError) in
            let (applied, previous, jobs) = try db.one(
                "select applied, previous, jobs from usher.set_tier(\(tenant), \(tier), \(event), \(version))",
                as: (Bool, String?, Int).self
            )
            return TierEventAnswer(tenant: tenant, tier: tier, applied: applied, previous: previous, jobs: jobs)
        }
    }
}
