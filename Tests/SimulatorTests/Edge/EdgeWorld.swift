import Logging
import Simulator

/// A simulator with its edge, on a clock that only the test moves, and a client of its API.
struct EdgeWorld: Sendable {
    let server: SimulatorServer
    let caller: Caller
    let port: Int

    /// Runs a server on free ports for the time of a test.
    static func run(
        _ change: (inout SimulatorConfiguration) -> Void = { _ in },
        _ test: (EdgeWorld) async throws -> Void
    ) async throws {
        var configuration = SimulatorConfiguration()
        configuration.limits = .none
        change(&configuration)
        var logger = Logger(label: "simulator")
        logger.logLevel = .critical
        let clock = VirtualClock(pace: .stepped)
        let server = SimulatorServer(configuration, clock: clock, logger: logger)
        let running = Task { try await server.run() }
        let caller = Caller(root: "http://127.0.0.1:\(try await server.port)")
        let world = EdgeWorld(server: server, caller: caller, port: try await server.edgePort)
        do {
            try await test(world)
        } catch {
            running.cancel()
            throw error
        }
        running.cancel()
        _ = await running.result
    }

    /// Creates a hostname and returns its id; it is not deployed yet.
    func create(_ name: String, _ ssl: APIValue = Provider.ssl()) async throws -> String {
        let answer = try await caller.call("POST", Provider.hostnames, ["hostname": .string(name), "ssl": ssl])
        guard let id = answer.json["result"]?["id"]?.string else { throw Refused(text: answer.text) }
        return id
    }

    /// Creates a hostname and lets its deployment end.
    @discardableResult
    func deploy(_ name: String, _ ssl: APIValue = Provider.ssl()) async throws -> String {
        let id = try await create(name, ssl)
        server.clock.step(seconds: 120)
        return id
    }

    func edit(_ id: String, _ ssl: APIValue) async throws {
        let answer = try await caller.call("PATCH", Provider.hostnames + "/" + id, ["ssl": ssl])
        if answer.status != 202 { throw Refused(text: answer.text) }
    }

    func setZone(_ setting: String, _ value: APIValue) async throws {
        let answer = try await caller.call("PATCH", Provider.settings + "/" + setting, ["value": value])
        if answer.status != 200 { throw Refused(text: answer.text) }
    }

    func client(_ name: String) -> EdgeClient { EdgeClient(port: port, name: name) }

    /// The API said no.
    struct Refused: Error, CustomStringConvertible {
        let text: String
        var description: String { text }
    }
}
