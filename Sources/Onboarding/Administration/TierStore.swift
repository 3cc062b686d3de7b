import Foundation
package import Postgres
package import TLSPolicy

/// What applying a tier came to.
package struct TierChange: Sendable, Encodable {
    package let tier: String
    /// The revision new work resolves to.
    package let revision: Int
    /// The revision before; `nil` for a new tier.
    package let previous: Int?
    /// False if the policy meant the same already: nothing was stored.
    package let changed: Bool
}

/// The tiers and the immutable revisions of their policies.
package struct TierStore: Sendable {
    let pool: PostgresPool

    package init(pool: PostgresPool) {
        self.pool = pool
    }

    /// Makes these the tiers' policies, all or none; a tier whose policy means the same keeps its revision.
    ///
    /// - Parameters:
    ///   - tiers: Names and policies; tiers not named stay as they are.
    ///   - author: Who answers for the change.
    ///   - reason: Kept with each new revision.
    package func apply(
        _ tiers: [(name: String, policy: TierPolicy)],
        author: String,
        reason: String
    ) async throws -> [TierChange] {
        let wanted = try tiers.map { (name: $0.name, policy: $0.policy, document: try CanonicalPolicy($0.policy)) }
        return try await pool.transaction { db throws(PostgresError) in
            // Two who apply at once would both count on from the same revision.
            try db.execute("select pg_advisory_xact_lock(hashtext('usher.tier'))")
            let present = try Self.present(db)
            var changes: [TierChange] = []
            for tier in wanted {
                let known = present[tier.name]
                let changed = known?.checksum != tier.document.checksum
                let revision = (known?.revision ?? 0) + (changed ? 1 : 0)
                if changed {
                    let document = JSONText(tier.document.text)
                    try db.execute(
                        """
                        insert into usher.policy (tier, revision, document, checksum, author, reason)
                        values (\(tier.name), \(revision)::integer, \(document), \(tier.document.checksum), \(author),
                                \(reason))
                        """
                    )
                    try Self.point(tier.name, at: revision, tier.policy, db)
                }
                changes.append(
                    TierChange(tier: tier.name, revision: revision, previous: known?.revision, changed: changed)
                )
            }
            return changes
        }
    }

    private static func present(
        _ db: borrowing Session
    ) throws(PostgresError) -> [String: (revision: Int, checksum: String)] {
        let rows = try db.query(
            """
            select t.name, t.revision, p.checksum
            from usher.tier t join usher.policy p on p.tier = t.name and p.revision = t.revision
            """,
            as: (String, Int, String).self
        )
        return Dictionary(uniqueKeysWithValues: rows.map { ($0.0, (revision: $0.1, checksum: $0.2)) })
    }

    /// Points a tier at a revision, and gives the lanes of its tenants the share that the policy says.
    private static func point(
        _ tier: String,
        at revision: Int,
        _ policy: TierPolicy,
        _ db: borrowing Session
    ) throws(PostgresError) {
        try db.execute(
            """
            insert into usher.tier (name, revision, weight, max_running, hostname_quota, pending_quota)
            values (\(tier), \(revision)::integer, \(policy.weight)::smallint, \(policy.limits.running)::integer,
                    \(policy.limits.hostnames)::integer, \(policy.limits.pending)::integer)
            on conflict (name) do update
            set revision = excluded.revision, weight = excluded.weight, max_running = excluded.max_running,
                hostname_quota = excluded.hostname_quota, pending_quota = excluded.pending_quota,
                changed_at = clock_timestamp()
            """
        )
        try db.execute(
            """
            with held as (
                select lane_id from usher.lane
                where lane_id in (select lane_id from usher.tenant where tier = \(tier))
                order by lane_id for update
            ), changed as (
                update usher.lane
                set weight = \(policy.weight)::smallint, max_running = \(policy.limits.running)::integer
                where lane_id in (select lane_id from held)
                returning lane_id
            )
            -- A lane that stood at its old limit may go on.
            insert into usher.lane_wake (lane_id) select lane_id from changed
            """
        )
    }
}
