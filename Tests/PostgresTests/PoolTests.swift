import Postgres
import TestSupport
import Testing

@Suite(.emptyDatabase, .timeLimit(.minutes(10)))
struct PoolTests {
    private func backend(of pool: PostgresPool) async throws -> Int? {
        try await pool.session { db throws(PostgresError) in try db.first("select pg_backend_pid()", as: Int.self) }
    }

    private func terminate(_ backend: Int?) async throws {
        let connection = try await TestDatabase.current.connect()
        // The second parameter is how long to wait for its end, in milliseconds.
        try await connection.session { db throws(PostgresError) in
            _ = try db.execute("select pg_terminate_backend(\(backend)::int, 10000)")
        }
    }

    @Test func `many tasks share no more connections than there are places`() async throws {
        let pool = PostgresPool(TestDatabase.current.settings, size: 3, logger: .quiet)
        let backends = try await withThrowingTaskGroup(of: Int?.self) { group in
            for _ in 0..<30 { group.addTask { try await backend(of: pool) } }
            return try await group.reduce(into: Set()) { $0.insert($1) }
        }
        #expect((1...3).contains(backends.count))
    }

    @Test func `a connection found lost is replaced before the work begins`() async throws {
        let pool = PostgresPool(TestDatabase.current.settings, size: 1, logger: .quiet)
        let first = try await backend(of: pool)
        try await terminate(first)
        let second = try await backend(of: pool)
        #expect(second != nil && second != first)
    }

    @Test func `a connection lost during the work fails that work only`() async throws {
        let pool = PostgresPool(TestDatabase.current.settings, size: 1, logger: .quiet)
        let error = await #expect(throws: PostgresError.self) {
            try await pool.transaction { db throws(PostgresError) in
                _ = try db.execute("select pg_terminate_backend(pg_backend_pid())")
            }
        }
        #expect(error?.kind == .connection)
        #expect(error?.sqlState == .adminShutdown)
        #expect(error?.isRetryable == true)
        #expect(try await backend(of: pool) != nil)
    }

    @Test func `a deadline costs the connection but not the place`() async throws {
        let pool = PostgresPool(TestDatabase.current.settings, size: 1, logger: .quiet)
        let error = await #expect(throws: PostgresError.self) {
            try await pool.session(deadline: .milliseconds(50)) { db throws(PostgresError) in
                _ = try db.execute("select pg_sleep(60)")
            }
        }
        #expect(error?.kind == .deadline)
        #expect(try await backend(of: pool) != nil)
    }

    @Test func `who waits for a place gives up at the deadline, at cancellation and when the pool closes`() async throws
    {
        let pool = PostgresPool(TestDatabase.current.settings, size: 1, logger: .quiet)
        let holder = try await TestDatabase.current.connect()
        try await holder.session { db throws(PostgresError) in _ = try db.execute("select pg_advisory_lock(1)") }
        let working = Task {
            try await pool.session { db throws(PostgresError) in _ = try db.execute("select pg_advisory_lock(1)") }
        }
        try await holder.session { db throws(PostgresError) in try db.executeScript(untilSomebodyWaits) }
        let late = await #expect(throws: PostgresError.self) {
            try await pool.session(deadline: .milliseconds(20)) { db throws(PostgresError) in _ = try db.execute("") }
        }
        #expect(late?.kind == .deadline)
        let cancelled = Task { try await backend(of: pool) }
        cancelled.cancel()
        #expect(await #expect(throws: PostgresError.self) { try await cancelled.value }?.kind == .cancelled)
        let refused = Task { try await backend(of: pool) }
        pool.close()
        #expect(await #expect(throws: PostgresError.self) { try await refused.value }?.kind == .closed)
        try await holder.session { db throws(PostgresError) in _ = try db.execute("select pg_advisory_unlock(1)") }
        try await working.value
    }

    @Test func `a wrong address is reported at once`() async {
        let pool = PostgresPool(ConnectionSettings(url: "host=/nowhere/at/all"), logger: .quiet)
        let start = ContinuousClock.now
        let error = await #expect(throws: PostgresError.self) { try await backend(of: pool) }
        #expect(error?.kind == .connection)
        #expect(start.duration(to: .now) < .seconds(20))
    }
}

@Suite(.timeLimit(.minutes(10)))
struct RestartTests {
    @Test func `a pool goes on after the server has crashed and recovered`() async throws {
        let cluster = try await LocalCluster.start(.fast)
        let pool = PostgresPool(ConnectionSettings(url: cluster.connectionURL()), size: 2, logger: .quiet)
        try await pool.session { db throws(PostgresError) in
            try db.executeScript("create table t (n int primary key)")
        }
        let restart = Task { try await cluster.restart(immediate: true) }
        let written = try await write(200, to: pool)
        try await restart.value
        let kept = try await pool.session { db throws(PostgresError) in
            try db.first("select array_agg(n order by n) from t", as: [Int].self)
        }
        #expect(kept == written)
        await cluster.stop()
    }

    /// Writes numbers, each until it is certain that it is there.
    private func write(_ count: Int, to pool: PostgresPool) async throws -> [Int] {
        for number in 1...count {
            while true {
                do throws(PostgresError) {
                    try await pool.transaction { db throws(PostgresError) in
                        _ = try db.execute("insert into t values (\(number)) on conflict do nothing")
                    }
                    break
                } catch {
                    guard error.isRetryable || error.kind == .commitUnknown else { throw error }
                    // Work that had begun may fail; to find a connection is the pool's own business.
                    #expect(error.statement != nil)
                }
            }
        }
        return Array(1...count)
    }
}
