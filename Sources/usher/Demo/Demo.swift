import Foundation
import JobQueue
import Logging
import Onboarding
import Postgres
import Simulator
import TLSPolicy

/// The story the demo tells, step by step.
struct Demo {
    let world: DemoWorld
    let input: DemoInput
    let output: Output
    let seed: UInt64

    private let started = ContinuousClock.now
    private var refusals: [Int: String] = [:]
    private var cleanCalls = 0
    private var cleanHostnames = 0
    private var replayed = 0
    private var movedTenant = ""

    private var database: DemoDatabase { DemoDatabase(pool: world.pool) }

    init(world: DemoWorld, input: DemoInput, output: Output, seed: UInt64) {
        self.world = world
        self.input = input
        self.output = output
        self.seed = seed
    }

    mutating func run() async throws -> DemoReport {
        try await prepare()
        try await onboardWhileAllIsWell()
        try await onboardWhileThingsGoWrong()
        try await moveTenantUp()
        try await replayWhatIsCurable()
        return try await report()
    }

    // MARK: - Steps

    private func prepare() async throws {
        output.note("A throwaway PostgreSQL and a simulated provider (\(world.providerURL)) are up.")
        let logger = Logger(label: "demo") { _ in SwiftLogNoOpLogHandler() }
        let settings = ConnectionSettings(url: world.databaseURL)
        let applied = try await Migrator(folder: MigrationFolder.standard, settings: settings, logger: logger).up()
        let tiers = input.tiers.map { (name: $0.name, policy: $0.policy) }
        let changes = try await TierStore(pool: world.pool).apply(tiers, author: "demo", reason: "jobs/tiers.yaml")
        let revisions = changes.map { "\($0.tier)@\($0.revision)" }.joined(separator: ", ")
        output.note("\(applied.count) migrations; tier policies \(revisions).")
    }

    private mutating func onboardWhileAllIsWell() async throws {
        try await enqueue(input.clean, name: "onboarding.csv")
        for number in [1, 2] { try await world.workers.start(number) }
        output.note("Two worker processes are at work; \(input.clean.count) rows of the file are queued.")
        try await settle(input.clean, label: "clean")
        cleanCalls = world.simulator.requests.total
        cleanHostnames = world.simulator.snapshot().hostnames.count
    }

    private mutating func onboardWhileThingsGoWrong() async throws {
        output.note("Now the provider misbehaves: 429s, 500s, HTML 502s, lost replies.")
        world.simulator.setFaults(trouble)
        let before = world.simulator.snapshot().hostnames.count
        try await enqueue(input.troubled, name: "onboarding.csv, second half")
        // Midway: a third of them is created, the others are in the queue or in a worker's hands.
        try await poll(for: .seconds(30)) {
            world.simulator.snapshot().hostnames.count >= before + input.troubled.count / 3
        }
        await world.workers.kill(1)
        output.note("Worker 1 was killed with SIGKILL; worker 2 takes its jobs over when its lease ends.")
        try await settle(input.troubled, label: "trouble")
        world.simulator.setFaults(FaultPlan())
    }

    /// A tenant that buys more gets more: its hostnames follow without anybody touching them.
    private mutating func moveTenantUp() async throws {
        guard let row = input.clean.first(where: { $0.tier == "pro" }) else { return }
        let tenant = row.tenant
        movedTenant = tenant
        let answer = try await TenantStore(pool: world.pool)
            .setTier(tenant, to: "enterprise", event: "demo:upgrade", version: 2)
        let previous = answer.previous ?? "-"
        output.note("Tenant \(tenant) moved from \(previous) to enterprise: \(answer.jobs) hostnames follow.")
        try await poll(for: .seconds(30)) {
            try await database.standings().filter { $0.tenant == tenant && $0.standing != "refused" }
                .allSatisfy { $0.standing == "enforced" && ($0.appliedPolicy ?? "").hasPrefix("enterprise@") }
        }
    }

    private mutating func replayWhatIsCurable() async throws {
        for errorClass in ["transient", "provider_down"] {
            let filter = ReplayFilter(errorClass: errorClass)
            let count = try await Replay(pool: world.pool).run(filter, reason: "the provider is well again")
            replayed += count.replayed
        }
        output.note("\(replayed) jobs had failed for a curable reason and are replayed.")
        try await settle(input.rows, label: "replay")
    }

    func waitForInterrupt() async {
        output.note("")
        output.note("Everything is left running. Look around:")
        output.note("  psql '\(world.databaseURL)'")
        output.note("  usher job list --database '\(world.databaseURL)'")
        output.note("  the provider's page: \(world.providerURL.replacing("/client/v4", with: "/"))")
        output.note("  the workers' logs: \(world.workers.log(of: 2))")
        output.note("Ctrl-C ends it.")
        await InterruptSignal.wait()
    }
}

// MARK: - Parts of steps

extension Demo {
    /// Queues rows, and uploads the certificates that tenants bring.
    private mutating func enqueue(_ rows: [OnboardingRow], name: String) async throws {
        let answer = try await EnqueueStore(pool: world.pool).enqueue(
            rows.map(EnqueueRow.init),
            name: name,
            rule: .partial
        )
        let offset = rows.first?.tenant == input.clean.first?.tenant ? 0 : input.clean.count
        for refused in answer.refused { refusals[offset + refused.index] = refused.code }
        let certificates = DemoCertificates(world: world)
        for row in rows where row.wish.customCertificate { try await certificates.put(for: row) }
    }

    /// What goes wrong: a burst of each, and one hostname the provider cannot create for a while.
    private var trouble: FaultPlan {
        let writes: Set<APIOperation> = [.create, .edit]
        var rules: [FaultPlan.Rule] = [
            .init(.replyLost, .next(3), operations: [.create]),
            .init(.throttled(.seconds(1)), .next(4), operations: writes),
            .init(.internalError, .next(3), operations: writes),
            .init(.badGateway, .next(2), operations: writes),
            .init(.throttled(.absent), .next(1), operations: writes),
            .init(.slow(seconds: 20), .probability(0.1), operations: writes),
        ]
        if let victim = input.troubled.last(where: { $0.expectation == .enforced && !$0.wish.customCertificate }) {
            rules.insert(
                .init(.internalError, .next(100), operations: [.create], hostname: victim.hostname.ascii),
                at: 0
            )
        }
        return FaultPlan(seed: seed, rules: rules)
    }

    /// Waits until each of the rows has come to something that only a person or a tenant can change.
    private func settle(_ rows: [OnboardingRow], label: String) async throws {
        var progress = ProgressLine(label, on: output.standardError)
        let names = Set(rows.map(\.hostname.ascii))
        let waiting = Set(rows.filter { $0.expectation == .waitingTenant }.map(\.hostname.ascii))
        try await poll(for: .seconds(60)) {
            let standings = try await database.standings().filter { names.contains($0.name) }
            let settled = standings.filter { standing in
                switch standing.standing {
                case "queued": false
                case "waiting": waiting.contains(standing.name) && standing.actor == "tenant"
                default: true
                }
            }
            let calls = world.simulator.requests.total
            progress.show(done: settled.count, of: standings.count, "\(calls) provider calls")
            return settled.count == standings.count
        }
        progress.finish()
    }

    /// Looks until the condition holds; a demo that takes too long goes on and says in the end what is not as expected.
    private func poll(for limit: Duration, until condition: () async throws -> Bool) async throws {
        let deadline = ContinuousClock.now + limit
        while ContinuousClock.now < deadline {
            if try await condition() { return }
            try await Task.sleep(for: .milliseconds(200))
        }
    }

    private func report() async throws -> DemoReport {
        let standings = try await database.standings()
        let policies = try await database.policies()
        let figures = try await database.figures()
        let zone = world.simulator.snapshot()
        let requests = world.simulator.requests
        let byName = Dictionary(standings.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        let results = input.rows.enumerated().map { index, row in
            let standing = byName[row.hostname.ascii].flatMap { $0.tenant == row.tenant ? $0 : nil }
            return DemoResult(
                row: row,
                refusal: refusals[index],
                standing: standing?.standing,
                actor: standing?.actor,
                message: standing?.message,
                policy: standing?.appliedPolicy.flatMap { policies[$0] },
                proof: standing?.proof
            )
        }
        let calls = Double(cleanCalls) / Double(max(cleanHostnames, 1))
        let elapsed = (ContinuousClock.now - started) / .seconds(1)
        return DemoReport(
            callsPerHostname: (calls * 1000).rounded() / 1000,
            providerCalls: requests.total,
            throttled: requests.statuses[429] ?? 0,
            hostnames: standings.count,
            enforced: standings.count { $0.standing == "enforced" },
            proved: standings.count { $0.proof == "proved" },
            notEnforced: results.compactMap(\.notEnforced),
            unexpected: results.compactMap { result in
                result.mismatch(with: zone).map {
                    .init(hostname: result.row.hostname.ascii, tenant: result.row.tenant, reason: $0)
                }
            },
            equalPatches: zone.counters.equalPatches,
            workersKilled: 1,
            attemptsRescued: figures.rescuedAttempts,
            staleSettlements: figures.staleSettlements,
            misplacedJobs: figures.misplacedJobs,
            replayed: replayed,
            movedTenant: movedTenant,
            seconds: (elapsed * 10).rounded() / 10,
            tenants: DemoReport.Tenant.all(standings)
        )
    }
}

extension DemoResult {
    fileprivate var notEnforced: DemoReport.NotEnforced? {
        if standing == "enforced" && refusal == nil { return nil }
        return .init(
            hostname: row.hostname.ascii,
            tenant: row.tenant,
            state: refusal.map { "refused \($0)" } ?? standing ?? "unknown",
            actor: refusal == nil ? actor ?? "-" : "tenant",
            reason: refusal == nil ? message ?? "" : "claimed by another tenant or not allowed; nothing was queued"
        )
    }
}

extension DemoReport.Tenant {
    /// One line a tenant, by tier as the tiers cost more.
    fileprivate static func all(_ standings: [DemoDatabase.Standing]) -> [DemoReport.Tenant] {
        Dictionary(grouping: standings, by: \.tenant).map { tenant, rows in
            func count(_ words: String...) -> Int { rows.count { words.contains($0.standing) } }
            return DemoReport.Tenant(
                tenant: tenant,
                tier: rows[0].tier,
                hostnames: rows.count,
                enforced: count("enforced"),
                partial: count("partial"),
                waiting: count("waiting", "queued"),
                refused: count("refused"),
                failed: count("failed", "unverified")
            )
        }.sorted { ($0.tier, $0.tenant) < ($1.tier, $1.tenant) }
    }
}
