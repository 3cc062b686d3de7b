package import Foundation
import JobQueue
import Postgres
package import TLSPolicy

/// One revision of a tier's policy with where it came from.
package struct TierRecord: Sendable, Encodable {
    package let tier: String
    package let revision: Int
    /// Whether new work resolves to this revision.
    package let isCurrent: Bool
    package let policy: TierPolicy
    package let checksum: String
    package let author: String
    package let reason: String
    package let createdAt: Date
    /// Tenants on the tier, whatever revision their hostnames were brought to.
    package let tenants: Int
}

extension TierStore {
    /// The tiers, each with its current revision, by name.
    package func list() async throws -> [TierRecord] {
        try await records("t.revision = p.revision")
    }

    /// One revision of a tier, by default the current one; `nil` if there is none.
    package func get(_ tier: String, revision: Int? = nil) async throws -> TierRecord? {
        try await records("t.name = \(tier) and p.revision = coalesce(\(revision), t.revision)").first
    }

    private func records(_ condition: Statement) async throws -> [TierRecord] {
        let rows = try await pool.session { db throws(PostgresError) in
            try db.query(
                """
                select t.name, p.revision, p.revision = t.revision, p.document, p.checksum, p.author, p.reason,
                       p.created_at, (select count(*) from usher.tenant where tier = t.name)
                from usher.tier t join usher.policy p on p.tier = t.name
                where \(condition)
                order by t.name, p.revision
                """,
                as: (String, Int, Bool, JSONText, String, String, String, Timestamp, Int).self
            )
        }
        let decoder = JSONDecoder()
        return try rows.map { row in
            TierRecord(
                tier: row.0,
                revision: row.1,
                isCurrent: row.2,
                policy: try decoder.decode(TierPolicy.self, from: Data(row.3.text.utf8)),
                checksum: row.4,
                author: row.5,
                reason: row.6,
                createdAt: row.7.date,
                tenants: row.8
            )
        }
    }
}
