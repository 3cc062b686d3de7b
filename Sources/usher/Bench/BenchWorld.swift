import AsyncHTTPClient
import Cloudflare
import Foundation
import JobQueue
import Logging
import Onboarding
import Postgres
import Simulator
import TLSPolicy

/// What a bench of the provider's side runs on: a throwaway PostgreSQL, a simulated provider whose clock is fast, and
/// worker processes.
struct BenchWorld: Sendable {
    /// How a world is set up.
    struct Options: Sendable {
        /// Provider seconds in one of ours.
        var timeScale: Double
        var workers = 3
        /// Jobs each worker process runs at once.
        var slots = 3
        /// Whether a hostname counts as enforced only once handshakes with the simulator's edge have shown it.
        var proves = false
    }

    /// Edits of a hostname by one policy after the other, each stronger than the one before.
    static let policies: [TierPolicy] = [
        TierPolicy(minimumTLS: .v1_0, limits: limits), TierPolicy(minimumTLS: .v1_1, limits: limits),
        TierPolicy(minimumTLS: .v1_2, limits: limits),
        TierPolicy(minimumTLS: .v1_2, ciphers: TLSProfile.modern1.ciphers, limits: limits),
        TierPolicy(minimumTLS: .v1_3, limits: limits),
    ]
    private static let limits = TierLimits(running: 100)
    private static let tenants = 10

    let options: Options
    let pool: PostgresPool
    let simulator: SimulatorServer
    let client: CloudflareClient
    let time: ProviderTime
    private let database: ConnectionSettings
    private let workers: WorkerProcesses
    private let folder: String

    /// Lends a world to the body and takes it down afterwards, whatever happens.
    static func with<Value: Sendable>(
        _ options: Options,
        _ body: (BenchWorld) async throws -> Value
    ) async throws -> Value {
        let cluster = try await LocalCluster.start(.fast)
        var configuration = SimulatorConfiguration()
        configuration.limits.certificates = nil
        let simulator = SimulatorServer(
            configuration,
            clock: VirtualClock(pace: .scaled(options.timeScale)),
            logger: .silent
        )
        return try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await simulator.run() }
            var settings = CloudflareSettings(
                zoneID: SimulatorConfiguration.demoZone,
                token: Secret(SimulatorConfiguration.demoToken)
            )
            settings.baseURL = try await simulator.baseURL
            let http = HTTPClient(configuration: settings.httpConfiguration)
            let result: Result<Value, any Error>
            do {
                let world = try await BenchWorld(options, cluster, simulator, settings, http)
                result = await world.run(body)
            } catch {
                result = .failure(error)
            }
            try? await http.shutdown()
            tasks.cancelAll()
            try? await tasks.waitForAll()
            await cluster.stop()
            return try result.get()
        }
    }

    private init(
        _ options: Options,
        _ cluster: LocalCluster,
        _ simulator: SimulatorServer,
        _ settings: CloudflareSettings,
        _ http: HTTPClient
    ) async throws {
        self.options = options
        self.simulator = simulator
        client = CloudflareClient(settings: settings, http: http)
        time = ProviderTime(scale: options.timeScale)
        database = ConnectionSettings(url: cluster.connectionURL())
        pool = PostgresPool(database, size: 3, logger: .silent)
        folder = FileManager.default.temporaryDirectory.appending(path: "usher-bench-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        workers = WorkerProcesses(
            .init(
                environment: [
                    "USHER_DATABASE_URL": cluster.connectionURL(), "USHER_PROVIDER_URL": settings.baseURL,
                    "USHER_PROVIDER_ZONE": settings.zoneID,
                    "USHER_PROVIDER_TOKEN": SimulatorConfiguration.demoToken, "USHER_LOG_LEVEL": "warning",
                    "USHER_EDGE_PROOF": options.proves ? Settings.Edge.handshakeProof : Settings.Edge.noProof,
                    "USHER_EDGE_ADDRESS": "127.0.0.1:\(try await simulator.edgePort)",
                    "USHER_EDGE_PRIVATE_ADDRESSES": Settings.Edge.allow,
                ],
                arguments: ["--time-scale", "\(options.timeScale)", "--slots", "\(options.slots)"],
                folder: folder
            )
        )
    }

    private func run<Value>(_ body: (BenchWorld) async throws -> Value) async -> Result<Value, any Error> {
        let result: Result<Value, any Error>
        do {
            _ = try await Migrator(folder: MigrationFolder.standard, settings: database, logger: .silent).up()
            result = .success(try await body(self))
        } catch {
            result = .failure(error)
        }
        await workers.stop()
        pool.close()
        try? FileManager.default.removeItem(atPath: folder)
        return result
    }
}

// MARK: - What benches do

extension BenchWorld {
    /// Makes the policy with this number every tenant's.
    func adopt(_ number: Int) async throws {
        let tiers = ["moving"].map { (name: $0, policy: Self.policies[number]) }
        _ = try await TierStore(pool: pool).apply(tiers, author: "bench", reason: "policy \(number)")
    }

    /// Queues so many hostnames, spread over the tenants.
    func enqueue(_ count: Int, wish: (Int) -> HostnameWish = { _ in HostnameWish() }) async throws {
        let rows = (0..<count).map { number in
            EnqueueRow(
                tenant: "bench-\(number % Self.tenants)",
                tier: "moving",
                hostname: "h\(number).bench-\(number % Self.tenants)-usher.com",
                wish: wish(number)
            )
        }
        let answer = try await EnqueueStore(pool: pool).enqueue(rows, name: "bench", rule: .allOrNothing)
        guard answer.refused.isEmpty else { throw Failure("the bench's own hostnames were refused") }
    }

    /// Starts the worker processes.
    func startWorkers() async throws {
        for number in 1...options.workers { try await workers.start(number) }
    }

    /// Sets the provider's limits, with nothing used yet on either side.
    func setLimits(calls: Int, certificates: Int?) async throws {
        var limits = RateLimits.Configuration()
        limits.calls?.count = calls
        limits.certificates?.count = certificates ?? 1_000_000
        // What was used so far leaves the provider's window.
        simulator.clock.step(seconds: 700)
        simulator.setLimits(limits)
        try await pool.session { db throws(PostgresError) in
            try db.execute("delete from usher.budget_use")
            try db.execute(
                """
                update usher.budget set arrival_at = clock_timestamp(),
                    quota = case name when 'calls' then \(calls)::integer else \(certificates ?? 1_000_000)::integer end
                """
            )
        }
    }

    /// Has the budgets declared, so that they can be set before the first worker starts.
    func declareBudgets() async throws {
        let admission = Admission(budgets: PostgresBudgetStore(pool: pool), time: time)
        try await admission.declare(in: time)
    }

    /// Waits until a count is reached.
    ///
    /// - Throws: ``Failure`` if that takes longer than the limit.
    func wait(for what: String, limit: Duration, _ condition: () async throws -> Bool) async throws {
        let deadline = ContinuousClock.now + limit
        while ContinuousClock.now < deadline {
            if try await condition() { return }
            try await Task.sleep(for: .milliseconds(250))
        }
        throw Failure("the bench gave up waiting for \(what) after \(limit)")
    }

    func count(_ statement: Statement) async throws -> Int {
        try await pool.session { db throws(PostgresError) in try db.one(statement, as: Int.self) }
    }

    /// Hostnames in force by a policy revision.
    func enforced(revision: Int) async throws -> Int {
        try await count(
            """
            select count(*) from usher.hostname
            where standing = 'enforced' and applied_policy = \("moving@\(revision)")
              and observed_generation = generation
            """
        )
    }
}

extension Logger {
    /// Says nothing.
    static var silent: Logger { Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() } }
}
