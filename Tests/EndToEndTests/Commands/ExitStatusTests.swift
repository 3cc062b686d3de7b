import Foundation
import Simulator
import TestSupport
import Testing

/// Each kind of trouble has one clear line, its hint, and its documented status.
struct ExitStatusTests {
    private func expect(
        _ run: UsherProcess,
        status: Int32,
        line: String,
        hint: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(run.status == status, "\(run.errors)", sourceLocation: sourceLocation)
        let lines = run.errorLines.suffix(2)
        #expect(lines.first?.hasPrefix("usher: ") == true, "\(run.errors)", sourceLocation: sourceLocation)
        #expect(lines.first?.contains(line) == true, "\(run.errors)", sourceLocation: sourceLocation)
        #expect(lines.last?.hasPrefix("  hint: ") == true, "\(run.errors)", sourceLocation: sourceLocation)
        #expect(lines.last?.contains(hint) == true, "\(run.errors)", sourceLocation: sourceLocation)
        #expect(run.output.isEmpty, sourceLocation: sourceLocation)
    }

    @Test func `a database that cannot be reached is 69`() async throws {
        let run = try await UsherProcess.run(
            ["job", "list"],
            environment: ["USHER_DATABASE_URL": "postgresql:///usher?host=/nonexistent"]
        )
        expect(run, status: 69, line: "PostgreSQL cannot be reached", hint: "USHER_DATABASE_URL")
        #expect(run.errorLines.count == 2)
    }

    @Test(.database) func `a database that does not exist is 78`() async throws {
        let url = TestDatabase.current.url.replacing("/\(TestDatabase.current.name)?", with: "/nowhere?")
        let run = try await UsherProcess.run(["job", "list"], environment: ["USHER_DATABASE_URL": url])
        expect(run, status: 78, line: "does not exist", hint: "usher migrate up")
    }

    @Test(.emptyDatabase) func `a database without the schema is 78`() async throws {
        let run = try await UsherProcess.run(
            ["job", "list"],
            environment: ["USHER_DATABASE_URL": TestDatabase.current.url]
        )
        expect(run, status: 78, line: "no schema", hint: "usher migrate up")
    }

    @Test func `a connection string nobody can read is 78 and is not shown`() async throws {
        let run = try await UsherProcess.run(["job", "list"], environment: ["USHER_DATABASE_URL": "host=a s3cret"])
        expect(run, status: 78, line: "connection string", hint: "USHER_DATABASE_URL")
        #expect(!run.errors.contains("s3cret"))
    }

    @Test func `a password on the command line is refused`() async throws {
        let run = try await UsherProcess.run(["job", "list", "--database", "postgresql://u:s3cret@h/d"])
        expect(run, status: 64, line: "password on the command line", hint: "PGPASSWORD")
        #expect(!run.errors.contains("s3cret"))
    }

    @Test(.database) func `a worker without a zone is 78`() async throws {
        let run = try await UsherProcess.run(
            ["work"],
            environment: ["USHER_DATABASE_URL": TestDatabase.current.url, "USHER_PROVIDER_TOKEN": "t"]
        )
        expect(run, status: 78, line: "no zone is configured", hint: "USHER_PROVIDER_ZONE")
    }

    @Test(.database) func `doctor names a token that the provider refuses`() async throws {
        let server = SimulatorServer(logger: .quiet)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await server.run() }
            let run = try await UsherProcess.run(
                ["doctor"],
                environment: [
                    "USHER_DATABASE_URL": TestDatabase.current.url,
                    "USHER_PROVIDER_URL": try await server.baseURL,
                    "USHER_PROVIDER_ZONE": SimulatorConfiguration.demoZone,
                    "USHER_PROVIDER_TOKEN": "canary-token-that-is-wrong",
                ]
            )
            #expect(run.status == 1)
            let token = run.output.split(separator: "\n").first { $0.contains("token") }
            #expect(token?.hasPrefix("fail") == true, "\(run.output)")
            #expect(!(run.output + run.errors).contains("canary"))
            tasks.cancelAll()
        }
    }

    @Test func `a bad tier file is 65, with every problem and its place`() async throws {
        let file = """
            apiVersion: usher/v1
            tiers:
              pro: {min_tls: "1.4", wieght: 3}
            """
        let run = try await UsherProcess.run(["tier", "validate", "-"], input: file)
        #expect(run.status == 65)
        #expect(run.errorLines.contains { $0.hasPrefix("<stdin>:3:") && $0.contains("min_tls") })
        #expect(run.errorLines.contains { $0.hasPrefix("<stdin>:3:") && $0.contains("did you mean weight?") })
        #expect(run.errorLines.last?.hasPrefix("usher: the tier file has 2 problems") == true)
    }

    @Test func `an unknown key of the configuration file is 78`() async throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let file = try folder.file("usher.yaml", "provider: {zon: abc}\n")
        let run = try await UsherProcess.run(["job", "list", "--config", file])
        #expect(run.status == 78)
        #expect(run.errorLines.first == "\(file):1:12: provider.zon: unknown key; did you mean zone?")
    }

    @Test func `help lists every exit status`() async throws {
        let run = try await UsherProcess.run(["--help"])
        #expect(run.status == 0)
        for status in ["0", "1", "3", "64", "65", "69", "75", "77", "78"] {
            #expect(run.output.contains("\n  \(status) "), "\(status)")
        }
    }
}
