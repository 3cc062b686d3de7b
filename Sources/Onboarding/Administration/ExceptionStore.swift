package import Postgres
package import TLSPolicy

/// What a decision about one hostname came to.
package struct OverrideAnswer: Sendable, Encodable {
    package let hostname: String
    package let overrideID: Int64
    /// The hostname's job, which acts on it.
    package let jobID: Int64
}

/// What a decision about a tenant came to.
package struct EntitlementAnswer: Sendable, Encodable {
    package let tenant: String
    package let capability: Capability
    package let entitlementID: Int64
    /// Hostnames queued to act on it.
    package let jobs: Int
}

/// What persons decide beside the tiers' policies, over the functions of `migrations/0008_exceptions.sql`.
package struct ExceptionStore: Sendable {
    let pool: PostgresPool

    package init(pool: PostgresPool) {
        self.pool = pool
    }

    /// Decides settings of a claimed hostname, in the place of what was decided before.
    ///
    /// - Throws: `UE041` if nobody claims it, `22023` if it ends in the past or in more than 366 days.
    package func setOverride(_ override: HostnameOverride, of hostname: String) async throws -> OverrideAnswer {
        let until = Timestamp(epochSeconds: Double(override.until))
        return try await answer(
            hostname,
            """
            usher.set_override(\(hostname), \(override.minimumTLS?.rawValue), \(override.ciphers),
                \(override.tls13?.rawValue), \(until), \(override.author), \(override.reason))
            """
        )
    }

    /// Takes the override of a hostname back.
    ///
    /// - Throws: `UE041` if nobody claims it, `UE042` if it has none.
    package func withdrawOverride(
        of hostname: String,
        author: String,
        reason: String
    ) async throws -> OverrideAnswer {
        try await answer(hostname, "usher.withdraw_override(\(hostname), \(author), \(reason))")
    }

    /// Grants a tenant a capability beyond its tier, in the place of the same grant before.
    ///
    /// - Throws: `UE024` if the tenant is not known, `22023` if it ends in the past.
    package func grant(_ entitlement: Entitlement, to tenant: String) async throws -> EntitlementAnswer {
        let until = entitlement.until.map { Timestamp(epochSeconds: Double($0)) }
        let capability = entitlement.capability
        return try await answer(
            tenant,
            capability,
            """
            usher.grant_capability(\(tenant), \(capability.rawValue), \(until), \(entitlement.author),
                \(entitlement.reason))
            """
        )
    }

    /// Takes a grant back.
    ///
    /// - Throws: `UE024` if the tenant is not known, `UE042` if it was not granted this.
    package func revoke(
        _ capability: Capability,
        of tenant: String,
        author: String,
        reason: String
    ) async throws -> EntitlementAnswer {
        try await answer(
            tenant,
            capability,
            "usher.revoke_capability(\(tenant), \(capability.rawValue), \(author), \(reason))"
        )
    }

    /// Notices what has come to its end and has the hostnames' jobs act on it; answers how much there was.
    @discardableResult
    package func endDue(maximum: Int = 1000) async throws -> Int {
        try await pool.transaction { db throws(PostgresError) in
            try db.one("select usher.end_exceptions(\(maximum)::integer)", as: Int.self)
        }
    }

    private func answer(_ hostname: String, _ function: Statement) async throws -> OverrideAnswer {
        let (overrideID, jobID) = try await pool.transaction { db throws(PostgresError) in
            try db.one("select override_id, job_id from \(function)", as: (Int64, Int64).self)
        }
        return OverrideAnswer(hostname: hostname, overrideID: overrideID, jobID: jobID)
    }

    private func answer(
        _ tenant: String,
        _ capability: Capability,
        _ function: Statement
    ) async throws -> EntitlementAnswer {
        let (entitlementID, jobs) = try await pool.transaction { db throws(PostgresError) in
            try db.one("select entitlement_id, jobs from \(function)", as: (Int64, Int).self)
        }
        return EntitlementAnswer(tenant: tenant, capability: capability, entitlementID: entitlementID, jobs: jobs)
    }
}
