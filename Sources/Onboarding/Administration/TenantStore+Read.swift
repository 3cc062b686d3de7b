package import Foundation
import JobQueue
package import Postgres

/// One tenant as a list shows it.
package struct TenantSummary: Sendable, Encodable {
    package let tenant: String
    package let tier: String
    /// Hostnames claimed now.
    package let hostnames: Int
    /// What was granted beyond the tier and holds now.
    package let granted: [String]
    package let createdAt: Date
}

extension TenantStore {
    /// The tenants by name; of all, or one.
    package func list(_ tenant: String? = nil) async throws(PostgresError) -> [TenantSummary] {
        try await pool.session { db throws(PostgresError) in
            try db.query(
                """
                select t.tenant, t.tier,
                       (select count(*) from usher.hostname h where h.tenant = t.tenant and h.released_at is null),
                       array(select e.capability from usher.entitlement e
                             where e.tenant = t.tenant and e.ended_at is null
                               and coalesce(e.until > clock_timestamp(), true) order by e.capability),
                       t.created_at
                from usher.tenant t where \(tenant) is null or t.tenant = \(tenant) order by t.tenant
                """,
                as: (String, String, Int, [String], Timestamp).self
            ).map { row in
                TenantSummary(tenant: row.0, tier: row.1, hostnames: row.2, granted: row.3, createdAt: row.4.date)
            }
        }
    }
}
