import Foundation
package import Postgres

/// How a replay is to go.
package struct ReplayPlan: Sendable {
    /// Jobs queued first, alone; all of them must be answered before more are.
    package var canary: Int
    /// Jobs queued in a minute; `nil` for as many as go well.
    package var perMinute: Int?
    /// The share of its own jobs, from 0 to 1, above which it halts.
    package var haltAt: Double
    /// How many jobs a preview told; if others are selected, nothing is done.
    package var expected: Int?

    package init(canary: Int = 25, perMinute: Int? = nil, haltAt: Double = 0.05, expected: Int? = nil) {
        self.canary = canary
        self.perMinute = perMinute
        self.haltAt = haltAt
        self.expected = expected
    }
}

/// What a replay would take at this moment.
package struct ReplayPreview: Sendable, Encodable {
    package let replayed: Int
    /// Jobs left alone; ``causes`` says why.
    package let superseded: Int
    /// The filter as it was understood.
    package let scope: String
    package let causes: [String: Int]
    /// The jobs by their class of error.
    package let errors: [String: Int]
    package let tenants: Int
}

/// A replay that was ordered: what it takes is fixed.
package struct StartedReplay: Sendable, Encodable {
    package let replayID: Int64
    package let batchID: Int64
    package let replayed: Int
    package let superseded: Int
    /// The filter as it was understood.
    package let scope: String
    package let state: String
}

/// Replays as governed operations, over the functions of `migrations/0016_operate.sql`.
///
/// Refusals come as the server's codes: `UE050` a filter that is not understood, `UE051` no such replay, `UE052` not in
/// a state for that order, `UE053` another number of jobs than expected.
extension Orders {
    /// Counts what ``startReplay(_:reason:_:)`` would freeze.
    package func previewReplay(_ query: JobQuery) async throws -> ReplayPreview {
        let (selected, superseded, scope, causes, errors, tenants) = try await pool.session {
            db throws(PostgresError) in
            try db.one(
                """
                select selected, superseded, scope, causes, errors, tenants
                from usher.replay_preview(\(query.replayText))
                """,
                as: (Int, Int, String, JSONText, JSONText, Int).self
            )
        }
        return ReplayPreview(
            replayed: selected,
            superseded: superseded,
            scope: scope,
            causes: try ServerDocument.decoded(causes),
            errors: try ServerDocument.decoded(errors),
            tenants: tenants
        )
    }

    /// Freezes what the query selects and queues the canary; workers carry it on.
    package func startReplay(
        _ query: JobQuery,
        reason: String,
        _ plan: ReplayPlan
    ) async throws(PostgresError) -> StartedReplay {
        try await give { db throws(PostgresError) in
            let row = try db.one(
                """
                select replay_id, batch_id, selected, superseded, scope, state
                from usher.replay_start(\(query.replayText), \(reason), \(plan.canary)::integer,
                                        \(plan.perMinute)::integer, \(plan.haltAt)::numeric, \(plan.expected)::integer)
                """,
                as: (Int64, Int64, Int, Int, String, String).self
            )
            return StartedReplay(
                replayID: row.0,
                batchID: row.1,
                replayed: row.2,
                superseded: row.3,
                scope: row.4,
                state: row.5
            )
        }
    }

    /// Queues no more; what is queued runs on.
    ///
    /// - Returns: The replay's state.
    package func haltReplay(_ replayID: Int64, reason: String) async throws(PostgresError) -> String {
        try await give { db throws(PostgresError) in
            try db.one("select usher.replay_halt(\(replayID), \(reason))", as: String.self)
        }
    }

    /// Goes on with what is left, a canary first.
    ///
    /// - Returns: The replay's state.
    package func resumeReplay(_ replayID: Int64, reason: String) async throws(PostgresError) -> String {
        try await give { db throws(PostgresError) in
            try db.one("select usher.replay_resume(\(replayID), \(reason))", as: String.self)
        }
    }

    /// Ends it; what is not queued yet is left as it was.
    ///
    /// - Returns: The replay's state.
    package func cancelReplay(_ replayID: Int64, reason: String) async throws(PostgresError) -> String {
        try await give { db throws(PostgresError) in
            try db.one("select usher.replay_cancel(\(replayID), \(reason))", as: String.self)
        }
    }
}

extension JobQuery {
    /// The query of a replay: failed jobs, if nothing else is said.
    fileprivate var replayText: String { text ?? "state = failed" }
}
