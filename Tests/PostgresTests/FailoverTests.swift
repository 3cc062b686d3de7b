import Postgres
import TestSupport
import Testing

/// Connection strings with several hosts: libpq finds the one that takes writes.
@Suite(.timeLimit(.minutes(3)))
struct FailoverTests {
    @Test func `a pool follows the primary, and leaves a connection that turned out to be read-only`() async throws {
        let primary = try await LocalCluster.start(.fast)
        let standby = try await LocalCluster.startStandby(of: primary)
        let hosts = "\(standby.folder),\(primary.folder)"
        let url = "postgresql:///postgres?host=\(hosts)&user=postgres&target_session_attrs=read-write"
        let pool = PostgresPool(ConnectionSettings(url: url), size: 2, logger: .quiet)
        try await pool.session { db throws(PostgresError) in
            _ = try db.execute("create table t (n int)")
        }
        #expect(try await host(of: pool) == primary.folder)
        await primary.stop()
        try await standby.promote()
        try await pool.session { db throws(PostgresError) in _ = try? db.execute("select 1") }
        #expect(try await host(of: pool) == standby.folder)

        // Somebody who did not ask for a primary may meet a standby; what that refuses is not asked of it again.
        let second = try await LocalCluster.startStandby(of: standby)
        let careless = PostgresPool(ConnectionSettings(url: second.connectionURL()), size: 1, logger: .quiet)
        let refused = await #expect(throws: PostgresError.self) {
            try await careless.session { db throws(PostgresError) in _ = try db.execute("insert into t values (1)") }
        }
        #expect(refused?.sqlState == .readOnlyTransaction && refused?.isRetryable == true)
        try await second.promote()
        try await careless.session { db throws(PostgresError) in _ = try db.execute("insert into t values (1)") }
        pool.close()
        careless.close()
        await second.stop()
        await standby.stop()
    }

    /// Where the pool's next connection leads.
    private func host(of pool: PostgresPool) async throws -> String {
        try await pool.session { db throws(PostgresError) in
            try db.one("select current_setting('unix_socket_directories')", as: String.self)
        }
    }
}
