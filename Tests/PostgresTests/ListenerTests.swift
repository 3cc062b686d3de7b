import Logging
import Postgres
import TestSupport
import Testing

@Suite(.emptyDatabase, .timeLimit(.minutes(10)))
struct ListenerTests {
    private func execute(_ statement: Statement) async throws {
        let connection = try await TestDatabase.current.connect()
        try await connection.session { db throws(PostgresError) in _ = try db.execute(statement) }
    }

    @Test func `hints arrive on their channel and end with the listener`() async throws {
        let listener = PostgresListener(
            channels: ["jobs", #"odd "name""#],
            settings: TestDatabase.current.settings,
            logger: .quiet
        )
        let running = Task { await listener.run() }
        var jobs = listener.hints(on: "jobs").makeAsyncIterator()
        var odd = listener.hints(on: #"odd "name""#).makeAsyncIterator()
        #expect(await jobs.next() == .connected)
        #expect(await odd.next() == .connected)
        try await execute("select pg_notify('jobs', 'seven')")
        #expect(await jobs.next() == .notified(payload: "seven"))
        try await execute("select pg_notify(\(#"odd "name""#), '')")
        #expect(await odd.next() == .notified(payload: ""))
        running.cancel()
        #expect(await jobs.next() == nil)
        #expect(await odd.next() == nil)
    }

    @Test func `hints not taken are one`() async throws {
        let listener = PostgresListener(
            channels: ["jobs", "done"],
            settings: TestDatabase.current.settings,
            logger: .quiet
        )
        let running = Task { await listener.run() }
        var jobs = listener.hints(on: "jobs").makeAsyncIterator()
        var done = listener.hints(on: "done").makeAsyncIterator()
        #expect(await done.next() == .connected)
        // Notifications arrive in the order of their commits.
        try await execute("select pg_notify('jobs', n::text) from generate_series(1, 50) n")
        try await execute("select pg_notify('done', '')")
        #expect(await done.next() == .notified(payload: ""))
        #expect(await jobs.next() == .notified(payload: "50"))
        running.cancel()
        #expect(await jobs.next() == nil)
    }

    @Test func `a listener whose connection is cut connects again and says so`() async throws {
        var settings = TestDatabase.current.settings
        settings.applicationName = "listening"
        let listener = PostgresListener(channels: ["jobs"], settings: settings, logger: .quiet)
        let running = Task { await listener.run() }
        var hints = listener.hints(on: "jobs").makeAsyncIterator()
        #expect(await hints.next() == .connected)
        try await execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'listening'"
        )
        #expect(await hints.next() == .connected)
        try await execute("select pg_notify('jobs', 'again')")
        #expect(await hints.next() == .notified(payload: "again"))
        running.cancel()
        #expect(await hints.next() == nil)
    }

    @Test func `a listener ends although its server was never there`() async {
        let settings = ConnectionSettings(url: "host=/nowhere/at/all")
        let listener = PostgresListener(channels: ["jobs"], settings: settings, logger: .quiet)
        let running = Task { await listener.run() }
        running.cancel()
        await running.value
    }

    @Test func `notices go to the log`() async throws {
        let lines = RecordedLines()
        let logger = Logger(label: "test") { _ in RecordingLogHandler(lines: lines) }
        let connection = try await PostgresConnection.connect(TestDatabase.current.settings, logger: logger)
        try await connection.session { db throws(PostgresError) in
            try db.executeScript("do $$ begin raise notice 'a word'; raise warning 'beware'; end $$")
        }
        #expect(lines.all.contains { $0.hasPrefix("debug") && $0.contains("a word") })
        #expect(lines.all.contains { $0.hasPrefix("warning") && $0.contains("beware") })
    }
}
