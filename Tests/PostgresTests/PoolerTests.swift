import Logging
import Postgres
import TestSupport
import Testing

/// PgBouncer in transaction mode: the next transaction may run on another server connection.
@Suite(.emptyDatabase, .timeLimit(.minutes(10)))
struct PoolerTests {
    @Test func `statements, transactions and pipelines of many clients share few server connections`() async throws {
        try await PgBouncer.with(servers: 2) { pooler in
            let pool = PostgresPool(ConnectionSettings(url: pooler.url), size: 6, logger: .quiet)
            try await pool.session { db throws(PostgresError) in
                _ = try db.execute("create table t (n bigint primary key, at timestamptz not null default now())")
            }
            try await withThrowingTaskGroup { tasks in
                for number in 0..<60 {
                    tasks.addTask {
                        try await pool.transaction { db throws(PostgresError) in
                            _ = try db.execute("insert into t (n) values (\(number * 2))")
                        }
                        try await pool.session { db throws(PostgresError) in
                            _ = try db.pipeline([
                                "insert into t (n) values (\(number * 2 + 1))",
                                "select at from t where n = \(number)",
                            ])[1].rows(as: Timestamp.self)
                        }
                    }
                }
                try await tasks.waitForAll()
            }
            let count = try await pool.session { db throws(PostgresError) in
                try db.one("select count(*) from t", as: Int.self)
            }
            #expect(count == 120)
            pool.close()
        }
    }

    @Test func `a statement is still ended by the server when its time is over`() async throws {
        try await PgBouncer.with { pooler in
            var settings = ConnectionSettings(url: pooler.url)
            settings.statementTimeout = .milliseconds(200)
            let connection = try await PostgresConnection.connect(settings, logger: .quiet)
            let error = await #expect(throws: PostgresError.self) {
                try await connection.session { db throws(PostgresError) in
                    _ = try db.execute("select pg_sleep(60)")
                }
            }
            #expect(error?.sqlState == .queryCancelled)
            await connection.close()
        }
    }

    @Test func `nothing of one client's session is left for the next`() async throws {
        try await PgBouncer.with(servers: 1) { pooler in
            let ours = try await PostgresConnection.connect(ConnectionSettings(url: pooler.url), logger: .quiet)
            let read: Statement = """
                select (select string_agg(name || '=' || setting, ' ' order by name) from pg_settings
                        where source = 'session' and name not in ('TimeZone', 'DateStyle', 'application_name')),
                       (select count(*) from pg_locks where locktype = 'advisory' and pid = pg_backend_pid()),
                       (select count(*) from pg_prepared_statements),
                       (select count(*) from pg_listening_channels())
                """
            try await ours.transaction { db throws(PostgresError) in
                _ = try db.execute("select pg_advisory_xact_lock(1)")
            }
            try await ours.session { db throws(PostgresError) in
                _ = try db.pipeline(["select set_config('lock_timeout', '500ms', true)", "select 1"])
            }
            // The only server connection, with a client that sets nothing itself.
            let left = try await ours.transaction { db throws(PostgresError) in
                try db.executeScript("reset statement_timeout; reset idle_in_transaction_session_timeout")
                return try db.one(read, as: (String?, Int, Int, Int).self)
            }
            #expect(left.0 == nil && left.1 == 0 && left.2 == 0 && left.3 == 0, "\(left)")
            await ours.close()
        }
    }

    @Test func `a listener behind a pooler says once that it hears nothing, and goes on`() async throws {
        try await PgBouncer.with(servers: 1) { pooler in
            let lines = RecordedLines()
            let listener = PostgresListener(
                channels: ["jobs"],
                settings: ConnectionSettings(url: pooler.url),
                logger: Logger(label: "test") { _ in RecordingLogHandler(lines: lines) }
            )
            let running = Task { await listener.run() }
            #expect(try await eventually { lines.all.contains { $0.contains("pooler") } })
            let connection = try await PostgresConnection.connect(ConnectionSettings(url: pooler.url), logger: .quiet)
            let channels = try await connection.session { db throws(PostgresError) in
                try db.one("select count(*) from pg_listening_channels()", as: Int.self)
            }
            #expect(channels == 0, "no LISTEN sticks to the server connection that others use")
            running.cancel()
            await running.value
            #expect(lines.all.count { $0.contains("pooler") } == 1)
        }
    }
}
