import Hummingbird
package import Logging
import NIOCore
import ServiceLifecycle
import Synchronization

/// The simulated provider as a service: the API over HTTP and the TLS edge, both on the loopback interface.
///
/// `/client/v4` is the provider's API, `/simulator` steers the simulator from another process, `/` shows its state.
/// The edge has a port of its own.
package final class SimulatorServer: Service {
    /// The time everything happens in.
    package let clock: VirtualClock
    private let simulation: Mutex<Simulation>
    private let requestedPort: Int
    /// Where a control call saves the state; `nil` refuses it.
    let stateFile: String?
    private let boundPort = BoundPort()
    private let requestedEdgePort: Int
    private let boundEdgePort = BoundPort()
    /// Issues what the edge serves where nothing was uploaded.
    private let authority: Result<CertificateAuthority, any Error>
    private let logger: Logger

    /// A server that is not listening yet.
    ///
    /// - Parameters:
    ///   - port: The API's TCP port on 127.0.0.1; 0 lets the system choose.
    ///   - edgePort: The edge's, likewise.
    package init(
        _ configuration: SimulatorConfiguration = SimulatorConfiguration(),
        port: Int = 0,
        edgePort: Int = 0,
        clock: VirtualClock = VirtualClock(),
        stateFile: String? = nil,
        logger: Logger
    ) {
        self.clock = clock
        self.requestedPort = port
        self.requestedEdgePort = edgePort
        self.stateFile = stateFile
        self.logger = logger
        // The edge's clients live in real time, whatever the simulator's own.
        self.authority = Result { [clock] in try CertificateAuthority(start: min(clock.now, .realNow)) }
        self.simulation = Mutex(
            Simulation(configuration, now: clock.now, secondsPerClientSecond: clock.secondsPerClientSecond)
        )
    }

    /// Takes over what was saved; the clock must have been started at the time of saving.
    ///
    /// - Throws: ``SavedState/Unusable`` if it is another zone's.
    package func resume(_ saved: SavedState) throws(SavedState.Unusable) {
        let result = withSimulation { simulation, _ in
            Result { () throws(SavedState.Unusable) in try simulation.resume(saved) }
        }
        try result.get()
    }

    /// What can be resumed later.
    package var savedState: SavedState {
        withSimulation { simulation, now in SavedState(simulation, now: now) }
    }

    /// Serves, and sends webhooks, until graceful shutdown or cancellation.
    ///
    /// - Throws: An `IOError` if a port cannot be bound.
    package func run() async throws {
        let edge: any Channel
        do {
            edge = try await listenAtEdge()
        } catch {
            boundEdgePort.resolve(.failure(error))
            boundPort.resolve(.failure(error))
            throw error
        }
        boundEdgePort.resolve(.success(edge.localAddress?.port ?? 0))
        defer { edge.close(promise: nil) }
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { [self] in try await serve() }
            tasks.addTask { [self] in
                // Webhooks end with the server, not before it.
                do { try await WebhookSender(server: self, logger: logger).run() } catch is CancellationError {}
            }
            defer { tasks.cancelAll() }
            try await tasks.next()
        }
    }

    private func listenAtEdge() async throws -> any Channel {
        let questions = Edge.Questions(
            site: { [self] serverName in
                withSimulation { simulation, now in simulation.site(serverName, now: now) }
            },
            admission: { [self] serverName, chain in
                let (access, now) = withSimulation { simulation, now in (simulation.access, now) }
                return access.verdict(on: ClientChain(der: chain), for: serverName, now: now)
            }
        )
        let edge = Edge(authority: try authority.get(), ask: questions)
        return try await edge.listen(port: requestedEdgePort)
    }

    private func serve() async throws {
        let application = Application(
            responder: SimulatorResponder(server: self),
            configuration: .init(address: .hostname("127.0.0.1", port: requestedPort)),
            onServerRunning: { [boundPort] channel in boundPort.resolve(.success(channel.localAddress?.port ?? 0)) },
            logger: logger
        )
        do {
            try await application.run()
            boundPort.resolve(.failure(CancellationError()))
        } catch {
            boundPort.resolve(.failure(error))
            throw error
        }
    }

    /// The port the server listens on, once it does.
    ///
    /// Throws what `run()` threw if the server could not listen.
    package var port: Int {
        get async throws { try await boundPort.value }
    }

    /// The port the edge listens on, once it does.
    ///
    /// Throws what `run()` threw if the edge could not listen.
    package var edgePort: Int {
        get async throws { try await boundEdgePort.value }
    }

    /// The root that the edge's own certificates lead to, as PEM.
    package var rootPEM: String {
        get throws { try authority.get().rootPEM }
    }

    /// Where a client finds the API: scheme, address, port and `/client/v4`, once the server listens.
    package var baseURL: String {
        get async throws { "http://127.0.0.1:\(try await port)/client/v4" }
    }
}

// MARK: - What tests and the demo look at and change

extension SimulatorServer {
    /// The zone as it is now.
    package func snapshot() -> SimulatedZone {
        withSimulation { simulation, now in simulation.zone.advanced(to: now) }
    }

    /// Every call so far.
    package var requests: RequestLog {
        withSimulation { simulation, _ in simulation.log }
    }

    /// Replaces the faults; counts and windows begin anew.
    package func setFaults(_ plan: FaultPlan) {
        withSimulation { simulation, _ in simulation.faults = plan }
    }

    /// Lets every tenant's DNS be as the table says from now on.
    package func setDNS(_ table: DNSTable) {
        withSimulation { simulation, now in simulation.zone.setDNS(table, now: now) }
    }

    /// Lets one tenant's DNS be so from now on.
    package func setDNS(_ fixture: DNSFixture, of hostname: String) {
        withSimulation { simulation, now in
            var table = simulation.zone.dns
            table.exceptions[hostname.lowercased()] = fixture
            simulation.zone.setDNS(table, now: now)
        }
    }

    /// Sets other limits; what was used stays used.
    package func setLimits(_ limits: RateLimits.Configuration) {
        withSimulation { simulation, _ in simulation.limits.configuration = limits }
    }

    /// An edit by hand in the provider's dashboard, which pins the minimum TLS version too.
    ///
    /// - Returns: False if there is no such hostname with a certificate.
    package func edit(_ hostname: String, _ settings: HostnameSettings) -> Bool {
        withSimulation { simulation, now in
            simulation.zone.editByHand(hostname.lowercased(), settings, now: now)
        }
    }

    /// Does by hand, at the provider, what no call of the client's asked for; false if there is no such hostname.
    package func apply(_ hand: SimulatedZone.Hand, to hostname: String) -> Bool {
        withSimulation { simulation, now in simulation.zone.apply(hand, to: hostname.lowercased(), now: now) }
    }

    /// The webhooks that are due by now.
    func takeWebhooks() -> [Notifications.Delivery] {
        withSimulation { simulation, now in simulation.takeWebhooks(now: now) }
    }

    /// Counts what became of a webhook.
    func noteWebhook(trouble: String?) {
        withSimulation { simulation, _ in
            if trouble == nil { simulation.notifications.delivered += 1 } else { simulation.notifications.failed += 1 }
            simulation.notifications.lastTrouble = trouble ?? simulation.notifications.lastTrouble
        }
    }

    /// Runs one step of the simulation at the present moment; nobody else gets in between.
    func withSimulation<Result: Sendable>(
        _ step: (inout sending Simulation, VirtualInstant) -> Result
    ) -> Result {
        simulation.withLock { simulation in step(&simulation, clock.now) }
    }
}

/// The port as soon as it is known, or the reason why it never will be.
private final class BoundPort: Sendable {
    private enum State {
        case awaited([CheckedContinuation<Int, any Error>])
        case resolved(Result<Int, any Error>)
    }

    private let state = Mutex(State.awaited([]))

    var value: Int {
        get async throws {
            try await withCheckedThrowingContinuation { continuation in
                let known = state.withLock { state -> Result<Int, any Error>? in
                    switch state {
                    case .resolved(let result): return result
                    case .awaited(let waiting):
                        state = .awaited(waiting + [continuation])
                        return nil
                    }
                }
                if let known { continuation.resume(with: known) }
            }
        }
    }

    /// Only the first result counts.
    func resolve(_ result: Result<Int, any Error>) {
        let waiting = state.withLock { state -> [CheckedContinuation<Int, any Error>] in
            guard case .awaited(let waiting) = state else { return [] }
            state = .resolved(result)
            return waiting
        }
        for continuation in waiting { continuation.resume(with: result) }
    }
}
