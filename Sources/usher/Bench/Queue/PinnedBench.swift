import ArgumentParser
import Postgres

/// The command `usher bench pinned`.
struct PinnedBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pinned",
        abstract: "Whether draining slows down while somebody holds a long transaction.",
        discussion: """
            A REPEATABLE READ transaction is held open, so that the server can clean up nothing, while a worker drains
            and a bulk enqueuer keeps a backlog for it. The rate of each minute is counted from the recorded attempts.

            EXAMPLE:
              usher bench pinned --minutes 5 --json
            """
    )

    @Option(help: "For so many minutes.") var minutes = 5
    @Option(help: "Jobs kept in the backlog.") var backlog = 200_000
    @Option(help: "Jobs the worker runs at once.") var slots = 1000
    @OptionGroup var output: OutputOptions

    static let tenants = 500

    func validate() throws {
        guard (1...60).contains(minutes) else { throw ValidationError("--minutes is 1 to 60") }
        guard (1000...2_000_000).contains(backlog) else { throw ValidationError("--backlog is 1000 to 2000000") }
        guard (1...10_000).contains(slots) else { throw ValidationError("--slots is 1 to 10000") }
    }

    func run() async throws {
        let report = try await QueueWorld.with(limit: .seconds(minutes * 60 + 300), output.output) { world in
            try await measure(world)
        }
        try output.output.show(report)
    }

    private func measure(_ world: QueueWorld) async throws -> PinnedReport {
        let tenants = BenchTenants(prefix: "bench", count: Self.tenants, running: 1000)
        try await tenants.join(world)
        try await world.load(backlog, for: tenants)
        try await world.settle()
        let mark = try await world.mark()
        world.output.note("draining for \(minutes) min beside a transaction that stays open")
        let length = Duration.seconds(minutes * 60)
        return try await withThrowingTaskGroup(of: Void.self) { tasks in
            defer { tasks.cancelAll() }
            tasks.addTask { try await world.holdTransaction(for: length + .seconds(60)) }
            try await world.withWorkers(BenchWorkerOptions(slots: slots)) { workers in
                try await world.keepLoaded(tenants, backlog, since: mark, for: length + .seconds(1), workers)
            }
            guard try await world.isPinned() else { throw Failure("the long transaction has ended before its time") }
            let dead = try await world.count(
                "select coalesce(sum(n_dead_tup), 0)::bigint from pg_stat_user_tables where schemaname = 'usher'"
            )
            return PinnedReport(try await world.doneByMinute(since: mark, minutes), deadRows: dead, self, world.machine)
        }
    }
}

extension QueueWorld {
    /// Holds a transaction whose snapshot keeps every row version that dies from now on.
    fileprivate func holdTransaction(for length: Duration) async throws {
        var settings = ConnectionSettings(url: cluster.connectionURL())
        settings.statementTimeout = length + .seconds(60)
        settings.defaultDeadline = length + .seconds(60)
        settings.applicationName = "usher bench pinned"
        let connection = try await PostgresConnection.connect(settings, logger: .silent)
        try await connection.session { db throws(PostgresError) in
            _ = try db.execute("begin isolation level repeatable read")
            _ = try db.query("select count(*) from usher.worker", as: Int.self)
            _ = try db.query("select pg_sleep(\(length / .seconds(1)))::text", as: String.self)
            _ = try db.execute("rollback")
        }
    }

    /// Whether that transaction still keeps the server from cleaning up.
    fileprivate func isPinned() async throws -> Bool {
        try await count(
            """
            select count(*) from pg_stat_activity
            where application_name = 'usher bench pinned' and backend_xmin is not null
            """
        ) == 1
    }

    /// How many attempts ended well in each whole minute since the first claim.
    fileprivate func doneByMinute(since mark: HistoryMark, _ minutes: Int) async throws -> [Int] {
        let rows = try await pool.session { db throws(PostgresError) in
            try db.query(
                """
                with mine as (select * from usher.attempt where attempt_id > \(mark.attemptID) and outcome = 'done')
                select floor(extract(epoch from ended_at - (select min(started_at) from mine)) / 60)::bigint, count(*)
                from mine group by 1
                """,
                as: (Int, Int).self
            )
        }
        let counts = Dictionary(uniqueKeysWithValues: rows.map { ($0.0, $0.1) })
        return (0..<minutes).map { counts[$0] ?? 0 }
    }
}

/// What `usher bench pinned` prints.
struct PinnedReport: Report {
    let perMinute: [Int]
    /// The rate of the last minute over the first's.
    let lastOfFirst: Double
    /// Row versions of the queue that nobody could clean up by the end.
    let deadRows: Int
    let conditions: Conditions

    struct Conditions: Encodable {
        let minutes: Int
        let backlog: Int
        let tenants: Int
        let slots: Int
        let machine: BenchMachine
    }

    init(_ perMinute: [Int], deadRows: Int, _ bench: PinnedBench, _ machine: BenchMachine) {
        self.perMinute = perMinute
        self.deadRows = deadRows
        lastOfFirst = (Double(perMinute.last ?? 0) / Double(max(1, perMinute.first ?? 1))).rounded(places: 3)
        conditions = Conditions(
            minutes: bench.minutes,
            backlog: bench.backlog,
            tenants: PinnedBench.tenants,
            slots: bench.slots,
            machine: machine
        )
    }

    func lines(on terminal: Terminal) -> [String] {
        var table = TextTable(["MINUTE", "JOBS", "PER S"], rightAligned: ["MINUTE", "JOBS", "PER S"])
        for (minute, jobs) in perMinute.enumerated() {
            table.append([.init("\(minute + 1)"), .init(jobs.grouped), .init((jobs / 60).grouped)])
        }
        var facts = FactList()
        facts.add("last of first", "\(lastOfFirst)")
        facts.add("dead rows", deadRows.grouped)
        facts.add(
            "conditions",
            "a REPEATABLE READ transaction open all the time; \(conditions.backlog.grouped) jobs of "
                + "\(conditions.tenants) tenants kept queued by a bulk enqueuer on the same cores, one worker of "
                + "\(conditions.slots.grouped) slots; " + conditions.machine.line
        )
        return table.lines(on: terminal) + facts.lines(on: terminal)
    }
}
