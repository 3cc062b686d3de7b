package import Postgres

/// The state of the queue and of the server under it, as `usher doctor` judges it.
package struct QueueHealth: Sendable {
    /// The server's `server_version_num`: 150004 is 15.4.
    package let serverVersion: Int
    /// The server's clock when it answered.
    package let serverTime: Timestamp
    /// Age in seconds of the oldest transaction that keeps dead rows from being removed; 0 if there is none but ours.
    package let oldestTransaction_s: Int
    /// Jobs that are not in exactly one place.
    package let misplacedJobs: Int
    package let workersAlive: Int
    /// Workers whose lease ran out and whom nobody has taken note of yet.
    package let workersOverdue: Int
    /// Workers found dead in the last 24 hours.
    package let workersLost: Int
    /// Settlements of the last 24 hours that came too late.
    package let staleSettlements: Int
    /// Jobs that may be claimed, and how long the first of them has been in the queue, in seconds.
    package let ready: Int
    package let oldestReady_s: Int
    /// Job ids left before new partitions must have been made.
    package let partitionRoom: Int64
    /// True if a row fell into a default partition, which exists for that only.
    package let hasStrayRows: Bool
    package let limits: [Limit]

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
        try await pool.session { db throws(PostgresError) in
            QueueHealth(
                server: try readServer(db),
                jobs: try readJobs(db),
                workers: try readWorkers(db),
                partitions: try readPartitions(db),
                limits: try readLimits(db)
            )
        }
    }

    private typealias Server = (Int, Timestamp, Int)
    private typealias Jobs = (Int, Int, Int)
    private typealias Workers = (Int, Int, Int, Int)
    private typealias Partitions = (Int64, Bool)

    private init(server: Server, jobs: Jobs, workers: Workers, partitions: Partitions, limits: [Limit]) {
        (serverVersion, serverTime, oldestTransaction_s) = server
        (misplacedJobs, ready, oldestReady_s) = jobs
        (workersAlive, workersOverdue, workersLost, staleSettlements) = workers
        (partitionRoom, hasStrayRows) = partitions
        self.limits = limits
    }

    private static func readServer(_ db: borrowing Session) throws(PostgresError) -> Server {
        try db.one(
            """
            select current_setting('server_version_num')::integer, clock_timestamp(),
                   coalesce((select extract(epoch from max(clock_timestamp() - xact_start)) from pg_stat_activity
                             where backend_xmin is not null and pid <> pg_backend_pid()), 0)::integer
            """,
            as: Server.self
        )
    }

    private static func readJobs(_ db: borrowing Session) throws(PostgresError) -> Jobs {
        try db.one(
            """
            select (select count(*) from usher.misplaced), (select count(*) from usher.ready),
                   coalesce((select extract(epoch from clock_timestamp() - j.enqueued_at)
                             from usher.ready join usher.job j using (job_id) order by job_id limit 1), 0)::integer
            """,
            as: Jobs.self
        )
    }

    private static func readWorkers(_ db: borrowing Session) throws(PostgresError) -> Workers {
        try db.one(
            """
            select count(*) filter (where ended_at is null and expires_at >= clock_timestamp()),
                   count(*) filter (where ended_at is null and expires_at < clock_timestamp()),
                   count(*) filter (where ending = 'lost' and ended_at > clock_timestamp() - interval '1 day'),
                   (select count(*) from usher.stale_settlement where seen_at > clock_timestamp() - interval '1 day')
            from usher.worker
            """,
            as: Workers.self
        )
    }

    private static func readPartitions(_ db: borrowing Session) throws(PostgresError) -> Partitions {
        try db.one(
            """
            -- A partition is named after its first id and holds 4 million: usher.ensure_partitions.
            select coalesce(max(substring(relname from '^job_([0-9]+)$')::bigint) + 4000000, 0)
                       - (select last_value from usher.job_id),
                   exists (select from usher.job_default) or exists (select from usher.ended_default)
                       or exists (select from usher.attempt_default)
            from pg_inherits join pg_class on oid = inhrelid
            where inhparent = 'usher.job'::regclass
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
