import ArgumentParser
import JobQueue
import Postgres

/// The command `usher bench limits`.
struct LimitsBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "limits",
        abstract: "Whether a tenant's limit or a shared budget is ever exceeded while many workers compete.",
        discussion: """
            Worker processes with more slots than all limits together allow drain a backlog of tenants who may run two
            jobs each. Afterwards every attempt's time, from its claim to its end by the database's clock, is laid over
            the others of its tenant. Each job also asks a budget shared by all for one unit and notes when it got one:
            no window of any phase may hold more than the quota.

            EXAMPLE:
              usher bench limits --seconds 60 --json
            """
    )

    @Option(help: "For so many seconds.") var seconds = 60
    @Option(help: "Worker processes.") var workers = 8
    @Option(help: "Jobs each of them runs at once.") var slots = 25
    @Option(help: "Tenants.") var tenants = 50
    @Option(help: "Jobs a tenant may have running.") var limit = 2
    @OptionGroup var output: OutputOptions

    static let work_ms = 5.0
    static let budget = Budget(
        name: "bench",
        quota: 2000,
        window: .seconds(5),
        burst: 100,
        lag: BenchHandler.unitAge * 2
    )

    func validate() throws {
        guard (5...3600).contains(seconds) else { throw ValidationError("--seconds is 5 to 3600") }
        guard (1...16).contains(workers) else { throw ValidationError("--workers is 1 to 16") }
        guard (1...1000).contains(slots) else { throw ValidationError("--slots is 1 to 1000") }
        guard (1...1000).contains(tenants) else { throw ValidationError("--tenants is 1 to 1000") }
        guard (1...100).contains(limit) else { throw ValidationError("--limit is 1 to 100") }
    }

    func run() async throws {
        let report = try await QueueWorld.with(limit: .seconds(seconds + 180), output.output) { world in
            try await measure(world)
        }
        try output.output.show(report)
    }

    private func measure(_ world: QueueWorld) async throws -> LimitsReport {
        let backlog = 20_000
        let group = BenchTenants(prefix: "bench", count: tenants, running: limit)
        try await group.join(world)
        try await PostgresBudgetStore(pool: world.pool).declare(Self.budget)
        try await world.load(backlog, for: group)
        let mark = try await world.mark()
        world.output.note("\(workers) worker processes for \(seconds) s")
        let options = BenchWorkerOptions(slots: slots, work_ms: Self.work_ms, budget: Self.budget.name)
        try await world.withWorkers(options, count: workers) { workers in
            try await world.keepLoaded(group, backlog, since: mark, for: .seconds(seconds), workers)
        }
        let attempts = try await world.attempts(since: mark)
        let window = Self.budget.window / .seconds(1)
        let calls = CallWindows(try await world.calls(since: mark), window: window, limit: Self.budget.quota)
        return LimitsReport(
            RunningIntervals(attempts, limit: limit),
            attempts: attempts.count,
            calls,
            self,
            world.machine
        )
    }
}

extension QueueWorld {
    /// Every attempt since the mark, whatever came of it.
    fileprivate func attempts(since mark: HistoryMark) async throws -> [RunningIntervals.Attempt] {
        try await pool.session { db throws(PostgresError) in
            try db.query(
                """
                select j.lane_id::bigint, a.started_at, a.ended_at
                from usher.attempt a join usher.job j using (job_id) where a.attempt_id > \(mark.attemptID)
                """,
                as: (Int, Timestamp, Timestamp).self
            ).map { .init(tenant: $0.0, start: $0.1.microseconds, end: $0.2.microseconds) }
        }
    }

    /// When the calls were made that the budget had a unit for.
    fileprivate func calls(since mark: HistoryMark) async throws -> [CallWindows.Call] {
        let moments = try await pool.session { db throws(PostgresError) in
            try db.one(
                """
                select coalesce(array_agg((detail ->> 'called_us')::bigint order by detail ->> 'called_us'), '{}')
                from usher.attempt where attempt_id > \(mark.attemptID) and detail ? 'called_us'
                """,
                as: [Int64].self
            )
        }
        return moments.map { CallWindows.Call(at: Double($0) / 1_000_000, isForeign: false) }
    }
}

/// What `usher bench limits` prints.
struct LimitsReport: Report {
    /// Attempts that began while their tenant's limit was used up.
    let limitViolations: Int
    let mostRunningOfATenant: Int
    /// Calls beyond the quota in the window that held most.
    let budgetViolations: Int
    let mostCallsInAWindow: Int
    let attempts: Int
    let attemptsPerS: Double
    let conditions: Conditions

    struct Conditions: Encodable {
        let seconds: Int
        let workerProcesses: Int
        let slots: Int
        let tenants: Int
        let limit: Int
        let jobMs: Double
        let budgetQuota: Int
        let budgetWindowSeconds: Double
        let machine: BenchMachine
    }

    init(
        _ running: RunningIntervals,
        attempts: Int,
        _ calls: CallWindows,
        _ bench: LimitsBench,
        _ machine: BenchMachine
    ) {
        let budget = LimitsBench.budget
        limitViolations = running.violations
        mostRunningOfATenant = running.most
        mostCallsInAWindow = calls.most()
        budgetViolations = max(0, mostCallsInAWindow - budget.quota)
        self.attempts = attempts
        attemptsPerS = (Double(attempts) / Double(bench.seconds)).rounded(places: 1)
        conditions = Conditions(
            seconds: bench.seconds,
            workerProcesses: bench.workers,
            slots: bench.slots,
            tenants: bench.tenants,
            limit: bench.limit,
            jobMs: LimitsBench.work_ms,
            budgetQuota: budget.quota,
            budgetWindowSeconds: budget.window / .seconds(1),
            machine: machine
        )
    }

    func lines(on terminal: Terminal) -> [String] {
        var facts = FactList()
        facts.add(
            "limit violations",
            "\(limitViolations) of \(attempts.grouped) attempts; most running of a tenant: \(mostRunningOfATenant) of "
                + "\(conditions.limit)",
            limitViolations == 0 ? .plain : .warning
        )
        facts.add(
            "budget violations",
            "\(budgetViolations); most calls in any \(conditions.budgetWindowSeconds.withOneDecimal) s: "
                + "\(mostCallsInAWindow.grouped) of \(conditions.budgetQuota.grouped)",
            budgetViolations == 0 ? .plain : .warning
        )
        facts.add(
            "conditions",
            "\(conditions.workerProcesses) worker processes of \(conditions.slots) slots, "
                + "\(conditions.tenants) tenants, \(conditions.seconds) s, "
                + "jobs of \(conditions.jobMs.withOneDecimal) ms on average; "
                + conditions.machine.line
        )
        return facts.lines(on: terminal)
    }
}
