import Foundation
import JobQueue
import Logging
import Onboarding
import Postgres
import Simulator
import TLSPolicy
import TestSupport
import usher

/// Real worker processes on a real database, with a simulated provider in the test's own process.
struct WorkerWorld: Sendable {
    let pool: PostgresPool
    let simulator: SimulatorServer
    let workers: WorkerProcesses
    let folder: TemporaryFolder
    let publicKey: PublicSealingKey
    /// Where the simulated edge listens.
    let edge: String

    static func with(
        database: String = TestDatabase.current.url,
        limits: RateLimits.Configuration = .none,
        logLevel: String = "info",
        proves: Bool = false,
        timeScale: Double = 240,
        slots: Int = 4,
        lease_s: Double = 1.5,
        environment: [String: String] = [:],
        arguments: [String] = [],
        _ body: @Sendable (WorkerWorld) async throws -> Void
    ) async throws {
        var configuration = SimulatorConfiguration()
        configuration.limits = limits
        let simulator = SimulatorServer(configuration, clock: VirtualClock(pace: .scaled(timeScale)), logger: .quiet)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await simulator.run() }
            let options = ["--time-scale", "\(timeScale)", "--lease-seconds", "\(lease_s)", "--slots", "\(slots)"]
            let world = try await WorkerWorld(
                simulator,
                database,
                environment: [
                    // Most of these tests are about workers that die.
                    "USHER_EDGE_PROOF": proves ? "handshake" : "none",
                    "USHER_LOG_LEVEL": logLevel,
                ].merging(environment) { $1 },
                arguments: options + arguments
            )
            do {
                try await body(world)
            } catch {
                await world.end()
                throw error
            }
            await world.end()
            tasks.cancelAll()
        }
    }

    private init(
        _ simulator: SimulatorServer,
        _ database: String,
        environment: [String: String],
        arguments: [String]
    ) async throws {
        edge = "127.0.0.1:\(try await simulator.edgePort)"
        let folder = try TemporaryFolder()
        let key = PrivateSealingKey()
        let keys = try folder.file("usher.keys", key.reveal() + "\n")
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: keys)
        self.simulator = simulator
        self.folder = folder
        publicKey = key.publicKey
        pool = PostgresPool(ConnectionSettings(url: database), size: 3, logger: .quiet)
        workers = WorkerProcesses(
            .init(
                executable: UsherProcess.executable.path(),
                environment: [
                    "USHER_DATABASE_URL": database,
                    "USHER_PROVIDER_URL": try await simulator.baseURL,
                    "USHER_PROVIDER_ZONE": SimulatorConfiguration.demoZone,
                    "USHER_PROVIDER_TOKEN": SimulatorConfiguration.demoToken,
                    "USHER_KEYS_FILE": keys,
                    "USHER_EDGE_ADDRESS": edge,
                    "USHER_EDGE_PRIVATE_ADDRESSES": "allow",
                ].merging(environment) { $1 },
                arguments: arguments,
                folder: folder.url.path()
            )
        )
    }

    private func end() async {
        await workers.stop()
        pool.close()
        folder.remove()
    }
}

extension WorkerWorld {
    /// The tiers of the tests, and a tenant `acme` on the first.
    func prepare() async throws {
        let modern = TierPolicy(
            minimumTLS: .v1_2,
            ciphers: TLSProfile.modern1.ciphers,
            customCertificate: .allowed,
            limits: TierLimits(running: 8)
        )
        let strict = TierPolicy(minimumTLS: .v1_3, customCertificate: .allowed, limits: TierLimits(running: 8))
        _ = try await TierStore(pool: pool).apply(
            [("gold", modern), ("platinum", strict)],
            author: "test",
            reason: "test"
        )
        _ = try await TenantStore(pool: pool).setTier("acme", to: "gold", event: "e1", version: 1)
    }

    func enqueue(_ hostname: String, _ wish: HostnameWish = HostnameWish()) async throws {
        _ = try await EnqueueStore(pool: pool).enqueue(tenant: "acme", hostname: hostname, wish: wish)
    }

    func count(_ statement: Statement) async throws -> Int {
        try await pool.session { db throws(PostgresError) in try db.one(statement, as: Int.self) }
    }

    func enforced() async throws -> Int {
        try await count("select count(*) from usher.hostname where standing = 'enforced'")
    }

    /// Each job has ended once, with one attempt that finished it, and nothing is misplaced.
    ///
    /// An attempt during which a newer wish came is `renewed`, not `done`: its job goes on.
    func historyIsSound(jobs: Int) async throws -> Bool {
        let ended = try await count("select count(*) from usher.ended where state = 'done'")
        let finishing = try await count("select count(*) from usher.attempt where outcome = 'done'")
        let misplaced = try await count("select count(*) from usher.misplaced")
        return ended == jobs && finishing == jobs && misplaced == 0
    }
}
