import ArgumentParser
import Postgres

/// The command `usher bench queue`.
struct QueueBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "queue",
        abstract: "How fast jobs are enqueued and drained, beside what a plain queue does on the same server.",
        discussion: """
            Each round: pgbench drives a plain queue (claim 500 rows with SKIP LOCKED, move the finished ones to a
            history table, a transaction each, two clients), in the form people run and in the barest one; then as many
            jobs of 500 tenants are enqueued in bulk, and a worker process drains them with everything on: lanes,
            limits, leases, every attempt recorded. Then rounds of one job a transaction, with 16 clients of pgbench,
            beside a plain insert of the same payload. The rate of the drain is from the first claim to the last end,
            by the database's clock.

            EXAMPLES:
              usher bench queue --json
              usher bench queue --jobs 20000 --rounds 1
            """
    )

    @Option(help: "Jobs of a round.") var jobs = 200_000
    @Option(help: "Rounds; the medians are shown.") var rounds = 3
    @Option(help: "Jobs the worker runs at once.") var slots = 1000
    @Option(help: "How long each round of single enqueues takes, in seconds.") var seconds = 5
    @OptionGroup var output: OutputOptions

    static let tenants = 500
    static let enqueuers = 16
    /// Of the bulk enqueue.
    static let rowsOfACall = 1000

    func validate() throws {
        let step = PlainQueue.batch * PlainQueue.clients
        guard (step...2_000_000).contains(jobs), jobs.isMultiple(of: step) else {
            throw ValidationError("--jobs is a multiple of \(step), up to 2000000")
        }
        guard (1...9).contains(rounds) else { throw ValidationError("--rounds is 1 to 9") }
        guard (1...10_000).contains(slots) else { throw ValidationError("--slots is 1 to 10000") }
        guard (1...60).contains(seconds) else { throw ValidationError("--seconds is 1 to 60") }
    }

    func run() async throws {
        let report = try await QueueWorld.with(limit: .seconds(900), output.output) { world in
            let tenants = BenchTenants(prefix: "bench", count: Self.tenants, running: 100)
            try await tenants.join(world)
            let pgbench = try Pgbench(world.cluster)
            var drains: [QueueReport.Drain] = []
            for round in 1...rounds {
                world.output.note("round \(round) of \(rounds): \(jobs.grouped) jobs")
                drains.append(try await drain(world, pgbench, tenants))
            }
            var enqueues: [QueueReport.Enqueue] = []
            for round in 1...rounds {
                world.output.note("round \(round) of \(rounds): single enqueues for \(seconds) s")
                enqueues.append(try await enqueue(world, pgbench, tenants))
            }
            return QueueReport(drains, enqueues, self, world.machine)
        }
        try output.output.show(report)
    }

    private func drain(
        _ world: QueueWorld,
        _ pgbench: Pgbench,
        _ tenants: BenchTenants
    ) async throws -> QueueReport.Drain {
        let plain = PlainQueue(world: world, pgbench: pgbench)
        let bare = try await plain.drainRate(.bare, rows: jobs)
        let limit = try await plain.drainRate(.usual, rows: jobs)
        let bulk = try await world.enqueueInBulk(jobs, rowsOfACall: Self.rowsOfACall, for: tenants)
        try await world.settle()
        let mark = try await world.mark()
        let memory = try await world.withWorkers(BenchWorkerOptions(slots: slots)) { workers in
            try await world.waitUntilDrained(jobs, since: mark, workers)
            return workers.processes.values.compactMap { ProcessMemory.peak_MiB(of: "\($0)") }.max() ?? 0
        }
        return QueueReport.Drain(
            limitPerS: limit,
            bareLimitPerS: bare,
            enqueueBulkPerS: bulk,
            drainPerS: try await world.drainRate(of: jobs, since: mark),
            workerRssMib: memory
        )
    }

    /// Alternating, so that both see the same machine.
    private func enqueue(
        _ world: QueueWorld,
        _ pgbench: Pgbench,
        _ tenants: BenchTenants
    ) async throws -> QueueReport.Enqueue {
        try await world.execute("drop table if exists plain.job")
        try await world.execute(
            """
            create table plain.job (
                id bigint generated always as identity primary key, tenant integer not null, payload jsonb not null,
                enqueued_at timestamptz not null default clock_timestamp()
            )
            """
        )
        try await world.execute("checkpoint")
        let insert = """
            \\set tenant random(1, \(tenants.count))
            insert into plain.job (tenant, payload)
            values (:tenant::integer, jsonb_build_object('n', :tenant::integer)) returning id;
            """
        let plain = try await pgbench.run(insert, clients: Self.enqueuers, .seconds(seconds))
        let script = EnqueueCall.script(for: tenants)
        let single = try await pgbench.run(script, clients: Self.enqueuers, .seconds(seconds))
        return QueueReport.Enqueue(plainInsertPerS: plain, enqueueSinglePerS: single)
    }
}

/// What `usher bench queue` prints: medians of the rounds.
struct QueueReport: Report {
    let drainPerS: Double
    /// What pgbench makes of a plain queue in the form people run.
    let limitPerS: Double
    let drainOfLimit: Double
    /// What it makes of the barest form.
    let bareLimitPerS: Double
    let enqueueBulkPerS: Double
    let enqueueSinglePerS: Double
    let plainInsertPerS: Double
    let enqueueSingleOfPlain: Double
    /// The most that was resident of a worker process in any round.
    let workerRssMib: Double
    let rounds: Rounds
    let conditions: Conditions

    /// One round with a backlog.
    struct Drain: Encodable {
        let limitPerS: Double
        let bareLimitPerS: Double
        let enqueueBulkPerS: Double
        let drainPerS: Double
        let workerRssMib: Double
    }

    /// One round of single enqueues.
    struct Enqueue: Encodable {
        let plainInsertPerS: Double
        let enqueueSinglePerS: Double
    }

    /// Each round as it was.
    struct Rounds: Encodable {
        let drains: [Drain]
        let enqueues: [Enqueue]
    }

    struct Conditions: Encodable {
        let jobs: Int
        let tenants: Int
        let rounds: Int
        let workerProcesses: Int
        let slots: Int
        let plainQueue = PlainQueue.Form.usualInWords
        let plainQueueBatch: Int
        let plainQueueClients: Int
        let enqueueBulkRowsOfACall: Int
        let enqueueBulkClients: Int
        let enqueueSingleClients: Int
        let machine: BenchMachine
    }

    init(_ drains: [Drain], _ enqueues: [Enqueue], _ bench: QueueBench, _ machine: BenchMachine) {
        drainPerS = Sample(drains.map(\.drainPerS)).median.rounded()
        limitPerS = Sample(drains.map(\.limitPerS)).median.rounded()
        bareLimitPerS = Sample(drains.map(\.bareLimitPerS)).median.rounded()
        drainOfLimit = (drainPerS / limitPerS).rounded(places: 3)
        enqueueBulkPerS = Sample(drains.map(\.enqueueBulkPerS)).median.rounded()
        enqueueSinglePerS = Sample(enqueues.map(\.enqueueSinglePerS)).median.rounded()
        plainInsertPerS = Sample(enqueues.map(\.plainInsertPerS)).median.rounded()
        enqueueSingleOfPlain = (enqueueSinglePerS / plainInsertPerS).rounded(places: 3)
        workerRssMib = Sample(drains.map(\.workerRssMib)).largest.rounded(places: 1)
        rounds = Rounds(drains: drains, enqueues: enqueues)
        conditions = Conditions(
            jobs: bench.jobs,
            tenants: QueueBench.tenants,
            rounds: bench.rounds,
            workerProcesses: 1,
            slots: bench.slots,
            plainQueueBatch: PlainQueue.batch,
            plainQueueClients: PlainQueue.clients,
            enqueueBulkRowsOfACall: QueueBench.rowsOfACall,
            enqueueBulkClients: QueueWorld.enqueuers,
            enqueueSingleClients: QueueBench.enqueuers,
            machine: machine
        )
    }

    func lines(on terminal: Terminal) -> [String] {
        var table = TextTable(
            ["", "USHER PER S", "PLAIN TABLE PER S", "OF IT"],
            rightAligned: ["USHER PER S", "PLAIN TABLE PER S", "OF IT"]
        )
        table.append([
            .init("drain"), .init(drainPerS.wholeAndGrouped), .init(limitPerS.wholeAndGrouped),
            .init("\(drainOfLimit)"),
        ])
        table.append([.init("barest plain queue"), .init(""), .init(bareLimitPerS.wholeAndGrouped), .init("")])
        table.append([.init("enqueue in bulk"), .init(enqueueBulkPerS.wholeAndGrouped), .init(""), .init("")])
        table.append([
            .init("enqueue one by one"), .init(enqueueSinglePerS.wholeAndGrouped),
            .init(plainInsertPerS.wholeAndGrouped),
            .init("\(enqueueSingleOfPlain)"),
        ])
        var facts = FactList()
        facts.add("worker", "\(workerRssMib) MiB resident at most")
        facts.add(
            "conditions",
            "medians of \(conditions.rounds); \(conditions.jobs.grouped) no-op jobs of "
                + "\(conditions.tenants) tenants, one worker of \(conditions.slots.grouped) slots; plain queue: "
                + "pgbench, \(conditions.plainQueueClients) clients, "
                + "\(conditions.plainQueueBatch) rows a claim; bulk: "
                + "\(conditions.enqueueBulkClients) clients, \(conditions.enqueueBulkRowsOfACall) a call; singles: "
                + "\(conditions.enqueueSingleClients) clients; "
                + conditions.machine.line
        )
        return table.lines(on: terminal) + facts.lines(on: terminal)
    }
}
