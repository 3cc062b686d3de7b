import Foundation
import Postgres
import Simulator
import TestSupport
import usher

/// Does harm to workers and server, one fault a round, each drawn from the seed.
struct Nemesis {
    /// What can go wrong.
    enum Fault: String, CaseIterable {
        /// A worker is gone, and another starts in its place.
        case kill
        /// A worker stands still until it was given up, then goes on.
        case suspend
        /// A connection of a worker is cut.
        case terminateBackend = "terminate backend"
        /// The server dies and recovers.
        case restartServer = "restart server"
    }

    let world: WorkerWorld
    let cluster: LocalCluster
    private(set) var done: [Fault: Int] = [:]
    /// What each killed worker held when it was killed.
    private(set) var orphans: [Orphan] = []
    private var random: SeededRandom
    private var running: [Int]
    private var lastWorker: Int

    /// A job whose worker was killed.
    struct Orphan {
        let job: Int64
        let attempt: Int64
        /// The database's clock, in microseconds.
        let killedAt: Int64
    }

    /// - Parameter workers: Numbers of the workers that run, from 1.
    init(world: WorkerWorld, cluster: LocalCluster, workers: Int, seed: UInt64) {
        self.world = world
        self.cluster = cluster
        random = SeededRandom(seed: seed)
        running = Array(1...workers)
        lastWorker = workers
    }

    /// One round: work is under way, then something happens.
    mutating func strike() async throws {
        try await work(settlements: 3)
        // A killed or suspended worker is what a queue must stand most often.
        let fault =
            [.kill, .kill, .kill, .suspend, .terminateBackend, .terminateBackend, .restartServer]
            .randomElement(using: &random) ?? Fault.kill
        done[fault, default: 0] += 1
        switch fault {
        case .kill: try await killWorker()
        case .suspend: try await suspendWorker()
        case .terminateBackend: try await terminateBackend()
        case .restartServer: try await cluster.restart(immediate: true)
        }
    }

    private func work(settlements: Int) async throws {
        let before = try await world.patiently("select count(*) from usher.attempt")
        _ = try await eventually(within: .seconds(20)) {
            try await world.patiently("select count(*) from usher.attempt") >= before + settlements
        }
    }

    private mutating func killWorker() async throws {
        let place = Int.random(in: running.indices, using: &random)
        let number = running[place]
        let held = try await world.leases(of: world.workers.process(of: number) ?? 0)
        await world.workers.kill(number)
        orphans += held
        lastWorker += 1
        running[place] = lastWorker
        try await world.workers.start(lastWorker)
        // A worker that cannot reach the database when it starts says so and ends; only one that has begun outlives it.
        guard try await world.isRegistered(lastWorker) else { throw NemesisError(message: "a worker did not start") }
    }

    private mutating func suspendWorker() async throws {
        let number = running.randomElement(using: &random) ?? 1
        let lost: Statement = "select count(*) from usher.worker where ending = 'lost'"
        let before = try await world.patiently(lost)
        world.workers.suspend(number, true)
        let isGivenUp = try await eventually(within: .seconds(20)) { try await world.patiently(lost) > before }
        world.workers.suspend(number, false)
        if !isGivenUp { throw NemesisError(message: "a suspended worker was not given up") }
    }

    private mutating func terminateBackend() async throws {
        let backends = try await world.pool.session { db throws(PostgresError) in
            try db.query(
                "select pid from pg_stat_activity where application_name = 'usher work' order by pid",
                as: Int.self
            )
        }
        guard let backend = backends.randomElement(using: &random) else { return }
        _ = try await world.patiently("select pg_terminate_backend(\(backend)::integer)::integer")
    }
}

/// The nemesis could not do what it meant to.
struct NemesisError: Error, CustomStringConvertible {
    let message: String

    var description: String { message }
}

extension WorkerWorld {
    /// Asks the database for a number, again if it was just being restarted.
    func patiently(_ statement: Statement) async throws -> Int {
        for _ in 0..<50 {
            do {
                return try await count(statement)
            } catch let error as PostgresError {
                guard error.isRetryable || error.kind == .closed else { throw error }
            }
        }
        return try await count(statement)
    }

    /// Waits until the database knows a worker that was started.
    func isRegistered(_ number: Int) async throws -> Bool {
        let name = "%:\(workers.process(of: number) ?? 0)"
        return try await eventually(within: .seconds(30)) {
            try await patiently("select count(*) from usher.worker where name like \(name)") > 0
        }
    }

    /// What a worker process holds at this moment.
    fileprivate func leases(of process: Int32) async throws -> [Nemesis.Orphan] {
        try await pool.session { db throws(PostgresError) in
            try db.query(
                """
                select l.job_id, l.attempt_id, (extract(epoch from clock_timestamp()) * 1000000)::bigint
                from usher.lease l join usher.worker w using (worker_id)
                where w.name like \("%:\(process)") and w.ended_at is null
                """,
                as: (Int64, Int64, Int64).self
            ).map { Nemesis.Orphan(job: $0.0, attempt: $0.1, killedAt: $0.2) }
        }
    }
}
