import Foundation
import Postgres
import TLSPolicy

/// What the demo reads of the database to see how far things are.
struct DemoDatabase: Sendable {
    let pool: PostgresPool

    /// One claimed hostname as it stands.
    struct Standing: Sendable {
        var tenant: String
        var tier: String
        var name: String
        var standing: String
        var actor: String?
        var message: String?
        var appliedPolicy: String?
        /// What handshakes last showed of that policy.
        var proof: String?
    }

    func standings() async throws -> [Standing] {
        try await pool.session { db throws(PostgresError) in
            try db.query(
                """
                select h.tenant, t.tier, h.name, h.standing, h.standing_actor, h.standing_message, h.applied_policy,
                       (select e.result from usher.evidence e
                        where e.hostname_id = h.hostname_id and e.policy = h.applied_policy
                        order by e.evidence_id desc limit 1)
                from usher.hostname h join usher.tenant t using (tenant)
                where h.released_at is null
                order by h.hostname_id
                """,
                as: (String, String, String, String, String?, String?, String?, String?).self
            ).map { row in
                Standing(
                    tenant: row.0,
                    tier: row.1,
                    name: row.2,
                    standing: row.3,
                    actor: row.4,
                    message: row.5,
                    appliedPolicy: row.6,
                    proof: row.7
                )
            }
        }
    }

    /// Every stored policy by the name jobs record, such as `gold@7`.
    func policies() async throws -> [String: TierPolicy] {
        let rows = try await pool.session { db throws(PostgresError) in
            try db.query(
                "select tier || '@' || revision, document from usher.policy",
                as: (String, JSONText).self
            )
        }
        return try Dictionary(
            rows.map { ($0.0, try JSONDecoder().decode(TierPolicy.self, from: Data($0.1.text.utf8))) },
            uniquingKeysWith: { first, _ in first }
        )
    }

    /// Figures that must be nothing, or are worth telling.
    struct Figures: Sendable {
        var staleSettlements: Int
        var misplacedJobs: Int
        var rescuedAttempts: Int
    }

    func figures() async throws -> Figures {
        try await pool.session { db throws(PostgresError) in
            let row = try db.one(
                """
                select (select count(*) from usher.stale_settlement), (select count(*) from usher.misplaced),
                       (select count(*) from usher.attempt where outcome in ('worker_lost', 'overdue'))
                """,
                as: (Int, Int, Int).self
            )
            return Figures(
                staleSettlements: row.0,
                misplacedJobs: row.1,
                rescuedAttempts: row.2
            )
        }
    }
}
