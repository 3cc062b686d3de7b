package import Foundation
package import Postgres

/// How deep the queue was when somebody last looked: what pages, commands and metrics show instead of counting.
package struct QueueDepth: Sendable, Encodable {
    package let takenAt: Date
    package let ready: Int
    package let deferred: Int
    package let running: Int
    /// False where the number is the planner's estimate.
    package let readyIsExact: Bool
    package let deferredIsExact: Bool
    /// How long the first of the jobs that may be claimed had been in the queue, in seconds.
    package let oldestReady_s: Int
    /// Why jobs wait, and how many for that.
    package let reasons: [String: Int]
    package let tiers: [String: Tier]

    /// The jobs of one tier; of a deep queue, scaled up from a sample.
    package struct Tier: Sendable, Codable {
        package let ready: Int
        package let running: Int
    }

    /// Folds statistics and looks at the queue, if nobody has in the last second; cheap to call at any time.
    package static func refresh(in pool: PostgresPool) async throws(PostgresError) {
        _ = try await pool.transaction { db throws(PostgresError) in
            try db.one(
                "select usher.fold_statistics(), usher.refresh_queue_depth(), usher.refresh_standings()",
                as: (Int, Bool, Bool).self
            )
        }
    }

    /// The last look.
    package static func read(_ db: borrowing Session) throws(PostgresError) -> QueueDepth {
        QueueDepth(
            try db.one(
                """
                select taken_at, ready, deferred, running, ready_exact, deferred_exact,
                       coalesce(extract(epoch from taken_at - oldest_at), 0)::integer, reasons, tiers
                from usher.queue_depth
                """,
                as: Columns.self
            )
        )
    }

    private typealias Columns = (Timestamp, Int, Int, Int, Bool, Bool, Int, JSONText, JSONText)

    private init(_ columns: Columns) {
        takenAt = columns.0.date
        (ready, deferred, running) = (columns.1, columns.2, columns.3)
        (readyIsExact, deferredIsExact, oldestReady_s) = (columns.4, columns.5, columns.6)
        reasons = (try? ServerDocument.decoded(columns.7)) ?? [:]
        tiers = (try? ServerDocument.decoded(columns.8)) ?? [:]
    }
}
