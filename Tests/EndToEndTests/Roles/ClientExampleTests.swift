import Foundation
import Subprocess
import TestSupport
import Testing

#if canImport(System)
import System
#else
import SystemPackage
#endif

/// The examples of `Tests/Clients` and `Tests/Python`, run as a login that is nothing but an enqueuer.
@Suite(.database, .timeLimit(.minutes(10)))
struct ClientExampleTests {
    private let logins = RoleLogins()

    private func prepare() async throws -> String {
        try await logins.prepare(tenants: [])
        try await logins.make(.enqueuer, tenants: ["*"])
        return logins.url(.enqueuer)
    }

    @Test func `psql hands in work in its own transaction and reads how it stands`() async throws {
        let url = try await prepare()
        let command =
            "exec $(command -v psql || ls /usr/lib/postgresql/*/bin/psql | tail -1) -XqAt -f enqueue.psql.txt $URL"
        let run = try await shell(command, ["URL": url])
        #expect(run.output == "t\nt|f\n1|UE002\n1\nqueued\nready\nUE041\n", "\(run.errors)")
        #expect(run.errors.contains(#"DETAIL:  {"code": "UE041", "hostname": "nobody.shop-7.com"}"#))
        #expect(run.errors.contains("HINT:  see usher hostname list"))
    }

    @Test func `Python hands in work in its own transaction and tells refusals by their code`() async throws {
        let url = try await prepare()
        let run = try await PythonScript("enqueue_client.py").run(environment: ["URL": url])
        let expected = """
            queued True
            repeated True False
            rolled back 1
            refused UE030 signup-shop-8 - use a new key for a new request
            batch 2 ['UE002']
            progress 2 {'ready': 2}
            job ready www.shop-8.com
            hostname queued

            """
        #expect(run.output == expected, "\(run.errors)")
    }

    private static let hasGo = ["/usr/bin/go", "/usr/share/gocode/src/github.com/lib/pq/conn.go"]
        .allSatisfy(FileManager.default.fileExists(atPath:))

    /// Debian: golang-go and golang-github-lib-pq-dev.
    @Test(.enabled(if: hasGo, "there is no Go, or no lib/pq")) func `Go does the same`() async throws {
        let url = try await prepare()
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let environment = [
            "URL": url, "GO111MODULE": "off", "GOPATH": "/usr/share/gocode", "GOCACHE": folder.url.path(), "HOME": "/",
        ]
        let command = "cp enqueue.go.txt $GOCACHE/enqueue.go && exec go run $GOCACHE/enqueue.go"
        let run = try await shell(command, environment)
        let expected = """
            queued true
            repeated true false
            refused UE030 signup-shop-9 - use a new key for a new request
            batch 1
            job ready

            """
        #expect(run.output == expected, "\(run.errors)")
    }

    private func shell(
        _ command: String,
        _ environment: [String: String]
    ) async throws -> (output: String, errors: String) {
        let variables = environment.merging(["PATH": "/usr/bin:/bin"]) { first, _ in first }
        let pairs = variables.map { (Environment.Key(stringLiteral: $0.key), $0.value) }
        let result = try await Subprocess.run(
            .path("/bin/sh"),
            arguments: ["-c", command],
            environment: .custom(Dictionary(uniqueKeysWithValues: pairs)),
            workingDirectory: FilePath(Self.clients),
            input: .none,
            output: .string(limit: 1 << 20),
            error: .string(limit: 1 << 20)
        )
        return (result.standardOutput, result.standardError)
    }

    private static let clients = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Clients").path()
}
