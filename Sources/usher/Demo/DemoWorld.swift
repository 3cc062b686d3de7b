import Foundation
import Logging
import Onboarding
import Postgres
import Simulator
import TLSPolicy

/// The parts a demo runs on: a throwaway PostgreSQL, the simulated provider, a key pair, and worker processes.
struct DemoWorld: Sendable {
    let folder: String
    let databaseURL: String
    let pool: PostgresPool
    let simulator: SimulatorServer
    let providerURL: String
    let workers: WorkerProcesses
    let publicKey: PublicSealingKey
    let time: ProviderTime

    /// Lends a world to the body and takes it down afterwards, whatever happens.
    static func with<Value: Sendable>(
        _ input: DemoInput,
        timeScale: Double,
        seed: UInt64,
        _ body: (DemoWorld) async throws -> Value
    ) async throws -> Value {
        let cluster = try await LocalCluster.start()
        let simulator = SimulatorServer(
            configuration(input, seed: seed),
            clock: VirtualClock(pace: .scaled(timeScale)),
            logger: Logger(label: "simulator") { _ in SwiftLogNoOpLogHandler() }
        )
        return try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await simulator.run() }
            let world = try await DemoWorld(cluster, simulator, timeScale: timeScale)
            let result: Result<Value, any Error>
            do {
                result = .success(try await body(world))
            } catch {
                result = .failure(error)
            }
            await world.workers.stop()
            world.pool.close()
            tasks.cancelAll()
            try? await tasks.waitForAll()
            await cluster.stop()
            try? FileManager.default.removeItem(atPath: world.folder)
            return try result.get()
        }
    }

    private init(_ cluster: LocalCluster, _ simulator: SimulatorServer, timeScale: Double) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "usher-demo-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(
            atPath: folder,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700]
        )
        let key = PrivateSealingKey()
        let keysFile = "\(folder)/usher.keys"
        _ = FileManager.default.createFile(
            atPath: keysFile,
            contents: Data((key.reveal() + "\n").utf8),
            attributes: [.posixPermissions: 0o600]
        )
        self.folder = folder
        self.simulator = simulator
        databaseURL = cluster.connectionURL()
        providerURL = try await simulator.baseURL
        publicKey = key.publicKey
        time = ProviderTime(scale: timeScale)
        pool = PostgresPool(
            ConnectionSettings(url: databaseURL),
            size: 3,
            logger: Logger(label: "demo") { _ in SwiftLogNoOpLogHandler() }
        )
        workers = WorkerProcesses(
            .init(
                environment: [
                    "USHER_DATABASE_URL": databaseURL,
                    "USHER_PROVIDER_URL": providerURL,
                    "USHER_PROVIDER_ZONE": SimulatorConfiguration.demoZone,
                    "USHER_PROVIDER_TOKEN": SimulatorConfiguration.demoToken,
                    "USHER_KEYS_FILE": keysFile,
                    "USHER_EDGE_ADDRESS": "127.0.0.1:\(try await simulator.edgePort)",
                    "USHER_EDGE_PRIVATE_ADDRESSES": Settings.Edge.allow,
                    "USHER_LOG_LEVEL": "info",
                ],
                // A short lease, so that the killed worker's jobs are taken over while one watches.
                arguments: ["--time-scale", "\(timeScale)", "--lease-seconds", "3", "--slots", "8"],
                folder: folder
            )
        )
    }

    /// Hostnames that the file expects to wait for their tenant have DNS that never points to the provider.
    private static func configuration(_ input: DemoInput, seed: UInt64) -> SimulatorConfiguration {
        var configuration = SimulatorConfiguration()
        configuration.seed = seed
        let waiting = input.rows.filter { $0.expectation == .waitingTenant }
        configuration.dns.exceptions = Dictionary(
            waiting.map { ($0.hostname.ascii, DNSFixture.never) },
            uniquingKeysWith: { first, _ in first }
        )
        return configuration
    }
}
