import ArgumentParser
import Postgres

/// The command `usher bench fairness`.
struct FairnessBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fairness",
        abstract: "What each tenant gets while one of them holds half of the backlog, and what weights give.",
        discussion: """
            One tenant queues 500,000 jobs, then 9,999 others 50 each; a worker drains them all. The order of the claims
            is held against the fluid share: at each claim, every tenant with work is due its weight over the weights of
            all who have work. Then three tenants of weight 1, 4 and 10 are drained together until the first runs dry.

            EXAMPLES:
              usher bench fairness --json
              usher bench fairness --scale 0.05            50 times fewer tenants and jobs of the big one: some seconds
            """
    )

    @Option(help: "Part of the full size, 0.01 to 1.") var scale = 1.0
    @Option(help: "Jobs the worker runs at once.") var slots = 1000
    @OptionGroup var output: OutputOptions

    static let smallJobs = 50
    static let weights = [1, 4, 10]
    /// Jain's index is taken over the first ten jobs of each tenant on average.
    private static let jainJobs = 10

    func validate() throws {
        guard (0.01...1).contains(scale) else { throw ValidationError("--scale is 0.01 to 1") }
        guard (1...10_000).contains(slots) else { throw ValidationError("--slots is 1 to 10000") }
    }

    var smallTenants: Int { Int(10_000 * scale) - 1 }
    var bigJobs: Int { Int(500_000 * scale) }
    var jobsOfEachWeight: Int { Int(60_000 * scale) }

    func run() async throws {
        let report = try await QueueWorld.with(limit: .seconds(900), output.output) { world in
            let equal = try await drainEqual(world)
            return FairnessReport(equal, try await drainWeighted(world), self, world.machine)
        }
        try output.output.show(report)
    }

    /// What the claims of the first part came to.
    struct Equal {
        var shares: FairShares
        var jainIndex: Double
        var jainClaims: Int
    }

    private func drainEqual(_ world: QueueWorld) async throws -> Equal {
        let big = BenchTenants(prefix: "big", count: 1, running: 1_000_000)
        let small = BenchTenants(prefix: "small", count: smallTenants, running: 1_000_000)
        try await big.join(world)
        try await small.join(world)
        let claims = try await drain([(big, bigJobs), (small, smallTenants * Self.smallJobs)], world)
        let lanes = try await world.lanes(of: "big") + world.lanes(of: "small")
        var equal = Equal(
            shares: FairShares(lanes.indices.map { .init(jobs: $0 == 0 ? bigJobs : Self.smallJobs) }),
            jainIndex: 0,
            jainClaims: min(claims.count, lanes.count * Self.jainJobs)
        )
        for tenant in try Self.places(of: claims, among: lanes) {
            equal.shares.claim(tenant)
            if equal.shares.claims == equal.jainClaims { equal.jainIndex = equal.shares.jainIndex }
        }
        equal.shares.finish()
        return equal
    }

    /// Up to the moment the first of them has had its last job; after that there are no shares to keep.
    private func drainWeighted(_ world: QueueWorld) async throws -> FairShares {
        var loads: [(BenchTenants, Int)] = []
        var lanes: [Int] = []
        for weight in Self.weights {
            let tenant = BenchTenants(prefix: "weight\(weight)", count: 1, weight: weight, running: 1_000_000)
            try await tenant.join(world)
            loads.append((tenant, jobsOfEachWeight))
            lanes += try await world.lanes(of: tenant.prefix)
        }
        var shares = FairShares(Self.weights.map { .init(weight: Double($0), jobs: jobsOfEachWeight) })
        for tenant in try Self.places(of: try await drain(loads, world), among: lanes) {
            shares.claim(tenant)
            if shares.finishedAt.contains(where: { $0 != nil }) { break }
        }
        return shares
    }

    private func drain(_ loads: [(tenants: BenchTenants, jobs: Int)], _ world: QueueWorld) async throws -> [Int] {
        let jobs = loads.reduce(0) { $0 + $1.jobs }
        world.output.note(
            "queueing \(jobs.grouped) jobs of \(loads.reduce(0) { $0 + $1.tenants.count }.grouped) tenants"
        )
        for (tenants, jobs) in loads { try await world.load(jobs, for: tenants) }
        try await world.settle()
        let mark = try await world.mark()
        world.output.note("draining them")
        try await world.withWorkers(BenchWorkerOptions(slots: slots)) { workers in
            try await world.waitUntilDrained(jobs, since: mark, workers)
        }
        return try await world.claimHistory(since: mark)
    }

    private static func places(of claims: [Int], among lanes: [Int]) throws(Failure) -> [Int] {
        let places = Dictionary(uniqueKeysWithValues: lanes.enumerated().map { ($1, $0) })
        let tenants = claims.compactMap { places[$0] }
        guard tenants.count == claims.count else { throw Failure("claims of tenants that are none of the bench's") }
        return tenants
    }
}

/// What `usher bench fairness` prints.
struct FairnessReport: Report {
    /// The most any tenant with work was behind its share at any moment, in jobs.
    let worstLagJobs: Double
    /// Jobs a tenant is given in a row.
    let quantumJobs: Int
    let isWithinTwoQuanta: Bool
    let jainIndex: Double
    let jainClaims: Int
    /// When the last small tenant was done, over when it would be at best.
    let lastSmallOfIdeal: Double
    /// The largest relative deviation from a share by weight, 0.03 for three per cent.
    let weightError: Double
    let weights: [Weight]
    let conditions: Conditions

    struct Weight: Encodable {
        let weight: Int
        let jobs: Int
        let share: Double
        let ideal: Double
    }

    struct Conditions: Encodable {
        let bigTenantJobs: Int
        let smallTenants: Int
        let smallTenantJobs: Int
        let slots: Int
        let machine: BenchMachine
    }

    init(_ equal: FairnessBench.Equal, _ weighted: FairShares, _ bench: FairnessBench, _ machine: BenchMachine) {
        worstLagJobs = equal.shares.worstLag.rounded(places: 2)
        quantumJobs = equal.shares.longestRun
        isWithinTwoQuanta = equal.shares.worstLag <= Double(2 * quantumJobs)
        jainIndex = equal.jainIndex.rounded(places: 4)
        jainClaims = equal.jainClaims
        // Until then each of them, the big one too, gets as much as a small one holds.
        let ideal = (bench.smallTenants + 1) * FairnessBench.smallJobs
        let last = equal.shares.finishedAt.dropFirst().map { $0 ?? .max }.max() ?? 0
        lastSmallOfIdeal = (Double(last) / Double(ideal)).rounded(places: 4)
        weightError = weighted.shareError.rounded(places: 4)
        let sum = FairnessBench.weights.reduce(0, +)
        weights = zip(FairnessBench.weights, weighted.jobsServed).map { weight, jobs in
            Weight(
                weight: weight,
                jobs: jobs,
                share: (Double(jobs) / Double(max(1, weighted.claims))).rounded(places: 4),
                ideal: (Double(weight) / Double(sum)).rounded(places: 4)
            )
        }
        conditions = Conditions(
            bigTenantJobs: bench.bigJobs,
            smallTenants: bench.smallTenants,
            smallTenantJobs: FairnessBench.smallJobs,
            slots: bench.slots,
            machine: machine
        )
    }

    func lines(on terminal: Terminal) -> [String] {
        var facts = FactList()
        facts.add(
            "worst lag",
            "\(worstLagJobs) jobs behind the share; two quanta are \(2 * quantumJobs)",
            isWithinTwoQuanta ? .plain : .warning
        )
        facts.add("Jain index", "\(jainIndex) over the first \(jainClaims.grouped) claims")
        facts.add("last small one", "done at \(lastSmallOfIdeal) of the ideal")
        facts.add("weights", "shares off by \((weightError * 100).rounded(places: 2)) % at most")
        var table = TextTable(
            ["WEIGHT", "JOBS", "SHARE", "IDEAL"],
            rightAligned: ["WEIGHT", "JOBS", "SHARE", "IDEAL"]
        )
        for row in weights {
            table.append([
                .init("\(row.weight)"), .init(row.jobs.grouped), .init("\(row.share)"), .init("\(row.ideal)"),
            ])
        }
        var conditions = FactList()
        conditions.add(
            "conditions",
            "\(self.conditions.bigTenantJobs.grouped) jobs of one tenant and "
                + "\(self.conditions.smallTenantJobs) each of "
                + "\(self.conditions.smallTenants.grouped), one worker of \(self.conditions.slots.grouped) slots; "
                + self.conditions.machine.line
        )
        return facts.lines(on: terminal) + table.lines(on: terminal) + conditions.lines(on: terminal)
    }
}
