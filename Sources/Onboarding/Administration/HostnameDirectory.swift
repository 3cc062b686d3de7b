package import Foundation
import JobQueue
package import Postgres

/// One line of a list of hostnames.
package struct HostnameSummary: Sendable, Encodable {
    package let hostname: String
    package let tenant: String
    package let tier: String
    /// A word of the closed list of `usher.hostname.standing`.
    package let standing: String
    /// Who must act; `nil` if nobody must.
    package let actor: String?
    package let message: String?
    /// The revision that was last written to the provider.
    package let appliedPolicy: String?
    package let claimedAt: Date
}

/// Everything stored of one claimed hostname that a person may want to see.
package struct HostnameReport: Sendable, Encodable {
    package let hostnameID: Int64
    package let hostname: String
    package let tenant: String
    package let tier: String
    /// The tier's present revision.
    package let revision: Int
    package let standing: String
    package let actor: String?
    package let message: String?
    package let generation: Int64
    /// The last generation brought into force.
    package let observedGeneration: Int64
    package let providerID: String?
    package let appliedPolicy: String?
    package let appliedAt: Date?
    /// What the provider last showed.
    package let observed: Observation?
    package let observedAt: Date?
    /// The DNS records the tenant must set, as first seen.
    package let validation: ValidationRecords?
    package let validationSeenAt: Date?
    /// The live job, if there is one.
    package let jobID: Int64?
}

/// Which hostnames a list shows, newest claim first.
package struct HostnameFilter: Sendable {
    package var tenant: String?
    package var standing: String?
    /// At most this many.
    package var limit: Int

    package init(tenant: String? = nil, standing: String? = nil, limit: Int = 50) {
        self.tenant = tenant
        self.standing = standing
        self.limit = limit
    }
}

/// The claimed hostnames, as people look at them.
package struct HostnameDirectory: Sendable {
    let pool: PostgresPool

    package init(pool: PostgresPool) {
        self.pool = pool
    }

    /// The hostnames that match.
    package func list(_ filter: HostnameFilter) async throws(PostgresError) -> [HostnameSummary] {
        try await pool.session { db throws(PostgresError) in
            try db.query(
                """
                select h.name, h.tenant, t.tier, h.standing, h.standing_actor, h.standing_message, h.applied_policy,
                       h.claimed_at
                from usher.hostname h join usher.tenant t using (tenant)
                where h.released_at is null
                  and coalesce(h.tenant = \(filter.tenant), true) and coalesce(h.standing = \(filter.standing), true)
                order by h.hostname_id desc limit \(filter.limit)
                """,
                as: (String, String, String, String, String?, String?, String?, Timestamp).self
            ).map { row in
                HostnameSummary(
                    hostname: row.0,
                    tenant: row.1,
                    tier: row.2,
                    standing: row.3,
                    actor: row.4,
                    message: row.5,
                    appliedPolicy: row.6,
                    claimedAt: row.7.date
                )
            }
        }
    }
}
