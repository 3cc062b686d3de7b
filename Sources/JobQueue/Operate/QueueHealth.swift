package import Postgres

/// The state of the queue and of the server under it, as `usher doctor` judges it.
package struct QueueHealth: Sendable {
    /// The server's `server_version_num`: 150004 is 15.4.
    package let serverVersion: Int
    /// The server's clock when it answered.
    package let serverTime: Timestamp
    /// Of the newest ``checkedJobs`` ids, jobs that are not in exactly one place.
    package let misplacedJobs: Int
    package let workersAlive: Int
    /// Workers whose lease ran out and whom nobody has taken note of yet.
    package let workersOverdue: Int
    /// Workers found dead in the last 24 hours.
    package let workersLost: Int
    /// Settlements of the last 24 hours that came too late.
    package let staleSettlements: Int
    package let depth: QueueDepth
    /// Job ids left before new partitions must have been made.
    package let partitionRoom: Int64
    /// True if a row fell into a default partition, which exists for that only.
    package let hasStrayRows: Bool
    package let limits: [Limit]

    /// How many of the newest ids are looked through: a look at all costs as much as there are jobs.
    package static let checkedJobs: Int64 = 100_000

    /// One provider limit as it stands.
    package struct Limit: Sendable {
        package let name: String
        package let quota: Int
        package let window: Duration
        /// `nil` if nothing is blocked now.
        package let blockedUntil: Timestamp?
        package let blockedReason: String?
    }
}

extension QueueHealth {
    /// Takes the queue's pulse.
    package static func read(from pool: PostgresPool) async throws(PostgresError) -> QueueHealth {
        // Where no worker runs nobody else looks.
        try await QueueDepth.refresh(in: pool)
        return try await pool.session { db throws(PostgresError) in
            QueueHealth(
                server: try readServer(db),
                misplacedJobs: try db.one("select usher.misplaced_among(\(checkedJobs))", as: Int.self),
                depth: try QueueDepth.read(db),
                workers: try readWorkers(db),
                partitions: try readPartitions(db),
                limits: try readLimits(db)
            )
        }
    }

    private typealias Server = (Int, Timestamp)
    private typealias Workers = (Int, Int, Int, Int)
    private typealias Partitions = (Int64, Bool)

    private init(
        server: Server,
        misplacedJobs: Int,
        depth: QueueDepth,
        workers: Workers,
        partitions: Partitions,
        limits: [Limit]
    ) {
        (serverVersion, serverTime) = server
        self.misplacedJobs = misplacedJobs
        self.depth = depth
        (workersAlive, workersOverdue, workersLost, staleSettlements) = workers
        (partitionRoom, hasStrayRows) = partitions
        self.limits = limits
    }

    private static func readServer(_ db: borrowing Session) throws(PostgresError) -> Server {
        try db.one("select current_setting('server_version_num')::integer, clock_timestamp()", as: Server.self)
    }

    private static func readWorkers(_ db: borrowing Session) throws(PostgresError) -> Workers {
        try db.one(
            """
            select count(*) filter (where ended_at is null and expires_at >= clock_timestamp()),
                   count(*) filter (where ended_at is null and expires_at < clock_timestamp()),
                   count(*) filter (where ending = 'lost' and ended_at > clock_timestamp() - interval '1 day'),
                   (select coalesce(sum(attempts), 0)::bigint from usher.stat_minute
                    where minute > clock_timestamp() - interval '1 day' and outcome = 'stale')
            from usher.worker
            """,
            as: Workers.self
        )
    }

    private static func readPartitions(_ db: borrowing Session) throws(PostgresError) -> Partitions {
        try db.one(
            """
            select coalesce(max(end_id), 0) - (select last_value from usher.job_id), usher.has_stray_rows()
            from usher.partition_range where parent = 'job'
            """,
            as: Partitions.self
        )
    }

    private static func readLimits(_ db: borrowing Session) throws(PostgresError) -> [Limit] {
        try db.query(
            """
            select name, quota, window_ms,
                   case when blocked_until > clock_timestamp() then blocked_until end,
                   case when blocked_until > clock_timestamp() then blocked_reason end
            from usher.budget order by name
            """,
            as: (String, Int, Int64, Timestamp?, String?).self
        ).map { Limit(name: $0.0, quota: $0.1, window: .milliseconds($0.2), blockedUntil: $0.3, blockedReason: $0.4) }
    }
}
