package import Foundation
package import Postgres

/// The queue in PostgreSQL; the rules live in the functions of `migrations/0014_engine.sql`.
package struct PostgresJobStore: JobStore {
    private let pool: PostgresPool
    /// How long one attempt may run before the queue takes it back.
    private let attemptLimit: Duration

    /// This machine's idea of the time; it decides nothing, the store tells people how far it is off.
    private let wallClock: @Sendable () -> Date?

    package init(
        pool: PostgresPool,
        attemptLimit: Duration = .seconds(300),
        wallClock: @escaping @Sendable () -> Date? = { nil }
    ) {
        self.pool = pool
        self.attemptLimit = attemptLimit
        self.wallClock = wallClock
    }

    package func register(name: String, lease: Duration) async throws -> Int64 {
        try await pool.session { db throws(PostgresError) in
            try db.one("select usher.register_worker(\(name), \(lease))", as: Int64.self)
        }
    }

    package func heartbeat(worker: Int64, lease: Duration) async throws -> Pulse {
        // A heartbeat that hangs is no heartbeat: the worker must know in time to stop its own work.
        let clock = wallClock()?.timestamp
        return try await pool.session(deadline: lease / 4) { db throws(PostgresError) in
            let (alive, cancelled) = try db.one(
                "select alive, cancel_requested from usher.heartbeat(\(worker), \(lease), \(clock))",
                as: (Bool, [Int64]).self
            )
            return Pulse(alive: alive, cancelRequested: Set(cancelled))
        }
    }

    package func exchange(
        worker: Int64,
        settling: [Settlement],
        claiming: Int,
        reserved: Int
    ) async throws -> Exchange {
        // A caller's open transaction on one hostname must not hold up the others' settlements.
        var statements: [Statement] = ["select set_config('lock_timeout', '500ms', true)"]
        statements += settling.flatMap(\.recording)
        let settleIndex = statements.count
        if !settling.isEmpty { statements.append(settleStatement(worker, SettlementColumns(settling))) }
        let claimIndex = statements.count
        if claiming + reserved > 0 { statements.append(claimStatement(worker, claiming, reserved)) }
        // A pipeline with one sync is one transaction and one round trip.
        return try await pool.session { [statements] db throws(PostgresError) in
            let results = try db.pipeline(statements)
            var exchange = Exchange()
            if settleIndex < claimIndex {
                exchange.accepted = Set(try results[settleIndex].rows(as: [Int64].self).first ?? [])
            }
            if claimIndex < results.count {
                exchange.claimed = try results[claimIndex].rows(as: ClaimedJob.Columns.self).map(ClaimedJob.init)
            }
            return exchange
        }
    }

    package func releaseUnknown(worker: Int64, known: Set<Int64>) async throws {
        _ = try await pool.session { db throws(PostgresError) in
            try db.one("select usher.release_unknown(\(worker), \(Array(known)))", as: Int.self)
        }
    }

    package func rescue(maximum: Int) async throws -> Int {
        try await pool.session { db throws(PostgresError) in
            _ = try db.one("select usher.ensure_partitions()", as: Int.self)
            return try db.one("select usher.rescue(\(maximum)::integer)", as: Int.self)
        }
    }

    package func stop(worker: Int64) async throws {
        try await pool.session { db throws(PostgresError) in
            _ = try db.execute("select usher.stop_worker(\(worker))")
        }
    }

    package func wake(subjects: [Int64]) async throws -> [Int64] {
        guard !subjects.isEmpty else { return [] }
        return try await pool.session { db throws(PostgresError) in
            try db.one("select usher.wake_subjects(\(subjects))", as: [Int64].self)
        }
    }

    private func settleStatement(_ worker: Int64, _ rows: SettlementColumns) -> Statement {
        """
        select usher.settle_jobs(\(worker), \(rows.jobIDs), \(rows.attemptIDs), \(rows.outcomes), \(rows.delays_ms),
                                 \(rows.reasons), \(rows.errorClasses), \(rows.codes), \(rows.messages), \(rows.actors),
                                 \(rows.providerCalls), \(rows.details))
        """
    }

    private func claimStatement(_ worker: Int64, _ wanted: Int, _ reserved: Int) -> Statement {
        """
        select job_id, attempt_id, number, losses, kind, lane, subject_id, batch_id, payload
        from usher.claim_jobs(\(worker), \(wanted)::integer, \(reserved)::integer, \(attemptLimit))
        """
    }
}

extension ClaimedJob {
    fileprivate typealias Columns = (Int64, Int64, Int, Int, String, String, Int64?, Int64?, JSONText)

    fileprivate init(_ columns: Columns) {
        self.init(
            jobID: columns.0,
            attemptID: columns.1,
            number: columns.2,
            losses: columns.3,
            kind: columns.4,
            lane: columns.5,
            subjectID: columns.6,
            batchID: columns.7,
            payload: columns.8.text
        )
    }
}
