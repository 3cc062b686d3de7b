package import Postgres

/// The queue in numbers for a monitoring system: none tells of a tenant or a hostname, none is counted for the asking.
package struct QueueMetrics: Sendable {
    package let depth: QueueDepth
    package let depthAge_s: Double
    /// Since the beginning, by kind, outcome and error class.
    package let attempts: [Attempts]
    /// Attempts that were begun: numbers drawn, those of a claim that was rolled back included.
    package let claims: Int
    package let workersAlive: Int
    package let workersOverdue: Int
    /// The largest difference of a living worker's clock from the database's.
    package let skew_ms: Int
    package let health: UpkeepHealth

    /// What came of attempts of one kind.
    package struct Attempts: Sendable {
        package let kind: String
        package let outcome: String
        /// Empty where nothing failed.
        package let errorClass: String
        package let count: Int
        package let providerCalls: Int
        package let run_ms: Int
    }

    /// Outcomes that a worker reported; the others were found by whoever rescued the job, or came too late.
    package static let settled: Set<String> = ["done", "failed", "cancelled", "retry", "deferred", "released"]
    /// Outcomes of attempts that were taken back.
    package static let rescued: Set<String> = ["worker_lost", "overdue"]
    /// The outcome of settlements that came too late.
    package static let stale: Set<String> = ["stale"]

    /// How many attempts came to one of these outcomes.
    package func count(_ outcomes: Set<String>) -> Int {
        attempts.filter { outcomes.contains($0.outcome) }.map(\.count).reduce(0, +)
    }
}

extension QueueMetrics {
    /// Reads the numbers.
    package static func read(from pool: PostgresPool) async throws(PostgresError) -> QueueMetrics {
        try await QueueDepth.refresh(in: pool)
        let health = try await UpkeepHealth.read(from: pool)
        return try await pool.session { db throws(PostgresError) in
            let (age_s, claims, alive, overdue, skew_ms) = try readState(db)
            return QueueMetrics(
                depth: try QueueDepth.read(db),
                depthAge_s: age_s,
                attempts: try readAttempts(db),
                claims: claims,
                workersAlive: alive,
                workersOverdue: overdue,
                skew_ms: skew_ms,
                health: health
            )
        }
    }

    private static func readState(_ db: borrowing Session) throws(PostgresError) -> (Double, Int, Int, Int, Int) {
        try db.one(
            """
            select (select extract(epoch from clock_timestamp() - taken_at)::double precision from usher.queue_depth),
                   (select case when is_called then last_value else 0 end from usher.attempt_id),
                   count(*) filter (where expires_at >= clock_timestamp()),
                   count(*) filter (where expires_at < clock_timestamp()),
                   coalesce(max(abs((to_jsonb(w) ->> 'skew_ms')::bigint)), 0)
            from usher.worker w where ended_at is null
            """,
            as: (Double, Int, Int, Int, Int).self
        )
    }

    private static func readAttempts(_ db: borrowing Session) throws(PostgresError) -> [Attempts] {
        try db.query(
            """
            select kind, outcome, error_class, attempts, provider_calls, run_ms from usher.stat_total
            order by kind, outcome, error_class
            """,
            as: (String, String, String, Int, Int, Int).self
        ).map {
            Attempts(
                kind: $0.0,
                outcome: $0.1,
                errorClass: $0.2,
                count: $0.3,
                providerCalls: $0.4,
                run_ms: $0.5
            )
        }
    }
}
