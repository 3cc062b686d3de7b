import Foundation
import Postgres
import TestSupport
import Testing

struct SettingsTests {
    @Test(arguments: [
        "postgresql://ann:canary@db.example:5433/shop?sslmode=require",
        "host=db.example user=ann password=canary",
        "postgresql://ann@db.example/shop?password=canary",
    ]) func `no description shows a password`(url: String) {
        let settings = ConnectionSettings(url: url)
        #expect(settings.description.contains("host=db.example"))
        #expect(!"\(settings) \(String(reflecting: settings))".contains("canary"))
        var dumped = ""
        dump(settings, to: &dumped)
        #expect(!dumped.contains("canary"))
    }

    @Test(arguments: [
        "postgresql://ann:canary@db.example/shop?no_such_key=canary", "host=a password='canary",
        "postgresql://%zzcanary",
        "canary=canary",
    ]) func `an unreadable connection string is refused without being shown`(url: String) async {
        let error = await #expect(throws: PostgresError.self) {
            try await PostgresConnection.connect(ConnectionSettings(url: url), logger: .quiet)
        }
        #expect(error?.kind == .configuration)
        #expect(error.map { "\($0) \(String(reflecting: $0))".contains("canary") } == false)
        #expect(!"\(ConnectionSettings(url: url))".contains("canary"))
    }

    @Test func `a server that is not there is one clear error`() async {
        let error = await #expect(throws: PostgresError.self) {
            try await PostgresConnection.connect(ConnectionSettings(url: "host=/nowhere/at/all"), logger: .quiet)
        }
        #expect(error?.kind == .connection)
        #expect(error?.isRetryable == true)
        #expect(error?.description.contains("/nowhere/at/all") == true)
    }

    @Test(.emptyDatabase) func `the next host is tried when the first is dead`() async throws {
        let database = TestDatabase.current
        let folder = try #require(database.url.firstMatch(of: /host=([^&]+)/)?.1)
        let hosts = "host=127.0.0.1,\(folder) port=1,5432 user=postgres dbname=\(database.name)"
        let connection = try await PostgresConnection.connect(ConnectionSettings(url: hosts), logger: .quiet)
        let name = try await connection.session { db throws(PostgresError) in
            try db.first("select current_database()::text", as: String.self)
        }
        #expect(name == database.name)
    }

    @Test(.emptyDatabase) func `a host that swallows packets does not keep the next from being tried`() async throws {
        let silent = try SilentListener()
        let database = TestDatabase.current
        let folder = try #require(database.url.firstMatch(of: /host=([^&]+)/)?.1)
        // Two seconds are libpq's least.
        let hosts = "host=127.0.0.1,\(folder) port=\(silent.port),5432 user=postgres dbname=\(database.name)"
        let settings = ConnectionSettings(url: "\(hosts) connect_timeout=2")
        let connection = try await PostgresConnection.connect(settings, logger: .quiet)
        try await connection.session { db throws(PostgresError) in _ = try db.execute("select 1") }
    }

    @Test(.emptyDatabase) func `the PG variables say what the connection string does not`() async throws {
        let name = TestDatabase.current.name
        let folder = String(try #require(TestDatabase.current.url.firstMatch(of: /host=([^&]+)/)?.1))
        // In a process of its own: the environment belongs to the whole process.
        await #expect(processExitsWith: .success) { [name = name as String, folder = folder as String] in
            setenv("PGHOST", folder, 1)
            setenv("PGUSER", "postgres", 1)
            setenv("PGDATABASE", name, 1)
            let connection = try await PostgresConnection.connect(ConnectionSettings(), logger: .quiet)
            let answer = try await connection.session { db throws(PostgresError) in
                try db.first("select current_database()::text", as: String.self)
            }
            #expect(answer == name)
        }
    }

    @Test(.emptyDatabase) func `each connection speaks UTF-8, UTC and the formats that the codecs read`() async throws {
        let connection = try await TestDatabase.current.connect()
        let settings = try await connection.session { db throws(PostgresError) in
            try db.query(
                """
                select name, setting from pg_settings where name = any(\([
                    "client_encoding", "TimeZone", "DateStyle", "IntervalStyle", "bytea_output", "application_name",
                    "statement_timeout",
                ])) order by name collate "C"
                """,
                as: (String, String).self
            )
        }
        #expect(settings.map(\.1) == ["ISO, MDY", "iso_8601", "UTC", "usher", "hex", "UTF8", "30000"])
    }
}
