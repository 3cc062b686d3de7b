import AsyncHTTPClient
import Cloudflare
import JobQueue
import Logging
import Onboarding
import Postgres
import Simulator
import TLSPolicy
import TestSupport

/// Onboarding on real parts, moved by hand: PostgreSQL, the client, and the simulator on a clock that only the test
/// steps.
struct OnboardingWorld: Sendable {
    let pool: PostgresPool
    let store: PostgresJobStore
    let simulator: SimulatorServer
    let client: CloudflareClient
    let sweep: ZoneSweep
    let handler: OnboardHostname
    let worker: Int64
    let keys: KeyRing

    static func with(
        dns: DNSFixture = .pointsHere(after: 0),
        configure: (inout SimulatorConfiguration) -> Void = { _ in },
        proving: @Sendable (SimulatorServer) async throws -> Proving = { _ in .off },
        keys: KeyRing = KeyRing(current: PrivateSealingKey()),
        workerKeys: WorkerKeys? = nil,
        logger: Logger = .quiet,
        _ body: @Sendable (OnboardingWorld) async throws -> Void
    ) async throws {
        var configuration = SimulatorConfiguration()
        configuration.limits = .none
        configuration.dns.standard = dns
        configure(&configuration)
        let simulator = SimulatorServer(configuration, clock: VirtualClock(pace: .stepped), logger: .quiet)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await simulator.run() }
            var settings = CloudflareSettings(
                zoneID: SimulatorConfiguration.demoZone,
                token: Secret(SimulatorConfiguration.demoToken)
            )
            settings.baseURL = try await simulator.baseURL
            let http = HTTPClient(configuration: settings.httpConfiguration)
            do {
                let client = CloudflareClient(settings: settings, http: http)
                try await body(
                    OnboardingWorld(
                        simulator,
                        client,
                        try await proving(simulator),
                        keys,
                        workerKeys ?? WorkerKeys(ring: keys),
                        logger
                    )
                )
            } catch {
                try await http.shutdown()
                throw error
            }
            try await http.shutdown()
            tasks.cancelAll()
        }
    }

    private init(
        _ simulator: SimulatorServer,
        _ client: CloudflareClient,
        _ proving: Proving,
        _ keys: KeyRing,
        _ workerKeys: WorkerKeys,
        _ logger: Logger
    ) async throws {
        self.simulator = simulator
        self.keys = keys
        self.client = client
        pool = PostgresPool(TestDatabase.current.settings, size: 4, logger: .quiet)
        store = PostgresJobStore(pool: pool)
        let admission = Admission(budgets: PostgresBudgetStore(pool: pool))
        try await admission.declare(in: ProviderTime(scale: 1000))
        let zoneID = SimulatorConfiguration.demoZone
        sweep = ZoneSweep(
            pool: pool,
            zoneID: zoneID,
            provider: client,
            admission: admission,
            time: .real,
            logger: logger
        )
        handler = OnboardHostname(
            pool: pool,
            zoneID: zoneID,
            provider: client,
            admission: admission,
            time: .real,
            capabilities: .enterprise,
            keys: workerKeys,
            proving: proving,
            logger: logger
        )
        worker = try await store.register(name: "test", lease: .seconds(600))
    }
}

extension OnboardingWorld {
    /// A tier, and a tenant `acme` on it.
    func tier(_ name: String, _ policy: TierPolicy, version: Int64 = 1) async throws {
        _ = try await TierStore(pool: pool).apply([(name, policy)], author: "test", reason: "test")
        _ = try await TenantStore(pool: pool).setTier("acme", to: name, event: "\(name)-\(version)", version: version)
    }

    @discardableResult
    func enqueue(_ hostname: String, _ wish: HostnameWish = HostnameWish()) async throws -> Int64 {
        try await EnqueueStore(pool: pool).enqueue(tenant: "acme", hostname: hostname, wish: wish).jobID
    }

    /// Runs every job that may run until none is left.
    func work() async throws {
        while true {
            let jobs = try await store.exchange(worker: worker, settling: [], claiming: 16).claimed
            if jobs.isEmpty { return }
            for job in jobs {
                let settlement = await handler.run(job)
                _ = try await store.exchange(worker: worker, settling: [settlement], claiming: 0)
            }
        }
    }

    /// Lets provider time pass, reads the zone, and runs what that woke.
    func pass(seconds: Double = 120) async throws {
        simulator.clock.step(seconds: seconds)
        _ = try await sweep.readPages()
        try await work()
    }

    /// Our writes were long ago: the provider's reads have had all the time they may need.
    func ageWrites() async throws {
        _ = try await pool.session { db throws(PostgresError) in
            try db.execute("update usher.hostname set applied_at = applied_at - interval '10 minutes'")
        }
    }

    /// Retries and waits that are left become due now.
    func hurry() async throws {
        _ = try await pool.session { db throws(PostgresError) in
            try db.execute("update usher.deferred set due_at = now() - interval '1 second'")
        }
        try await work()
    }

    func standing(_ hostname: String) async throws -> String {
        try await pool.session { db throws(PostgresError) in
            try db.one("select standing from usher.hostname where name = \(hostname)", as: String.self)
        }
    }

    func message(_ hostname: String) async throws -> String {
        try await pool.session { db throws(PostgresError) in
            try db.one(
                "select coalesce(standing_message, '') from usher.hostname where name = \(hostname)",
                as: String.self
            )
        }
    }

    /// Rows of a table that meet a condition.
    func rows(_ table: Statement, _ condition: Statement) async throws -> Int {
        try await count("select count(*) from \(table) where \(condition)")
    }

    func count(_ statement: Statement) async throws -> Int {
        try await pool.session { db throws(PostgresError) in try db.one(statement, as: Int.self) }
    }

    func served(_ hostname: String) -> HostnameSettings? {
        simulator.snapshot().hostnames[name: hostname]?.certificate?.inForce?.settings
    }

    func calls(_ operation: APIOperation) -> Int { simulator.requests.totals[operation] ?? 0 }
}

/// Policies of the tests.
enum Policies {
    static let modern = TierPolicy(
        minimumTLS: .v1_2,
        ciphers: TLSProfile.modern1.ciphers,
        customCertificate: .allowed,
        wildcard: .directOnly
    )
    static let strict = TierPolicy(minimumTLS: .v1_3, customCertificate: .allowed, wildcard: .directOnly)
    static let compatible = TierPolicy(minimumTLS: .v1_2, ciphers: TLSProfile.compatible1.ciphers)
}
