import Postgres
import TestSupport
import Testing

@Suite(.emptyDatabase, .timeLimit(.minutes(10)))
struct DeadlineTests {
    @Test func `a deadline ends a running statement and the connection`() async throws {
        let connection = try await TestDatabase.current.connect()
        let start = ContinuousClock.now
        let error = await #expect(throws: PostgresError.self) {
            try await connection.session(deadline: .milliseconds(100)) { db throws(PostgresError) in
                _ = try db.execute("select pg_sleep(60)")
            }
        }
        #expect(error?.kind == .deadline)
        #expect(error?.statement == "select pg_sleep(60)")
        let waited = start.duration(to: .now)
        #expect(waited >= .milliseconds(100) && waited < .seconds(10))
        let next = await #expect(throws: PostgresError.self) {
            try await connection.session { db throws(PostgresError) in _ = try db.execute("select 1") }
        }
        #expect(next?.kind == .closed)
    }

    @Test func `a deadline bounds the server's work in a transaction, a little later`() async throws {
        let connection = try await TestDatabase.current.connect()
        let timeout_ms = try await connection.transaction(deadline: .seconds(5)) { db throws(PostgresError) in
            try db.first("select setting::int from pg_settings where name = 'statement_timeout'", as: Int.self)
        }
        #expect((1...6_000).contains(timeout_ms ?? 0))
        let error = await #expect(throws: PostgresError.self) {
            try await connection.transaction(deadline: .milliseconds(100)) { db throws(PostgresError) in
                _ = try db.execute("select pg_sleep(60)")
            }
        }
        #expect(error?.kind == .deadline)
    }

    @Test func `a deadline that passes before the work starts costs no connection`() async throws {
        let connection = try await TestDatabase.current.connect()
        let error = await #expect(throws: PostgresError.self) {
            try await connection.session(deadline: .zero) { db throws(PostgresError) in _ = try db.execute("select 1") }
        }
        #expect(error?.kind == .deadline)
        try await connection.session { db throws(PostgresError) in _ = try db.execute("select 1") }
    }

    @Test func `a cancelled task stops waiting for the server`() async throws {
        let url = TestDatabase.current
        let holder = try await url.connect()
        let waiter = try await url.connect()
        try await holder.session { db throws(PostgresError) in _ = try db.execute("select pg_advisory_lock(1)") }
        let task = Task {
            try await waiter.transaction { db throws(PostgresError) in _ = try db.execute("select pg_advisory_lock(1)")
            }
        }
        try await holder.session { db throws(PostgresError) in try db.executeScript(untilSomebodyWaits) }
        task.cancel()
        let error = await #expect(throws: PostgresError.self) { try await task.value }
        #expect(error?.kind == .cancelled)
    }

    @Test func `a task cancelled before its turn does not disturb the one at work`() async throws {
        let connection = try await TestDatabase.current.connect()
        let holder = try await TestDatabase.current.connect()
        try await holder.session { db throws(PostgresError) in _ = try db.execute("select pg_advisory_lock(1)") }
        let working = Task {
            try await connection.session { db throws(PostgresError) in
                try db.first("select 7 from pg_advisory_lock(1)", as: Int.self)
            }
        }
        try await holder.session { db throws(PostgresError) in try db.executeScript(untilSomebodyWaits) }
        let queued = Task {
            try await connection.session { db throws(PostgresError) in _ = try db.execute("select 1") }
        }
        queued.cancel()
        try await holder.session { db throws(PostgresError) in _ = try db.execute("select pg_advisory_unlock(1)") }
        #expect(try await working.value == 7)
        let error = await #expect(throws: PostgresError.self) { try await queued.value }
        #expect(error?.kind == .cancelled)
        try await connection.session { db throws(PostgresError) in _ = try db.execute("select 1") }
    }

    @Test func `connecting ends at the deadline though nobody answers`() async throws {
        let listener = try SilentListener()
        let settings = ConnectionSettings(url: "postgresql://127.0.0.1:\(listener.port)/x?connect_timeout=3")
        let error = await #expect(throws: PostgresError.self) {
            try await PostgresConnection.connect(settings, logger: .quiet, deadline: .milliseconds(100))
        }
        #expect(error?.kind == .deadline)
    }
}

/// Waits inside the server until some session waits for a lock.
let untilSomebodyWaits = """
    do $$ begin
        while not exists (select from pg_locks where not granted) loop perform pg_sleep(0.002); end loop;
    end $$
    """
