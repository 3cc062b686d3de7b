import ArgumentParser
import JobQueue
import Postgres

/// The command `usher bench backlog`.
struct BacklogBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backlog",
        abstract: "What a claim costs while ten thousand, a million and five million jobs are queued.",
        discussion: """
            The jobs belong to 10,000 tenants in turn. Claims are made as a worker makes them, through its own store,
            one after the other; what was claimed is settled between two of them, outside of the time that is taken.
            Before each round the backlog is filled up again, the server writes out what loading left behind, and
            claims of one job are made until the wake-ups it left are folded into the lanes.

            EXAMPLE:
              usher bench backlog --max-rows 1000000 --json
            """
    )

    @Option(name: .customLong("max-rows"), help: "The largest backlog.") var maximumRows = 5_000_000
    @Option(help: "Jobs claimed at once.") var batch = 100
    @Option(help: "Rounds for each backlog; the median is shown.") var rounds = 3
    @OptionGroup var output: OutputOptions

    static let sizes = [10_000, 1_000_000, 5_000_000]
    static let tenants = 10_000
    /// Claims of a round: those that fill caches, and those that count.
    private static let warmUp = 10
    private static let claims = 50

    func validate() throws {
        guard (10_000...5_000_000).contains(maximumRows) else {
            throw ValidationError("--max-rows is 10000 to 5000000")
        }
        guard (1...150).contains(batch) else { throw ValidationError("--batch is 1 to 150") }
        guard (1...9).contains(rounds) else { throw ValidationError("--rounds is 1 to 9") }
    }

    func run() async throws {
        let report = try await QueueWorld.with(limit: .seconds(1200), output.output) { world in
            let tenants = BenchTenants(prefix: "bench", count: Self.tenants, running: 1000)
            try await tenants.join(world)
            let store = PostgresJobStore(pool: world.pool)
            let worker = try await store.register(name: "bench", lease: .seconds(3600))
            var sizes = Self.sizes.filter { $0 < maximumRows }
            sizes.append(maximumRows)
            var queued = 0
            var costs: [BacklogReport.Cost] = []
            for rows in sizes {
                var medians: [Double] = []
                for round in 1...rounds {
                    world.output.note("\(rows.grouped) rows, round \(round): queueing \((rows - queued).grouped) jobs")
                    try await world.load(rows - queued, for: tenants)
                    try await world.settle()
                    let folding = try await foldWakes(store, worker, world)
                    let (times, claimed) = try await claim(store, worker)
                    queued = rows - folding - claimed
                    medians.append(Sample(times).median)
                }
                costs.append(BacklogReport.Cost(rows: rows, batch_ms: Sample(medians).median, batch: batch))
            }
            return BacklogReport(costs, self, world.machine)
        }
        try output.output.show(report)
    }

    /// Makes claims of one job until little is left of the wake-ups; answers how many jobs that has taken.
    private func foldWakes(_ store: PostgresJobStore, _ worker: Int64, _ world: QueueWorld) async throws -> Int {
        var claimed = 0
        while try await world.count("select count(*) from (select from usher.lane_wake limit 1001) w") > 1000 {
            let jobs = try await store.exchange(worker: worker, settling: [], claiming: 1).claimed
            let settlements = jobs.map { Settlement(of: $0, outcome: .done(result: "ok")) }
            _ = try await store.exchange(worker: worker, settling: settlements, claiming: 0)
            claimed += jobs.count
        }
        return claimed
    }

    /// The time of each claim that counts, in milliseconds, and how many jobs all of them have taken.
    private func claim(_ store: PostgresJobStore, _ worker: Int64) async throws -> ([Double], Int) {
        var times: [Double] = []
        var claimed = 0
        for number in 0..<(Self.warmUp + Self.claims) {
            let start = ContinuousClock.now
            let jobs = try await store.exchange(worker: worker, settling: [], claiming: batch).claimed
            if number >= Self.warmUp { times.append((ContinuousClock.now - start) / .milliseconds(1)) }
            guard jobs.count == batch else { throw Failure("a claim of \(batch) jobs got \(jobs.count)") }
            claimed += jobs.count
            let settlements = jobs.map { Settlement(of: $0, outcome: .done(result: "ok")) }
            _ = try await store.exchange(worker: worker, settling: settlements, claiming: 0)
        }
        return (times, claimed)
    }
}

/// What `usher bench backlog` prints.
struct BacklogReport: Report {
    let backlogs: [Cost]
    /// What a claim costs at the largest backlog, over what it costs at the smallest.
    let largestOfSmallest: Double
    let conditions: Conditions

    struct Cost: Encodable {
        let rows: Int
        let claimP50Ms: Double
        let jobP50Us: Double

        init(rows: Int, batch_ms: Double, batch: Int) {
            self.rows = rows
            claimP50Ms = batch_ms.rounded(places: 3)
            jobP50Us = (batch_ms * 1000 / Double(batch)).rounded(places: 2)
        }
    }

    struct Conditions: Encodable {
        let tenants: Int
        let jobsPerClaim: Int
        let rounds: Int
        let machine: BenchMachine
    }

    init(_ costs: [Cost], _ bench: BacklogBench, _ machine: BenchMachine) {
        backlogs = costs
        largestOfSmallest = ((costs.last?.claimP50Ms ?? 0) / (costs.first?.claimP50Ms ?? 1)).rounded(places: 3)
        conditions = Conditions(
            tenants: BacklogBench.tenants,
            jobsPerClaim: bench.batch,
            rounds: bench.rounds,
            machine: machine
        )
    }

    func lines(on terminal: Terminal) -> [String] {
        let numbers: Set<String> = ["ROWS", "CLAIM P50 MS", "JOB P50 µS", "RATIO"]
        var table = TextTable(["ROWS", "CLAIM P50 MS", "JOB P50 µS", "RATIO"], rightAligned: numbers)
        for cost in backlogs {
            let ratio = (cost.claimP50Ms / (backlogs.first?.claimP50Ms ?? 1)).rounded(places: 2)
            table.append([
                .init(cost.rows.grouped), .init("\(cost.claimP50Ms)"), .init("\(cost.jobP50Us)"), .init("\(ratio)"),
            ])
        }
        var facts = FactList()
        facts.add(
            "conditions",
            "\(conditions.tenants.grouped) tenants, \(conditions.jobsPerClaim) jobs a claim, medians of "
                + "\(conditions.rounds) rounds; " + conditions.machine.line
        )
        return table.lines(on: terminal) + facts.lines(on: terminal)
    }
}
