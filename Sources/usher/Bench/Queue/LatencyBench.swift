import ArgumentParser
import JobQueue
import Postgres
import Synchronization

/// The command `usher bench latency`.
struct LatencyBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "latency",
        abstract: "How long a job waits, from its commit to the start of its handler, while there is little to do.",
        discussion: """
            Jobs of 50 tenants are enqueued one by one, each in a transaction of its own, at random moments with the
            given mean rate; a worker in this process starts their handlers. One process on one machine, hence one
            clock: from the moment the commit is known to the caller to the handler's first statement.

            EXAMPLE:
              usher bench latency --json
            """
    )

    @Option(help: "Jobs a second.") var rate = 50.0
    @Option(help: "For so long.") var seconds = 20.0
    @OptionGroup var output: OutputOptions

    private static let warmUp = 100

    func validate() throws {
        guard (1...2000).contains(rate) else { throw ValidationError("--rate is 1 to 2000") }
        guard (1...600).contains(seconds) else { throw ValidationError("--seconds is 1 to 600") }
    }

    func run() async throws {
        let report = try await QueueWorld.with(limit: .seconds(seconds * 2 + 90), output.output) { world in
            try await measure(world)
        }
        try output.output.show(report)
    }

    private func measure(_ world: QueueWorld) async throws -> LatencyReport {
        let tenants = BenchTenants(prefix: "bench", count: 50, running: 100)
        try await tenants.join(world)
        let jobs = Int(rate * seconds)
        world.output.note("enqueueing \(jobs) jobs, \(rate.withOneDecimal) a second")
        let starts = HandlerStarts()
        let worker = Worker(
            settings: WorkerSettings(name: "bench", slots: 100),
            store: PostgresJobStore(pool: world.pool),
            handler: starts,
            intake: PostgresIntake(
                pool: world.pool,
                settings: ConnectionSettings(url: world.cluster.connectionURL()),
                logger: .silent
            ),
            logger: .silent
        )
        return try await withThrowingTaskGroup(of: Void.self) { tasks in
            defer { tasks.cancelAll() }
            tasks.addTask { try await worker.run() }
            let enqueued = try await enqueue(Self.warmUp + jobs, tenants, world)
            let waits = try await starts.waits(of: enqueued).dropFirst(Self.warmUp)
            return LatencyReport(waits, self, world.machine)
        }
    }

    /// Enqueues at random moments, so that no poll can fall into step with them.
    private func enqueue(_ count: Int, _ tenants: BenchTenants, _ world: QueueWorld) async throws -> [EnqueuedJob] {
        var enqueued: [EnqueuedJob] = []
        var next = ContinuousClock.now
        for number in 0..<count {
            next += .seconds(Double.random(in: 0...2) / rate)
            try await Task.sleep(until: next, clock: .continuous)
            let calledAt = ContinuousClock.now
            let jobID = try await world.pool.session { db throws(PostgresError) in
                try db.one(EnqueueCall.one(of: tenants, number), as: Int64.self)
            }
            enqueued.append(EnqueuedJob(jobID: jobID, calledAt: calledAt, committedAt: .now))
        }
        return enqueued
    }
}

/// One job as its caller saw it come into being.
private struct EnqueuedJob {
    let jobID: Int64
    let calledAt: ContinuousClock.Instant
    let committedAt: ContinuousClock.Instant
}

/// How long one job waited.
struct JobWait {
    var fromCommit_ms: Double
    var fromCall_ms: Double
}

/// A handler that does nothing but look at the clock.
private final class HandlerStarts: JobHandler {
    private let starts = Mutex<[Int64: ContinuousClock.Instant]>([:])

    func run(_ job: ClaimedJob) async -> Settlement {
        let now = ContinuousClock.now
        starts.withLock { $0[job.jobID] = now }
        return Settlement(of: job, outcome: .done(result: "ok"))
    }

    /// Waits until each has started; a handler that was faster than the answer to its enqueuer waited for nothing.
    func waits(of jobs: [EnqueuedJob]) async throws -> [JobWait] {
        var waits: [JobWait] = []
        for job in jobs {
            while true {
                if let start = starts.withLock({ $0[job.jobID] }) {
                    waits.append(
                        JobWait(
                            fromCommit_ms: max(0, (start - job.committedAt) / .milliseconds(1)),
                            fromCall_ms: (start - job.calledAt) / .milliseconds(1)
                        )
                    )
                    break
                }
                try await Task.sleep(for: .milliseconds(20))
            }
        }
        return waits
    }
}

/// What `usher bench latency` prints.
struct LatencyReport: Report {
    /// From the moment the commit was known to the caller to the handler's start.
    let p50Ms: Double
    let p99Ms: Double
    let maxMs: Double
    /// The same from before the enqueuing call was sent.
    let p50FromCallMs: Double
    let p99FromCallMs: Double
    let jobs: Int
    let conditions: Conditions

    struct Conditions: Encodable {
        let ratePerS: Double
        let seconds: Double
        let tenants: Int
        let machine: BenchMachine
    }

    init(_ waits: some Collection<JobWait>, _ bench: LatencyBench, _ machine: BenchMachine) {
        let commit = Sample(waits.map(\.fromCommit_ms))
        let call = Sample(waits.map(\.fromCall_ms))
        p50Ms = commit.percentile(50).rounded(places: 2)
        p99Ms = commit.percentile(99).rounded(places: 2)
        maxMs = commit.largest.rounded(places: 2)
        p50FromCallMs = call.percentile(50).rounded(places: 2)
        p99FromCallMs = call.percentile(99).rounded(places: 2)
        jobs = commit.count
        conditions = Conditions(ratePerS: bench.rate, seconds: bench.seconds, tenants: 50, machine: machine)
    }

    func lines(on terminal: Terminal) -> [String] {
        var table = TextTable(
            ["ENQUEUE → START", "P50 MS", "P99 MS", "MAX MS"],
            rightAligned: ["P50 MS", "P99 MS", "MAX MS"]
        )
        table.append([.init("from the commit"), .init("\(p50Ms)"), .init("\(p99Ms)"), .init("\(maxMs)")])
        table.append([.init("from the call"), .init("\(p50FromCallMs)"), .init("\(p99FromCallMs)"), .init("")])
        var facts = FactList()
        facts.add(
            "conditions",
            "\(jobs.grouped) jobs of \(conditions.tenants) tenants at \(conditions.ratePerS.withOneDecimal) a second, "
                + "one worker; " + conditions.machine.line
        )
        return table.lines(on: terminal) + facts.lines(on: terminal)
    }
}
