import Foundation
import Simulator
import Subprocess
import TestSupport
import Testing

#if canImport(System)
import System
#else
import SystemPackage
#endif

/// `usher simulate` steers a simulator that runs.
@Suite(.timeLimit(.minutes(2))) struct SimulateCommandTests {
    /// A simulator in this process with one active hostname.
    private func withSimulator(_ test: (SimulatorServer, String) async throws -> Void) async throws {
        let clock = VirtualClock(pace: .stepped)
        let server = SimulatorServer(clock: clock, logger: .quiet)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await server.run() }
            try await test(server, try await server.baseURL)
            tasks.cancelAll()
        }
    }

    @Test func `a tenant's DNS, the clock and the faults are set by command`() async throws {
        try await withSimulator { (server, url) async throws in
            let environment = ["USHER_PROVIDER_URL": url]
            let dns = try await UsherProcess.run(
                ["simulate", "dns", "shop.acme.dev", "--route", "nowhere", "--ownership-txt", "--trouble", "caa"],
                environment: environment
            )
            #expect(dns.status == 0, "\(dns.errors)")
            let records = DNSRecords(ownershipText: true, trouble: .caa)
            #expect(server.snapshot().dns.exceptions["shop.acme.dev"] == .records(records))
            let before = server.clock.now
            let step = try await UsherProcess.run(["simulate", "step", "90"], environment: environment)
            #expect(step.status == 0, "\(step.errors)")
            #expect(server.clock.now == before.adding(seconds: 90))
            let faults = try await UsherProcess.run(
                ["simulate", "faults", "-", "--url", url, "--json"],
                input: "{\"rules\": [{\"fault\": \"bad_gateway\", \"next\": 3}]}"
            )
            #expect(faults.status == 0, "\(faults.errors)")
            #expect(APIValue(parsing: faults.output) == ["rules": 1])
        }
    }

    @Test func `what is wrong is said, and nobody else is called`() async throws {
        try await withSimulator { (_, url) async throws in
            let absent = try await UsherProcess.run(["simulate", "move", "nobody.acme.dev", "--url", url])
            #expect(absent.status == 65)
            #expect(absent.errors.contains("was not found"))
        }
        let unnamed = try await UsherProcess.run(["simulate", "delete", "nobody.acme.dev"])
        #expect(unnamed.status == 78)
        #expect(unnamed.errors.contains("no simulator is named"))
        let gone = try await UsherProcess.run(["simulate", "save", "--url", "http://127.0.0.1:9"])
        #expect(gone.status == 69)
    }

    @Test(arguments: [
        ["--clock", "sideways"], ["--clock", "scaled:0"], ["--second-writer", "130%"], ["--settings", "mixed"],
        ["--clock", "real", "--scale", "2"], ["--throttled-code", "970"], ["--calls", "0"], ["--zone-min-tls", "1.4"],
    ])
    func `a switch without such a position is a usage error`(_ arguments: [String]) async throws {
        #expect(try await UsherProcess.run(["simulate"] + arguments).status == 64)
    }

    @Test func `files that steer it are checked before it starts`() async throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let dns = try folder.file("dns.json", "{\"hostnames\": {\"a.dev\": {\"route\": \"up\"}}}")
        let run = try await UsherProcess.run(["simulate", "--dns", dns])
        #expect(run.status == 65)
        #expect(run.errors.contains("a.dev: route: one of here"))
        let state = try folder.file("state.json", "{}")
        #expect(try await UsherProcess.run(["simulate", "--state", state]).status == 65)
    }

    @Test func `it saves its state when it ends and goes on where it stopped`() async throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let arguments = ["--clock", "stepped", "--state", folder.url.appending(path: "zone.json").path()]
        var seen: [APIValue?] = []
        for seconds in ["3600", "0"] {
            try await withStarted(arguments, in: folder) { url in
                let run = try await UsherProcess.run(["simulate", "step", seconds, "--url", url, "--json"])
                #expect(run.status == 0, "\(run.errors)")
                seen.append(APIValue(parsing: run.output)?["now"])
            }
        }
        #expect(seen[0] != nil && seen[0] == seen[1])
        #expect(
            try await UsherProcess.run(["simulate", "--seed", "2"] + arguments + ["--port", "70000"]).status == 64
        )
    }

    /// Runs `usher simulate` for as long as the body does, and ends it as a service manager would.
    private func withStarted(
        _ arguments: [String],
        in folder: TemporaryFolder,
        _ body: (String) async throws -> Void
    ) async throws {
        let log = folder.url.appending(path: "output-\(UUID().uuidString)").path()
        let output = try FileDescriptor.open(
            FilePath(log),
            .writeOnly,
            options: [.create],
            permissions: .ownerReadWrite
        )
        let result = try await Subprocess.run(
            .path(FilePath(UsherProcess.executable.path())),
            arguments: Arguments(["simulate"] + arguments),
            input: .none,
            output: .fileDescriptor(output, closeAfterSpawningProcess: true),
            error: .discarded
        ) { execution in
            var url = ""
            let isUp = try await eventually {
                let lines = (try String(contentsOfFile: log, encoding: .utf8)).split(separator: "\n")
                url =
                    lines.first { $0.contains("USHER_PROVIDER_URL=") }?.split(separator: "=").last.map(String.init)
                    ?? ""
                return lines.count == 4
            }
            #expect(isUp)
            try await body(url)
            try execution.send(signal: .terminate)
        }
        #expect(result.terminationStatus == .exited(0))
    }
}
