import Postgres
import TestSupport
import Testing

@Suite(.emptyDatabase)
struct ErrorTests {
    private func failure(
        _ body: @escaping @Sendable (borrowing Session) throws(PostgresError) -> Void
    ) async throws -> PostgresError {
        let connection = try await TestDatabase.current.connect()
        let error = await #expect(throws: PostgresError.self) { try await connection.session(body) }
        return try #require(error)
    }

    @Test func `a refused statement is reported with code, text and place`() async throws {
        let error = try await failure { db throws(PostgresError) in try db.execute("select \(1) from nowhere") }
        #expect(error.kind == .server)
        #expect(error.sqlState == .undefinedTable)
        #expect(error.message.contains("nowhere"))
        #expect(error.statement == "select $1 from nowhere")
        #expect(error.position == 16)
        #expect(error.location.fileID.hasSuffix("ErrorTests.swift"))
        #expect(!error.isRetryable)
    }

    @Test func `a violated constraint is named, the row's values are not shown`() async throws {
        let error = try await failure { db throws(PostgresError) in
            try db.execute("create table t (a text constraint short check (length(a) < 3))")
            try db.execute("insert into t values (\("canary"))")
        }
        #expect(error.sqlState == .checkViolation)
        #expect(error.constraint == "short")
        #expect(error.detail?.contains("canary") == true)
        #expect(!error.description.contains("canary"))
        #expect(error.description.contains("short"))
    }

    @Test func `a value in the server's message is withheld`() async throws {
        let error = try await failure { db throws(PostgresError) in
            try db.execute("select \("canary")::int")
        }
        #expect(error.message.contains("canary"))
        #expect(!error.description.contains("canary"))
        #expect(error.description.contains("22P02"))
    }

    @Test func `null in a column that allows none is an error that names it`() async throws {
        let error = try await failure { db throws(PostgresError) in
            _ = try db.query("select 1 as one, null as gap", as: (Int, Int).self)
        }
        #expect(error.kind == .decoding(column: "gap", wanted: "Int"))
        #expect(error.message == "null in row 1")
    }

    @Test func `a number that does not fit is an error`() async throws {
        let error = try await failure { db throws(PostgresError) in
            _ = try db.query("select 70000 as n", as: Int16.self)
        }
        #expect(error.kind == .decoding(column: "n", wanted: "Int16"))
    }

    @Test func `another number of columns or rows is an error`() async throws {
        let columns = try await failure { db throws(PostgresError) in _ = try db.query("select 1, 2", as: Int.self) }
        #expect(columns.kind == .shape)
        let rows = try await failure { db throws(PostgresError) in
            _ = try db.first("select generate_series(1, 2)", as: Int.self)
        }
        #expect(rows.kind == .shape)
    }

    @Test func `a zero byte is refused, not cut off`() async throws {
        let alone = try await failure { db throws(PostgresError) in try db.execute("select \(1), \("a\0b")") }
        #expect(alone.kind == .encoding(parameter: 2))
        let inArray = try await failure { db throws(PostgresError) in try db.execute("select \(["a\0b"])") }
        #expect(inArray.kind == .encoding(parameter: 1))
        let inText = try await failure { db throws(PostgresError) in
            try db.execute("select 1 as \(identifier: "a\0b")")
        }
        #expect(inText.kind == .encoding(parameter: 0))
    }

    @Test func `the connection goes on after a failed statement`() async throws {
        let connection = try await TestDatabase.current.connect()
        await #expect(throws: PostgresError.self) {
            try await connection.session { db throws(PostgresError) in _ = try db.execute("nonsense") }
        }
        let answer = try await connection.session { db throws(PostgresError) in
            try db.first("select 42", as: Int.self)
        }
        #expect(answer == 42)
    }

    @Test func `a copy ends the connection instead of hanging it`() async throws {
        let connection = try await TestDatabase.current.connect()
        let error = await #expect(throws: PostgresError.self) {
            try await connection.session { db throws(PostgresError) in _ = try db.execute("copy (select 1) to stdout") }
        }
        #expect(error?.kind == .configuration)
        let next = await #expect(throws: PostgresError.self) {
            try await connection.session { db throws(PostgresError) in _ = try db.execute("select 1") }
        }
        #expect(next?.kind == .closed, "\(String(describing: next))")
    }
}
