package import Logging
package import Postgres

/// The schedule in PostgreSQL, over the functions of `migrations/0017_upkeep.sql`.
///
/// When an entry is due next is worked out here; whether it runs is decided there, under a lock.
package struct ScheduleStore: Sendable {
    private let pool: PostgresPool
    private let author: String?
    private let logger: Logger

    /// - Parameter author: Who gives the orders; the database's login if not given.
    package init(pool: PostgresPool, author: String? = nil, logger: Logger) {
        self.pool = pool
        self.author = author
        self.logger = logger
    }

    /// What the making of one entry came to.
    package struct Change: Hashable, Sendable {
        package let name: String
        /// `added`, `changed`, `unchanged` or `removed`.
        package let change: String
    }

    /// Makes the schedule what these entries say; entries that are not among them are removed.
    package func apply(_ entries: [ScheduleEntry], reason: String, dryRun: Bool) async throws -> [Change] {
        let now = try await pool.session { db throws(PostgresError) in
            try db.one("select clock_timestamp()", as: Timestamp.self)
        }
        let wire = entries.map { entry in
            // A zone was checked when the file was read.
            let next = ZoneClock(named: entry.timezone).map { entry.cron.next(after: now, in: $0) } ?? .infinity
            return ScheduleWire(entry, nextAt: "\(next)")
        }
        return try await order { db throws(PostgresError) in
            try db.query(
                "select name, change from usher.apply_schedule(\(JSONText(wire.wireText)), \(reason), \(dryRun))",
                as: (String, String).self
            ).map { Change(name: $0.0, change: $0.1) }
        }
    }

    /// Has every entry that is due run; answers how many runs were recorded by this call.
    package func fireDue() async throws -> Int {
        let due = try await pool.session { db throws(PostgresError) in
            try db.query(
                """
                select name, revision, cron, timezone, missed, missed_limit, next_at, clock_timestamp()
                from usher.schedule
                where enabled and paused is null and next_at <= clock_timestamp() order by next_at
                """,
                as: DueEntry.Columns.self
            ).map(DueEntry.init)
        }
        var fired = 0
        for entry in due {
            guard let runs = entry.runs() else {
                logger.error("this schedule cannot be read", metadata: ["name": "\(entry.name)"])
                continue
            }
            fired += try await fire(entry, runs)
        }
        return fired
    }

    private func fire(_ entry: DueEntry, _ due: DueRuns) async throws(PostgresError) -> Int {
        let fired = try await pool.transaction { db throws(PostgresError) in
            try db.one(
                """
                select usher.fire_schedule(\(entry.name), \(entry.revision)::integer, \(entry.nextAt), \(due.runs),
                                           \(due.skippedFrom), \(due.next))
                """,
                as: Int.self
            )
        }
        if fired > 0 { logger.info("schedule fired", metadata: ["name": "\(entry.name)", "runs": "\(fired)"]) }
        return fired
    }

    /// Does a piece of what is due.
    ///
    /// - Parameter run: That one alone.
    /// - Returns: False if there was nothing to do.
    package func perform(run: Int64? = nil) async throws(PostgresError) -> Bool {
        try await pool.transaction { db throws(PostgresError) in
            try db.one("select usher.perform_scheduled(\(run)) is not null", as: Bool.self)
        }
    }

    /// Has an entry run now, beside its times; answers the number of the run.
    package func run(_ name: String, reason: String) async throws(PostgresError) -> Int64 {
        try await order { db throws(PostgresError) in
            try db.one("select usher.run_schedule(\(name), \(reason))", as: Int64.self)
        }
    }

    /// How a run stands: `done`, `failed` for good, `failing` so far, or `under way`; and what it came to.
    package func outcome(of run: Int64) async throws(PostgresError) -> (state: String, message: String?) {
        try await pool.session { db throws(PostgresError) in
            try db.one(
                """
                select case when state <> 'due' then state when tries > 0 then 'failing' else 'under way' end, message
                from usher.schedule_run where run_id = \(run)
                """,
                as: (String, String?).self
            )
        }
    }

    /// Stops an entry until it is resumed.
    package func pause(_ name: String, reason: String) async throws(PostgresError) {
        _ = try await order { db throws(PostgresError) in
            try db.execute("select usher.pause_schedule(\(name), \(reason))")
        }
    }

    /// Has a paused entry go on.
    package func resume(_ name: String, reason: String) async throws(PostgresError) {
        _ = try await order { db throws(PostgresError) in
            try db.execute("select usher.resume_schedule(\(name), \(reason))")
        }
    }

    /// A transaction that is recorded as this author's.
    private func order<Value: Sendable>(
        _ body: @Sendable (borrowing Session) throws(PostgresError) -> Value
    ) async throws(PostgresError) -> Value {
        try await pool.transaction { [author] db throws(PostgresError) in
            try db.nameActor(author)
            return try body(db)
        }
    }
}

/// An entry whose time has come.
private struct DueEntry: Sendable {
    typealias Columns = (String, Int, String, String, String, Int, Timestamp, Timestamp)

    let name: String
    let revision: Int
    let cron: String
    let timezone: String
    let missed: MissedRuns
    let nextAt: Timestamp
    let now: Timestamp

    init(_ columns: Columns) {
        (name, revision, cron, timezone) = (columns.0, columns.1, columns.2, columns.3)
        missed =
            switch columns.4 {
            case "skip": .skip
            case "all": .all(atMost: columns.5)
            default: .once
            }
        (nextAt, now) = (columns.6, columns.7)
    }

    /// `nil` if this program knows no such zone or expression.
    func runs() -> DueRuns? {
        guard let cron = try? CronExpression(cron), let zone = ZoneClock(named: timezone) else { return nil }
        return missed.due(since: nextAt, now: now) { cron.next(after: $0, in: zone) }
    }
}
