import Postgres
import TestSupport
import Testing

@Suite(.emptyDatabase)
struct TransactionTests {
    private func connectWithTable() async throws -> PostgresConnection {
        let connection = try await TestDatabase.current.connect()
        try await connection.session { db throws(PostgresError) in
            try db.executeScript("create table t (n int primary key deferrable initially deferred)")
        }
        return connection
    }

    private func count(_ connection: PostgresConnection) async throws -> Int? {
        try await connection.session { db throws(PostgresError) in try db.first("select count(*) from t", as: Int.self)
        }
    }

    @Test func `all statements of a closure that returns are kept`() async throws {
        let connection = try await connectWithTable()
        let touched = try await connection.transaction { db throws(PostgresError) in
            try db.execute("insert into t values (1)") + db.execute("insert into t values (2), (3)")
        }
        #expect(touched == 3)
        #expect(try await count(connection) == 3)
    }

    @Test func `no statement of a closure that throws is kept`() async throws {
        let connection = try await connectWithTable()
        await #expect(throws: PostgresError.self) {
            try await connection.transaction { db throws(PostgresError) in
                try db.execute("insert into t values (1)")
                throw PostgresError(.shape, "changed its mind", location: SourceLocation())
            }
        }
        #expect(try await count(connection) == 0)
    }

    @Test func `an error that the closure hides is reported, and nothing kept`() async throws {
        let connection = try await connectWithTable()
        let error = await #expect(throws: PostgresError.self) {
            try await connection.transaction { db throws(PostgresError) in
                try db.execute("insert into t values (1)")
                _ = try? db.execute("nonsense")
            }
        }
        #expect(error?.kind == .transactionMisuse)
        #expect(try await count(connection) == 0)
    }

    @Test func `a closure that commits by itself is reported`() async throws {
        let connection = try await connectWithTable()
        let error = await #expect(throws: PostgresError.self) {
            try await connection.transaction { db throws(PostgresError) in _ = try db.execute("commit") }
        }
        #expect(error?.kind == .transactionMisuse)
    }

    @Test func `a constraint checked at commit is an error of the server`() async throws {
        let connection = try await connectWithTable()
        let error = await #expect(throws: PostgresError.self) {
            try await connection.transaction { db throws(PostgresError) in
                _ = try db.execute("insert into t values (1), (1)")
            }
        }
        #expect(error?.sqlState == .uniqueViolation)
        #expect(try await count(connection) == 0)
    }

    @Test func `a connection lost during commit leaves the outcome unknown`() async throws {
        let connection = try await connectWithTable()
        let error = await #expect(throws: PostgresError.self) {
            try await connection.transaction { db throws(PostgresError) in
                // Runs at commit, after the client has sent it.
                try db.executeScript(
                    """
                    create function die() returns trigger language plpgsql as
                    $$ begin perform pg_terminate_backend(pg_backend_pid()); return null; end $$;
                    create constraint trigger die after insert on t deferrable initially deferred
                    for each row execute function die();
                    insert into t values (1)
                    """
                )
            }
        }
        #expect(error?.kind == .commitUnknown)
        #expect(error?.isRetryable == false)
    }

    @Test func `transactions of many tasks on one connection do not mix`() async throws {
        let connection = try await connectWithTable()
        await withThrowingTaskGroup(of: Void.self) { group in
            for number in 1...20 {
                group.addTask {
                    try await connection.transaction { db throws(PostgresError) in
                        try db.execute("insert into t values (\(number))")
                        if number.isMultiple(of: 2) {
                            throw PostgresError(.shape, "even", location: SourceLocation())
                        }
                    }
                }
            }
            while let result = await group.nextResult() {
                if case .failure(let error as PostgresError) = result { #expect(error.kind == .shape) }
            }
        }
        #expect(try await count(connection) == 10)
    }

    @Test func `the server ends a transaction that its client forgot`() async throws {
        var settings = TestDatabase.current.settings
        settings.statementTimeout = .seconds(1)
        let connection = try await PostgresConnection.connect(settings, logger: .quiet)
        let timeouts = try await connection.transaction { db throws(PostgresError) in
            try db.first(
                "select current_setting('statement_timeout'), current_setting('idle_in_transaction_session_timeout')",
                as: (String, String).self
            )
        }
        #expect(timeouts?.0 == "1s" && timeouts?.1 == "1s")
        let error = await #expect(throws: PostgresError.self) {
            try await connection.session { db throws(PostgresError) in _ = try db.execute("select pg_sleep(60)") }
        }
        #expect(error?.sqlState == .queryCancelled)
    }
}
