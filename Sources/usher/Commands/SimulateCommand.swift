import ArgumentParser
import Foundation
import Logging
import ServiceLifecycle
import Simulator
import TLSPolicy
import UnixSignals

extension ZonePlan: ExpressibleByArgument {}

/// The command `usher simulate`.
struct SimulateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Run a provider of your own, to work and to learn against.",
        discussion: """
            Prints the settings that point usher at it and runs until it is interrupted. Its state is at / of the same
            port, and /simulator/… steers it.

            A fault script is JSON:
              {"seed": 7, "rules": [{"fault": "throttled", "seconds": 3, "operations": ["create"], "next": 5},
                                    {"fault": "reply_lost", "operations": ["create"], "probability": 0.05}]}

            EXAMPLES:
              usher simulate --port 8080 --scale 60
              usher simulate --never-validates shop.acme.com --faults faults.json
            """
    )

    @Option(help: "The TCP port on 127.0.0.1; 0 takes a free one.") var port = 0
    @Option(help: "The TLS edge's port on 127.0.0.1; 0 takes a free one.") var edgePort = 0
    @Option(help: "A file to write the root certificate of the edge's own certificates to.") var edgeRoot: String?
    @Option(help: "Seconds of the provider's time that pass in one of ours.") var scale = 1.0
    @Option(help: "What every id of the zone follows from.") var seed: UInt64 = 1
    @Option(help: "The zone's plan: free, pro, business or enterprise.") var plan: ZonePlan = .enterprise
    @Option(help: "A hostname whose DNS never points here; may be given several times.") var neverValidates: [String] =
        []
    @Option(help: "A file with a fault script.") var faults: String?
    @Flag(help: "Lift the provider's rate limits.") var unlimited = false
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard scale > 0 else { throw ValidationError("--scale must be above 0") }
        guard (0...65_535).contains(port) else { throw ValidationError("--port must be 0 to 65535") }
        guard (0...65_535).contains(edgePort) else { throw ValidationError("--edge-port must be 0 to 65535") }
    }

    func run() async throws {
        let clock = VirtualClock(pace: .scaled(scale))
        var logger = Logger(label: "simulator") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = .warning
        let server = SimulatorServer(
            try configuration(clock),
            port: port,
            edgePort: edgePort,
            clock: clock,
            logger: logger
        )
        if let edgeRoot { try writeRoot(of: server, to: edgeRoot) }
        let group = ServiceGroup(services: [server], gracefulShutdownSignals: [.sigint, .sigterm], logger: logger)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            let (url, edge) = try await listening(server)
            try output.output.show(
                SimulatorReport(
                    url: url,
                    edge: edge,
                    zone: SimulatorConfiguration.demoZone,
                    token: SimulatorConfiguration.demoToken
                )
            )
            output.output.note("it runs until it is interrupted")
            try await tasks.waitForAll()
        }
    }

    private func writeRoot(of server: SimulatorServer, to path: String) throws {
        do {
            try Data(server.rootPEM.utf8).write(to: URL(filePath: path))
        } catch {
            throw Failure("\(path) cannot be written: \(error.localizedDescription)", hint: "see --edge-root")
        }
    }

    private func listening(_ server: SimulatorServer) async throws -> (url: String, edge: String) {
        do {
            return (try await server.baseURL, "127.0.0.1:\(try await server.edgePort)")
        } catch {
            throw Failure(
                "port \(port) or \(edgePort) of 127.0.0.1 cannot be used: \(error)",
                hint: "name others with --port and --edge-port"
            )
        }
    }

    private func configuration(_ clock: VirtualClock) throws -> SimulatorConfiguration {
        var configuration = SimulatorConfiguration()
        configuration.seed = seed
        configuration.plan = plan
        for name in neverValidates {
            configuration.dns.exceptions[try canonicalHostname(name).ascii] = .never
        }
        if unlimited { configuration.limits = .none }
        if let faults {
            guard let script = APIValue(parsing: try InputFile.read(faults).get()) else {
                throw Failure("\(faults) is not JSON", hint: "see usher simulate --help", status: .badData)
            }
            do throws(FaultPlan.ScriptError) {
                configuration.faults = try FaultPlan(script: script, now: clock.now)
            } catch {
                throw Failure("\(faults): \(error)", hint: "see usher simulate --help", status: .badData)
            }
        }
        return configuration
    }
}

/// What `usher simulate` prints once it listens; the token opens nothing but simulators.
private struct SimulatorReport: Report {
    let url: String
    /// Address and port of the TLS edge.
    let edge: String
    let zone: String
    let token: String

    func lines(on terminal: Terminal) -> [String] {
        [
            "export \(Setting.providerURL.environmentName)=\(url)",
            "export \(Setting.providerZone.environmentName)=\(zone)",
            "export \(Setting.providerToken.environmentName)=\(token)",
            "# TLS edge: \(edge)",
        ]
    }
}
