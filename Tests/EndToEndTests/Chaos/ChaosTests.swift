import Foundation
import Onboarding
import Postgres
import Simulator
import TLSPolicy
import TestSupport
import Testing
import usher

/// Workers and server are harmed at random while work is queued without end; then every promise is checked.
///
/// `USHER_CHAOS=200 swift test --filter ChaosTests` runs it at length, `USHER_SEED` chooses the faults.
@Suite(.serialized, .timeLimit(.minutes(60)))
struct ChaosTests {
    private static let environment = ProcessInfo.processInfo.environment
    private static let rounds = environment["USHER_CHAOS"].flatMap(Int.init) ?? 6
    private let seed = environment["USHER_SEED"].flatMap(UInt64.init) ?? UInt64.random(in: 0...UInt64.max)

    @Test func `every committed job ends once, whatever is killed, stopped, cut or restarted`() async throws {
        let cluster = try await LocalCluster.start(.fast)
        let migrator = Migrator(
            folder: WorkerWorld.migrationsFolder,
            settings: ConnectionSettings(url: cluster.connectionURL()),
            logger: .quiet
        )
        _ = try await migrator.up()
        try await WorkerWorld.with(database: cluster.connectionURL(), logLevel: "warning", slots: 4) { world in
            try await History.recordGrowth(in: world.pool)
            try await world.prepareChaos()
            for number in 1...4 {
                try await world.workers.start(number)
                #expect(try await world.isRegistered(number))
            }
            let enqueuer = SteadyEnqueuer(pool: world.pool, tenants: WorkerWorld.tenants, seed: seed)
            let enqueuing = Task {
                await enqueuer.run(atMost: 40) { try await world.count("select count(*) from usher.ready") }
            }
            var nemesis = Nemesis(world: world, cluster: cluster, workers: 4, seed: seed)
            for _ in 0..<Self.rounds { try await nemesis.strike() }
            enqueuing.cancel()
            await enqueuing.value

            let left: Statement = """
                select (select count(*) from usher.ready) + (select count(*) from usher.lease)
                     + (select count(*) from usher.deferred)
                """
            #expect(try await eventually(within: .seconds(240)) { try await world.patiently(left) == 0 })
            let history = try await History.read(from: world.pool, committed: enqueuer.committed)
            let violations = HistoryCheck(history).violations()
            #expect(violations.isEmpty, "USHER_SEED=\(seed): \(violations.prefix(10))")
            #expect(history.jobs.count > Self.rounds * 3 && !enqueuer.committed.isEmpty)
            #expect(world.simulator.snapshot().counters.equalPatches == 0)
            report(history, nemesis, enqueuer)
        }
        await cluster.stop()
    }

    @Test(.database) func `after a crash its jobs run again within 25 seconds, with default settings`() async throws {
        try await WorkerWorld.with(timeScale: 240, lease_s: 20) { world in
            try await world.prepareChaos()
            let name = "slow.\(WorkerWorld.tenants[0])-usher.com"
            world.simulator.setFaults(
                FaultPlan(rules: [.init(.slow(seconds: 14_400), .next(1), operations: [.create], hostname: name)])
            )
            try await world.workers.start(1)
            _ = try await EnqueueStore(pool: world.pool)
                .enqueue(tenant: WorkerWorld.tenants[0], hostname: name, wish: HostnameWish())
            #expect(try await eventually { world.simulator.requests.count(.create, hostname: name) > 0 })
            for number in 2...4 { try await world.workers.start(number) }
            let now: Statement = "select (extract(epoch from clock_timestamp()) * 1000000)::bigint"
            let killedAt = try await world.count(now)
            await world.workers.kill(1)
            let again: Statement = """
                select coalesce(max((extract(epoch from claimed_at) * 1000000)::bigint), 0) from
                    (select claimed_at from usher.lease union all select started_at from usher.attempt) t
                """
            #expect(
                try await eventually(within: .seconds(40)) { try await world.count(again) > killedAt }
            )
            let took_s = Double(try await world.count(again) - killedAt) / 1_000_000
            print("crash → run again with default settings: \(took_s) s")
            #expect(took_s < 25)
        }
    }

    private func report(_ history: History, _ nemesis: Nemesis, _ enqueuer: SteadyEnqueuer) {
        let faults = nemesis.done.sorted { $0.value > $1.value }.map { "\($0.value) × \($0.key.rawValue)" }
        let outcomes = Dictionary(grouping: history.attempts, by: \.outcome).mapValues(\.count)
        let finishedAgain = Dictionary(grouping: history.attempts.filter { $0.outcome == "done" }, by: \.job)
            .count { $0.value.count > 1 }
        print(
            """
            chaos, USHER_SEED=\(seed), \(Self.rounds) rounds: \(faults.joined(separator: ", "))
              \(history.jobs.count) jobs, \(history.ends.count) ends, \(enqueuer.committed.count) promised singly, \
            \(history.batches.count) batches, \(enqueuer.refusals) calls of the enqueuer failed
              attempts \(outcomes.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", "))
              stale settlements refused \(history.stale.count), jobs finished again as their wish grew \(finishedAgain)
              worst SIGKILL → run again (lease 1.5 s) \(worstRecovery_s(history, nemesis.orphans)) s
            """
        )
    }

    private func worstRecovery_s(_ history: History, _ orphans: [Nemesis.Orphan]) -> Double {
        let starts = Dictionary(grouping: history.attempts, by: \.job).mapValues { $0.map(\.startedAt).sorted() }
        // What was settled in the last moment before the kill may have been put off, and has lost nobody.
        let lost = Set(history.attempts.filter { $0.outcome == "worker_lost" }.map(\.id))
        let waits = orphans.filter { lost.contains($0.attempt) }.compactMap { orphan in
            starts[orphan.job]?.first { $0 > orphan.killedAt }.map { $0 - orphan.killedAt }
        }
        return Double(waits.max() ?? 0) / 1_000_000
    }
}

extension WorkerWorld {
    fileprivate static let tenants = ["ant", "bee", "cat"]

    /// Three tenants on a tier whose limit is reached all the time.
    fileprivate func prepareChaos() async throws {
        let policy = TierPolicy(
            minimumTLS: .v1_2,
            ciphers: TLSProfile.modern1.ciphers,
            customCertificate: .allowed,
            limits: TierLimits(running: 3)
        )
        _ = try await TierStore(pool: pool).apply([("chaos", policy)], author: "test", reason: "test")
        for tenant in Self.tenants {
            _ = try await TenantStore(pool: pool).setTier(tenant, to: "chaos", event: "e1", version: 1)
        }
    }

    /// The project's migrations, found from this file.
    static var migrationsFolder: String {
        var folder = URL(filePath: #filePath)
        for _ in 0..<4 { folder.deleteLastPathComponent() }
        return folder.appending(path: "migrations").path()
    }
}
