import AsyncHTTPClient
import Cloudflare
import Onboarding
import Simulator
import TLSPolicy
import TestSupport

/// An edge that does not do what the provider says: that of another simulator, told something else.
struct OtherEdge: Sendable {
    let simulator: SimulatorServer
    private let client: CloudflareClient

    static func with(_ body: @Sendable (OtherEdge) async throws -> Void) async throws {
        var configuration = SimulatorConfiguration()
        configuration.limits = .none
        configuration.dns.standard = .pointsHere(after: 0)
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
                try await body(OtherEdge(simulator: simulator, client: client))
            } catch {
                try await http.shutdown()
                throw error
            }
            try await http.shutdown()
            tasks.cancelAll()
        }
    }

    /// Serves a name with these settings and a certificate of the simulator's.
    func serve(_ name: String, minimum: TLSVersion, _ suites: [String] = [], wildcard: Bool = false) async throws {
        var settings = SSLSettings()
        settings.minimumTLS = .known(minimum)
        settings.ciphers = suites.isEmpty ? nil : suites
        let creation = HostnameCreation(
            hostname: name,
            method: wildcard ? .txt : .http,
            wildcard: wildcard,
            settings: settings
        )
        _ = try await client.createHostname(creation)
        simulator.clock.step(seconds: 120)
    }

    /// Has workers of another simulator ask this edge.
    var proving: @Sendable (SimulatorServer) async throws -> Proving {
        { _ in .byHandshake(try await simulator.prover) }
    }
}

extension SimulatorServer {
    /// Proves against this simulator's edge.
    var prover: HandshakeProver {
        get async throws { HandshakeProver(edge: .local(try await edgePort), allowsPrivate: true, limits: .fast) }
    }
}

extension EdgeAddress {
    static func local(_ port: Int) -> EdgeAddress { EdgeAddress(host: "127.0.0.1", port: port) }
}

extension ProbeLimits {
    /// For edges on this machine; the times are generous, as the machine may be busy.
    static let fast: ProbeLimits = {
        var limits = ProbeLimits()
        limits.perSecond = 2_000
        limits.connect = .seconds(20)
        limits.answer = .seconds(20)
        limits.total = .seconds(120)
        return limits
    }()
}
