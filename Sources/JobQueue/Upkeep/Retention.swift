package import Foundation
package import Postgres

/// How long things are kept, and what has left; over the functions of `migrations/0017_upkeep.sql`.
package struct Retention: Sendable {
    private let pool: PostgresPool

    package init(pool: PostgresPool) {
        self.pool = pool
    }

    /// The rule of one subject.
    package struct Policy: Sendable, Encodable {
        package let subject: String
        /// How long at least, in days; `nil` is for ever.
        package let keepDays: Int?
        package let note: String
    }

    /// Something that left, was moved to be kept longer, or could not leave.
    package struct Step: Sendable, Encodable {
        package let subject: String
        /// The table or partition.
        package let part: String
        /// `deleted`, `dropped`, `moved` or `waits`.
        package let action: String
        package let rows: Int
        package let reason: String
        /// When; `nil` of what was not done.
        package let at: Date?
    }

    /// Every rule, by subject.
    package func policies() async throws(PostgresError) -> [Policy] {
        try await pool.session { db throws(PostgresError) in
            try db.query(
                """
                select subject, ceil(extract(epoch from keep) / 86400)::integer, note
                from usher.retention_policy order by subject
                """,
                as: (String, Int?, String).self
            ).map { Policy(subject: $0.0, keepDays: $0.1, note: $0.2) }
        }
    }

    /// Changes a rule; `nil` keeps for ever.
    package func keep(_ subject: String, days: Int?, author: String, reason: String) async throws(PostgresError) {
        _ = try await pool.transaction { db throws(PostgresError) in
            try db.nameActor(author)
            return try db.execute(
                "select usher.set_retention(\(subject), make_interval(days => \(days)::integer), \(reason))"
            )
        }
    }

    /// Removes what is older than its rule, one piece a transaction, until nothing is left; answers what was done.
    package func apply() async throws(PostgresError) -> [Step] {
        var steps: [Step] = []
        // What is busy stays for the next time.
        for _ in 0..<1000 {
            let (more, some) = try await piece(dryRun: false)
            steps += some
            if !more || some.allSatisfy({ $0.action == "waits" }) { break }
        }
        return steps
    }

    /// What the next piece would come to; of single rows all that would leave in time.
    package func preview() async throws(PostgresError) -> [Step] {
        try await piece(dryRun: true).steps
    }

    private func piece(dryRun: Bool) async throws(PostgresError) -> (more: Bool, steps: [Step]) {
        try await pool.transaction { db throws(PostgresError) in
            // One row for each step, and one at least.
            let rows = try db.query(
                """
                select a.more, s.subject, s.part, s.action, s.rows, s.reason, case when not \(dryRun) then now() end
                from usher.apply_retention(\(dryRun)) a left join lateral unnest(a.steps) s on true
                """,
                as: (Bool, String?, String?, String?, Int?, String?, Timestamp?).self
            )
            return (rows.first?.0 ?? false, rows.compactMap(Step.init))
        }
    }

    /// What has left and what could not, the newest first.
    package func log(limit: Int) async throws(PostgresError) -> [Step] {
        try await pool.session { db throws(PostgresError) in
            try db.query(
                """
                select false, subject, part, action, rows, reason, at from usher.retention_log
                order by log_id desc limit \(limit)
                """,
                as: (Bool, String?, String?, String?, Int?, String?, Timestamp?).self
            ).compactMap(Step.init)
        }
    }
}

extension Retention.Step {
    /// `nil` for a row that tells of no step.
    fileprivate init?(_ columns: (Bool, String?, String?, String?, Int?, String?, Timestamp?)) {
        guard let subject = columns.1, let part = columns.2, let action = columns.3, let rows = columns.4,
            let reason = columns.5
        else { return nil }
        self.init(
            subject: subject,
            part: part,
            action: action,
            rows: rows,
            reason: reason,
            at: columns.6?.date
        )
    }
}
