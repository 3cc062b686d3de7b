package import Postgres

/// What recurs, what is stopped, and whose clocks are wrong, as `usher doctor` judges it.
package struct UpkeepHealth: Sendable {
    /// Entries of the schedule, and how many seconds the latest of those that should have fired is behind.
    package let entries: Int
    package let late_s: Int
    /// Names of entries with a run in the last 24 hours that failed for good.
    package let failedEntries: [String]
    package let hasRetention: Bool
    /// What could not leave in the last 48 hours, and why.
    package let waiting: [String]
    /// Workers whose clock differs from the database's by more than ``tolerableSkew_ms``.
    package let skewed: [Skew]
    /// What an operator has paused, in words.
    package let paused: [String]
    /// Replays that stopped themselves or were stopped.
    package let haltedReplays: [Int64]
    /// Work that no wake-up had told of, found by the sweeper: stays 0.
    package let lostWakeUps: Int

    /// A worker's clock.
    package struct Skew: Sendable {
        package let worker: String
        /// How far it is ahead of the database's.
        package let ahead_ms: Int

        package init(worker: String, ahead_ms: Int) {
            self.worker = worker
            self.ahead_ms = ahead_ms
        }
    }

    package init(
        entries: Int,
        late_s: Int,
        failedEntries: [String],
        hasRetention: Bool,
        waiting: [String],
        skewed: [Skew],
        paused: [String],
        haltedReplays: [Int64],
        lostWakeUps: Int
    ) {
        self.entries = entries
        self.late_s = late_s
        self.failedEntries = failedEntries
        self.hasRetention = hasRetention
        self.waiting = waiting
        self.skewed = skewed
        self.paused = paused
        self.haltedReplays = haltedReplays
        self.lostWakeUps = lostWakeUps
    }

    /// A difference a machine with a time service does not reach.
    package static let tolerableSkew_ms = 30_000
}

extension UpkeepHealth {
    /// Looks at the upkeep.
    package static func read(from pool: PostgresPool) async throws(PostgresError) -> UpkeepHealth {
        try await pool.session { db throws(PostgresError) in
            let (entries, late_s, failed, hasRetention) = try readSchedule(db)
            return UpkeepHealth(
                entries: entries,
                late_s: late_s,
                failedEntries: failed,
                hasRetention: hasRetention,
                waiting: try readWaiting(db),
                skewed: try readSkew(db),
                paused: try readPaused(db),
                haltedReplays: try readHalted(db),
                lostWakeUps: try readLostWakeUps(db)
            )
        }
    }

    private static func readSchedule(_ db: borrowing Session) throws(PostgresError) -> (Int, Int, [String], Bool) {
        try db.one(
            """
            select count(*),
                   coalesce(extract(epoch from clock_timestamp() - min(next_at) filter (
                       where enabled and paused is null and next_at < clock_timestamp())), 0)::integer,
                   array(select distinct r.name from usher.schedule_run r
                         where r.state = 'failed' and r.ended_at > clock_timestamp() - interval '1 day' order by 1),
                   coalesce(bool_or(work = 'retention' and enabled and paused is null), false)
            from usher.schedule
            """,
            as: (Int, Int, [String], Bool).self
        )
    }

    private static func readWaiting(_ db: borrowing Session) throws(PostgresError) -> [String] {
        try db.query(
            """
            select format('%s: %s', part, reason) from (
                select distinct on (part) part, action, reason from usher.retention_log
                where at > clock_timestamp() - interval '2 days' order by part, log_id desc) t
            where action = 'waits' order by 1
            """,
            as: String.self
        )
    }

    private static func readSkew(_ db: borrowing Session) throws(PostgresError) -> [Skew] {
        try db.query(
            """
            select w.name, w.skew_ms from usher.worker w
            where w.ended_at is null and abs(w.skew_ms) > \(tolerableSkew_ms)
            order by 1
            """,
            as: (String, Int).self
        ).map { Skew(worker: $0.0, ahead_ms: $0.1) }
    }

    private static func readPaused(_ db: borrowing Session) throws(PostgresError) -> [String] {
        try db.query(
            """
            select format('%s: %s', trim(concat_ws(' ', p.pause ->> 'scope', p.pause ->> 'name')), p.pause ->> 'reason')
            from (\(Orders.pausesInForce)) as p order by 1
            """,
            as: String.self
        )
    }

    private static func readHalted(_ db: borrowing Session) throws(PostgresError) -> [Int64] {
        try db.query(
            "select replay_id from usher.replay_order where state = 'halted' order by 1",
            as: Int64.self
        )
    }

    private static func readLostWakeUps(_ db: borrowing Session) throws(PostgresError) -> Int {
        try db.one(
            "select coalesce(max(value), 0) from usher.queue_counter where name = 'lost_wake_ups'",
            as: Int.self
        )
    }
}
