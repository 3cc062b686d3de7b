package import Postgres

/// The jobs a cancellation takes, frozen before anybody is asked: the number shown is the number acted on.
package struct PreparedCancel: Sendable, Encodable {
    package let cancelID: Int64
    package let selected: Int
    /// The filter as it was understood.
    package let scope: String
    /// The jobs by their state.
    package let states: [String: Int]
    package let tenants: Int
}

/// What a step of a cancellation came to.
package struct CancelProgress: Sendable, Encodable {
    package var cancelled = 0
    /// Running attempts that were asked to stop.
    package var cancelling = 0
    /// Jobs that had ended by themselves meanwhile.
    package var endedBefore = 0
    package var remaining = 0

    package init() {}

    /// Adds a later step.
    package mutating func add(_ step: CancelProgress) {
        cancelled += step.cancelled
        cancelling += step.cancelling
        endedBefore += step.endedBefore
        remaining = step.remaining
    }
}

extension Orders {
    /// Freezes the jobs the query selects that have not ended; cancels none yet.
    package func prepareCancel(_ query: JobQuery, reason: String) async throws -> PreparedCancel {
        let row = try await give { db throws(PostgresError) in
            try db.one(
                """
                select cancel_id, selected, scope, states, tenants
                from usher.cancel_prepare(\(query.text ?? ""), \(reason))
                """,
                as: (Int64, Int, String, JSONText, Int).self
            )
        }
        return PreparedCancel(
            cancelID: row.0,
            selected: row.1,
            scope: row.2,
            states: try ServerDocument.decoded(row.3),
            tenants: row.4
        )
    }

    /// Cancels a few hundred more of them; `UE054` if there is no such cancellation.
    package func stepCancel(_ cancelID: Int64, maximum: Int = 500) async throws(PostgresError) -> CancelProgress {
        try await give { db throws(PostgresError) in
            let row = try db.one(
                """
                select cancelled, cancelling, ended_before, remaining
                from usher.cancel_step(\(cancelID), \(maximum)::integer)
                """,
                as: (Int, Int, Int, Int).self
            )
            var progress = CancelProgress()
            (progress.cancelled, progress.cancelling, progress.endedBefore, progress.remaining) = row
            return progress
        }
    }

    /// Ends a job that has not started, or asks the running attempt to stop.
    ///
    /// - Returns: `cancelled`, `cancelling`, or the state of a job that had ended before; `nil` if there is no such
    ///   job.
    package func cancel(_ jobID: Int64, reason: String) async throws(PostgresError) -> String? {
        try await give { db throws(PostgresError) in
            try db.one("select usher.cancel(\(jobID), \(reason))", as: String?.self)
        }
    }
}
