import Foundation
import Onboarding
import Postgres
import Simulator
import Subprocess
import Synchronization
import TLSPolicy
import TestSupport
import Testing
import usher

#if canImport(System)
import System
#else
import SystemPackage
#endif

/// A canary key goes every way there is, wrong ones included; nothing but the provider ever sees any of it.
@Suite(.database, .serialized)
struct LeakHuntTests {
    /// One hostname for each way a creation can go.
    private static let faults: [(label: String, fault: Fault?)] = [
        ("plain", nil), ("echoed", .echoed), ("lost", .replyLost), ("broken", .internalError), ("gateway", .badGateway),
        ("closed", .closedBeforeCommit), ("reset", .connectionReset), ("cut", .truncated),
        ("late", .slow(seconds: 14_400)),
    ]
    private static let names = faults.map { "\($0.label).acme-usher.com" }

    @Test func `no 32 bytes of a private key are anywhere but sealed in its column and sent to the provider`()
        async throws
    {
        try await WorkerWorld.with(logLevel: "trace") { world in
            let (chain, key) = try WorkerWorld.certificate(Self.names, key: .rsa2048)
            let leaf = try CertificateInspector.chain(fromPEM: chain).leafPEM
            let hunt = SecretWindows(keyPEM: key, known: [Self.der(leaf)])
            try #require(hunt.isFound(in: key))
            let evidence = Evidence()
            try await logEverything(world)
            let serverLog = try await serverLog(world)
            let logStart = try Self.size(of: serverLog)
            try await world.prepare()

            async let watched: Void = watch(world, evidence)
            try await upload(chain, key, world, evidence)
            try await work(world)
            try await askEverything(chain, key, world, evidence)
            try await breakRows(world, evidence)
            evidence.end()
            _ = try await watched
            try await dump(world, evidence)
            for number in 1...3 {
                evidence.add("worker \(number)", try Data(contentsOf: URL(filePath: world.workers.log(of: number))))
            }
            evidence.add("server log", try Self.contents(of: serverLog, from: logStart))

            let found = evidence.all
            // The names alone: a failure must not print what it found.
            let leaks = found.filter { hunt.isFound(in: $0.value) }.keys.sorted()
            #expect(leaks.isEmpty)
            // The hunt was on the right track: everything was written down, and the provider has the key.
            func text(_ name: String) -> String { String(decoding: found[name] ?? Data(), as: UTF8.self) }
            #expect(
                text("server log").contains("put_certificate")
                    && text("server log").contains("usher.rewrap_certificate")
            )
            #expect(text("worker 1").contains(" trace ") || text("worker 1").contains(" debug "))
            #expect(text("dump").contains("sealed_key"))
            #expect(text("pg_stat_activity").contains("usher"))
            let uploads = world.simulator.snapshot().hostnames.all.compactMap { $0.certificate?.inForce?.uploads.first }
            #expect(uploads.count == Self.names.count)
            #expect(uploads.allSatisfy { hunt.isFound(in: $0.key.unredactedText) })
        }
    }

    // MARK: - The ways of the key

    private func upload(
        _ chain: String,
        _ key: String,
        _ world: WorkerWorld,
        _ evidence: Evidence
    ) async throws {
        evidence.add("keys publish", try await world.usher("keys", "publish", "--reason", "first", "--json"))
        let chainFile = try world.folder.file("chain.pem", chain)
        let keyFile = try world.folder.file("key.pem", key)
        for name in Self.names {
            let put = try await world.usher(
                "cert",
                "put",
                "--tenant",
                "acme",
                "--hostname",
                name,
                "--chain",
                chainFile,
                "--key",
                keyFile,
                "--json"
            )
            try #require(put.status == 0, "\(put.errors)")
            evidence.add("cert put \(name)", put)
        }
        // A key in the place of the chain, and one that is another's.
        evidence.add(
            "cert put key as chain",
            try await world.usher(
                "cert",
                "put",
                "--tenant",
                "acme",
                "--hostname",
                Self.names[0],
                "--chain",
                keyFile,
                "--key",
                keyFile,
                "--json"
            )
        )
        evidence.add(
            "cert put as argument",
            try await world.usher(
                "cert",
                "put",
                "--tenant",
                "nobody",
                "--hostname",
                Self.names[0],
                "--chain",
                chainFile,
                "--key",
                keyFile
            )
        )
        evidence.add("cert inspect", try await world.usher("cert", "inspect", chainFile, "--key", keyFile, "--json"))
    }

    /// Every fault at its hostname's creation; one worker dies with the key in its hands.
    private func work(_ world: WorkerWorld) async throws {
        let rules = zip(Self.names, Self.faults).compactMap { name, item in
            item.fault.map { FaultPlan.Rule($0, .next(1), operations: [.create], hostname: name) }
        }
        world.simulator.setFaults(FaultPlan(rules: rules))
        for name in Self.names { try await world.enqueue(name, HostnameWish(customCertificate: true)) }
        try await world.workers.start(1)
        let late = try #require(Self.names.last)
        #expect(try await eventually { world.simulator.requests.count(.create, hostname: late) > 0 })
        await world.workers.kill(1)
        try await world.workers.start(2)
        let (echoed, others) = (Self.names[1], Self.names.count - 1)
        #expect(try await eventually(within: .seconds(120)) { try await world.enforced() == others })
        #expect(
            try await world.count("select count(*) from usher.hostname where name = \(echoed) and standing = 'failed'")
                == 1
        )
        try await world.enqueue(echoed, HostnameWish(customCertificate: true))
        #expect(try await eventually { try await world.enforced() == Self.names.count })
        // A rotation, and an edit that opens every key once more.
        #expect(try await world.usher("keys", "rotate").status == 0)
        #expect(try await world.usher("keys", "publish", "--reason", "again").status == 0)
        #expect(try await world.usher("keys", "rewrap").status == 0)
        try await world.workers.start(3)
        for name in Self.names {
            try await world.enqueue(name, HostnameWish(minimumTLS: .v1_3, customCertificate: true))
        }
        #expect(
            try await eventually {
                try await world.count(
                    "select count(*) from usher.hostname where standing = 'enforced' and observed_generation > 1"
                ) == Self.names.count
            }
        )
    }

    private func askEverything(
        _ chain: String,
        _ key: String,
        _ world: WorkerWorld,
        _ evidence: Evidence
    ) async throws {
        let name = Self.names[0]
        for command in [
            ["cert", "list", "--retired", "--json"], ["cert", "get", "1", "--json"], ["cert", "get", "1"],
            ["keys", "list", "--json"], ["keys", "public", "--json"], ["hostname", "get", name, "--json"],
            ["hostname", "list", "--json"], ["hostname", "explain", name, "--json"], ["job", "list", "--json"],
            ["cert", "retire", "1", "--reason", "no"], ["tenant", "list", "--json"], ["plan", "--json"],
        ] {
            let run = try await UsherProcess.run(
                command,
                environment: [
                    "USHER_DATABASE_URL": TestDatabase.current.url, "USHER_KEYS_FILE": world.keyFile,
                    "USHER_LOG_LEVEL": "trace",
                ]
            )
            evidence.add(command.joined(separator: " "), run)
        }
    }

    /// Errors that the server tells with the row, or with the parameters, of the statement.
    private func breakRows(_ world: WorkerWorld, _ evidence: Evidence) async throws {
        for (index, statement) in [
            "update usher.certificate set key_id = 'nonsense'" as Statement,
            "update usher.certificate set not_after = not_before",
            "insert into usher.certificate select * from usher.certificate",
            """
            select usher.put_certificate('nobody', hostname, chain_pem, sealed_key, key_id, facts, fingerprint,
                                         not_before, not_after) from usher.certificate
            """,
        ].enumerated() {
            do {
                _ = try await world.pool.session { db throws(PostgresError) in try db.execute(statement) }
                Issue.record("statement \(index) was to fail")
            } catch {
                evidence.add("error \(index)", Data("\(error) \(error.message) \(error.detail ?? "")".utf8))
            }
        }
    }

    // MARK: - Where it might be seen

    private func logEverything(_ world: WorkerWorld) async throws {
        let name = TestDatabase.current.name
        for setting in [
            "log_statement = 'all'" as Statement, "log_min_duration_statement = 0", "log_parameter_max_length = -1",
            "log_parameter_max_length_on_error = -1", "log_error_verbosity = 'verbose'",
        ] {
            _ = try await world.pool.session { db throws(PostgresError) in
                try db.execute("alter database \(identifier: name) set \(setting)")
            }
        }
    }

    private func serverLog(_ world: WorkerWorld) async throws -> String {
        let data = try await world.pool.session { db throws(PostgresError) in
            try db.one("select current_setting('data_directory')", as: String.self)
        }
        return URL(filePath: data).deletingLastPathComponent().appending(path: "server.log").path()
    }

    private func watch(_ world: WorkerWorld, _ evidence: Evidence) async throws {
        while !evidence.isEnded {
            let seen = try await world.pool.session { db throws(PostgresError) in
                try db.one("select coalesce(string_agg(query, chr(10)), '') from pg_stat_activity", as: String.self)
            }
            evidence.add("pg_stat_activity", Data(seen.utf8))
        }
    }

    /// Dumps by everybody who may make one: the server's owner, the operator, the auditor.
    private func dump(_ world: WorkerWorld, _ evidence: Evidence) async throws {
        evidence.add("dump", try await Self.dump([]))
        for role in ["usher_operator", "usher_auditor"] {
            try await makeRole(role, world)
            let arguments = ["--role", role, "--schema", "usher", "--exclude-table", "usher.certificate"]
            // What is not granted makes the dump of a table fail; what is granted is what can leak.
            let isOwn = try await world.count("select count(*) from pg_roles where rolname = 'usher_owner'") == 0
            if isOwn { evidence.add("dump of \(role)", try await Self.dump(arguments)) }
            await #expect(throws: PostgresError.self, "\(role) reads no sealed key") {
                try await world.pool.transaction { db throws(PostgresError) in
                    _ = try db.execute("set local role \(identifier: role)")
                    _ = try db.query("select sealed_key from usher.certificate", as: [UInt8]?.self)
                }
            }
        }
    }

    /// Where the roles are not there yet, one that may read everything but the sealed keys.
    private func makeRole(_ role: String, _ world: WorkerWorld) async throws {
        if try await world.count("select count(*) from pg_roles where rolname = 'usher_owner'") > 0 { return }
        _ = try await world.pool.transaction { db throws(PostgresError) in
            try db.execute("select pg_advisory_xact_lock(20)")
            if try db.one("select to_regrole(\(role)) is null", as: Bool.self) {
                _ = try db.execute("create role \(identifier: role)")
            }
            _ = try db.execute("grant usage on schema usher to \(identifier: role)")
            _ = try db.execute("grant select on all tables in schema usher to \(identifier: role)")
            _ = try db.execute("grant select on all sequences in schema usher to \(identifier: role)")
            _ = try db.execute("revoke select on usher.certificate from \(identifier: role)")
        }
    }

    private static func dump(_ arguments: [String]) async throws -> Data {
        let result = try await Subprocess.run(
            .name("pg_dump"),
            arguments: Arguments(["--dbname", TestDatabase.current.url] + arguments),
            output: .data(limit: 64 << 20),
            error: .string(limit: 1 << 20)
        )
        #expect(result.terminationStatus.isSuccess, "\(result.standardError)")
        return result.standardOutput
    }

    private static func size(of file: String) throws -> UInt64 {
        try FileHandle(forReadingFrom: URL(filePath: file)).seekToEnd()
    }

    private static func contents(of file: String, from offset: UInt64) throws -> Data {
        let handle = try FileHandle(forReadingFrom: URL(filePath: file))
        try handle.seek(toOffset: offset)
        return try handle.readToEnd() ?? Data()
    }

    private static func der(_ pem: String) -> Data {
        Data(base64Encoded: pem.split(separator: "\n").filter { !$0.hasPrefix("-") }.joined()) ?? Data()
    }
}

/// Everything that was written, by who wrote it.
private final class Evidence: Sendable {
    private let state = Mutex<(pieces: [String: Data], isEnded: Bool)>(([:], false))

    var all: [String: Data] { state.withLock(\.pieces) }
    var isEnded: Bool { state.withLock(\.isEnded) }

    func add(_ name: String, _ bytes: Data) { state.withLock { $0.pieces[name, default: Data()] += bytes } }

    func add(_ name: String, _ run: UsherProcess) { add(name, Data((run.output + run.errors).utf8)) }

    func end() { state.withLock { $0.isEnded = true } }
}
