import Foundation
import Glibc
import Onboarding
import Postgres
import Simulator
import TestSupport
import Testing
import usher

/// How worker processes leave: in order, in a hurry, and when nobody can be told.
@Suite(.serialized, .timeLimit(.minutes(10)))
struct StopTests {
    @Test(.database) func `a worker told to stop claims no more, finishes what runs and leaves with 0`() async throws {
        try await withBusyWorker(answerAfter_s: 480, arguments: []) { world, manager in
            world.workers.send(SIGTERM, to: 1)
            #expect(await manager.next { $0.contains("STOPPING=1") } != nil)
            try await world.enqueue("late.acme-usher.com")
            #expect(await world.workers.status(of: 1) == 0)
            #expect(try await world.attempts("released") == 0)
            #expect(try await world.attempts() == 1, "the job queued late was left alone")
            #expect(world.simulator.snapshot().hostnames.count == 1)
            #expect(try await world.leftInOrder())
        }
    }

    @Test(.database) func `what does not end within the limit is handed back, its attempt refunded`() async throws {
        try await withBusyWorker(arguments: ["--drain-seconds", "0.2"]) { (world, _) async throws in
            world.workers.send(SIGINT, to: 1)
            #expect(await world.workers.status(of: 1) == 0)
            #expect(try await world.attempts("released") == 1)
            #expect(try await world.leftInOrder())
            #expect(
                try await world.count("select count(*) from usher.ready where attempts = 0 and losses = 0") == 1
            )
        }
    }

    @Test(.database) func `a second signal hands back at once and leaves with 130`() async throws {
        try await withBusyWorker(arguments: ["--drain-seconds", "600"]) { (world, manager) async throws in
            world.workers.send(SIGTERM, to: 1)
            #expect(await manager.next { $0.contains("STOPPING=1") } != nil)
            let begin = ContinuousClock.now
            world.workers.send(SIGTERM, to: 1)
            let status = await world.workers.status(of: 1)
            let log = try String(contentsOfFile: world.workers.log(of: 1), encoding: .utf8)
            #expect(status == 130, "\(log.suffix(500))")
            #expect(ContinuousClock.now - begin < .seconds(20))
            #expect(try await world.attempts("released") == 1)
            #expect(try await world.leftInOrder())
        }
    }

    @Test func `a worker whose database is away leaves all the same, with 75`() async throws {
        let cluster = try await LocalCluster.start(.fast)
        let url = cluster.connectionURL()
        let settings = ConnectionSettings(url: url)
        _ = try await Migrator(folder: WorkerWorld.migrationsFolder, settings: settings, logger: .quiet).up()
        try await withBusyWorker(database: url, arguments: ["--drain-seconds", "0"]) { world, _ in
            await cluster.stop()
            world.workers.send(SIGTERM, to: 1)
            #expect(await world.workers.status(of: 1) == 75)
            let log = try String(contentsOfFile: world.workers.log(of: 1), encoding: .utf8)
            #expect(log.contains("could not hand back its jobs in time"))
        }
    }

    /// Lends a worker whose one job waits for the provider's answer, and the service manager it reports to.
    ///
    /// - Parameter answerAfter_s: Provider seconds, 240 to one of ours; by default it is never heard.
    private func withBusyWorker(
        database: String? = nil,
        answerAfter_s: Double = 144_000,
        arguments: [String],
        _ body: @Sendable (WorkerWorld, NotifyListener) async throws -> Void
    ) async throws {
        let manager = try NotifyListener(.path)
        try await WorkerWorld.with(
            database: database ?? TestDatabase.current.url,
            lease_s: 20,
            environment: ["NOTIFY_SOCKET": manager.address],
            arguments: arguments
        ) { world in
            try await world.prepare()
            let name = "slow.acme-usher.com"
            world.simulator.setFaults(
                FaultPlan(rules: [
                    .init(.slow(seconds: answerAfter_s), .next(1), operations: [.create], hostname: name)
                ])
            )
            try await world.workers.start(1)
            try await world.enqueue(name)
            #expect(try await eventually { world.simulator.requests.count(.create, hostname: name) > 0 })
            try await body(world, manager)
        }
        manager.close()
    }
}

extension WorkerWorld {
    fileprivate func attempts(_ outcome: String? = nil) async throws -> Int {
        try await count("select count(*) from usher.attempt where outcome = coalesce(\(outcome), outcome)")
    }

    /// No lease is left, and the worker said goodbye.
    fileprivate func leftInOrder() async throws -> Bool {
        let leases = try await count("select count(*) from usher.lease")
        let stopped = try await count("select count(*) from usher.worker where ending = 'stopped'")
        return leases == 0 && stopped == 1
    }
}
