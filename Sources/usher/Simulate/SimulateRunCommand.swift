import ArgumentParser
import Foundation
import Logging
import ServiceLifecycle
import Simulator
import UnixSignals

/// The command `usher simulate run`, which is what `usher simulate` does.
struct SimulateRunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Run a simulated provider until it is interrupted.",
        discussion: """
            Prints the settings that point usher at it. Its state is at / of the same
            port, and /simulator/… steers it.

            A fault script is JSON. Faults: throttled, internal_error, forbidden,
            bad_gateway, gateway, redirect, not_modifiable, closed_before_commit,
            connection_reset, reply_lost, slow, slow_body, truncated, huge,
            success_status, unknown_status, extra_fields, nulls, other_messages,
            ignored_setting, stale_reads.
              {"seed": 7, "rules": [
                {"fault": "throttled", "seconds": 3, "operations": ["create"],
                 "next": 5},
                {"fault": "reply_lost", "operations": ["create"],
                 "probability": 0.05}]}

            A file of DNS fixtures decides on ownership and certificate apart.
              {"standard": {"fixture": "points_here", "after_seconds": 30},
               "hostnames": {
                 "a.acme.com": {"route": "nowhere", "ownership_txt": true,
                                "acme_txt": "set_once"},
                 "b.acme.com": {"route": "here", "trouble": "caa"},
                 "c.acme.com": {"fixture": "moved"}}}

            EXAMPLES:
              usher simulate --port 8080 --scale 60
              usher simulate --faults faults.json --second-writer 30%
              usher simulate --dns dns.json --clock stepped --state zone.json
            """
    )

    @Option(help: "The TCP port on 127.0.0.1; 0 takes a free one.") var port = 0
    @Option(help: "The TLS edge's port on 127.0.0.1; 0 takes a free one.") var edgePort = 0
    @Option(help: "A file to write the root certificate of the edge's own certificates to.") var edgeRoot: String?
    @Option(help: "What every id of the zone follows from.") var seed: UInt64 = 1
    @Option(help: "Load the state from this file if it exists, and save it there at the end and on demand.")
    var state: String?
    @OptionGroup(title: "TIME") var time: SimulatedTimeOptions
    @OptionGroup(title: "ZONE AND TOKEN") var zone: SimulatedZoneOptions
    @OptionGroup(title: "TENANTS' DNS") var dns: SimulatedDNSOptions
    @OptionGroup(title: "LIMITS AND FAULTS") var limits: SimulatedLimitOptions
    @OptionGroup(title: "WEBHOOKS") var webhooks: SimulatedWebhookOptions
    @OptionGroup(title: "WHAT THE PROVIDER'S DOCUMENTS LEAVE OPEN") var semantics: SemanticsOptions
    @OptionGroup(title: "WHAT ONLY THIRD PARTIES REPORT") var reports: ReportedSemanticsOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard (0...65_535).contains(port) else { throw ValidationError("--port must be 0 to 65535") }
        guard (0...65_535).contains(edgePort) else { throw ValidationError("--edge-port must be 0 to 65535") }
    }

    func run() async throws {
        let saved = try loadedState()
        let clock = VirtualClock(pace: time.pace, startingAt: saved?.now)
        var logger = Logger(label: "simulator") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = .warning
        let server = SimulatorServer(
            try configuration(clock),
            port: port,
            edgePort: edgePort,
            clock: clock,
            stateFile: state,
            logger: logger
        )
        if let edgeRoot { try writeRoot(of: server, to: edgeRoot) }
        if let saved { try resume(saved, on: server) }
        try await serve(server, logger)
        if let state { try save(server.savedState, to: state) }
    }

    private func serve(_ server: SimulatorServer, _ logger: Logger) async throws {
        let group = ServiceGroup(services: [server], gracefulShutdownSignals: [.sigint, .sigterm], logger: logger)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            let (url, edge) = try await listening(server)
            try output.output.show(
                SimulatorReport(
                    url: url,
                    edge: edge,
                    zone: SimulatorConfiguration.demoZone,
                    account: SimulatorConfiguration.demoAccount,
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
        try zone.apply(to: &configuration)
        time.apply(to: &configuration.timings)
        try dns.apply(to: &configuration)
        try limits.apply(to: &configuration, clock)
        try webhooks.apply(to: &configuration)
        semantics.apply(to: &configuration.semantics)
        try reports.apply(to: &configuration)
        return configuration
    }
}

// MARK: - The saved state

extension SimulateRunCommand {
    private func loadedState() throws -> SavedState? {
        guard let state, FileManager.default.fileExists(atPath: state) else { return nil }
        let bytes = try InputFile.read(state).get()
        do throws(SavedState.Unusable) {
            return try SavedState(reading: Data(bytes))
        } catch {
            throw Failure("\(state): \(error)", hint: "name another file with --state", status: .badData)
        }
    }

    private func resume(_ saved: SavedState, on server: SimulatorServer) throws {
        do throws(SavedState.Unusable) {
            try server.resume(saved)
        } catch {
            throw Failure("\(state ?? ""): \(error)", hint: "name another file with --state", status: .badData)
        }
    }

    private func save(_ saved: SavedState, to path: String) throws {
        do {
            try saved.write(to: path)
        } catch {
            throw Failure("the state could not be saved: \(error)", hint: "name another file with --state")
        }
    }
}

/// What `usher simulate` prints once it listens; the token opens nothing but simulators.
private struct SimulatorReport: Report {
    let url: String
    /// Address and port of the TLS edge.
    let edge: String
    let zone: String
    let account: String
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
