import Postgres
import TestSupport
import Testing

@Suite(.emptyDatabase, .timeLimit(.minutes(10)))
struct PipelineTests {
    @Test func `results come back in the order of the statements`() async throws {
        let connection = try await TestDatabase.current.connect()
        let numbers = try await connection.session { db throws(PostgresError) in
            let statements = (0..<100).map { "select \($0), \("n\($0)")" as Statement }
            var numbers: [Int] = []
            for result in try db.pipeline(statements) {
                numbers += try result.rows(as: (Int, String).self).map(\.0)
            }
            return numbers
        }
        #expect(numbers == Array(0..<100))
    }

    @Test func `an empty pipeline asks nothing`() async throws {
        let connection = try await TestDatabase.current.connect()
        #expect(try await connection.session { db throws(PostgresError) in try db.pipeline([]).count } == 0)
    }

    @Test func `an error in the middle is the one thrown, and nothing is kept`() async throws {
        let connection = try await TestDatabase.current.connect()
        try await connection.session { db throws(PostgresError) in _ = try db.execute("create table t (n int)") }
        let error = await #expect(throws: PostgresError.self) {
            try await connection.session { db throws(PostgresError) in
                _ = try db.pipeline([
                    "insert into t values (\(1))", "select \(1) / \(0)", "insert into t values (\(2))",
                ])
            }
        }
        #expect(error?.sqlState == "22012")
        #expect(error?.statement == "select $1 / $2")
        let count = try await connection.session { db throws(PostgresError) in
            try db.first("select count(*) from t", as: Int.self)
        }
        #expect(count == 0)
    }

    @Test func `an error in the middle leaves a transaction to be rolled back`() async throws {
        let connection = try await TestDatabase.current.connect()
        let error = await #expect(throws: PostgresError.self) {
            try await connection.transaction { db throws(PostgresError) in
                _ = try db.pipeline(["select 1", "nonsense", "select 2"])
            }
        }
        #expect(error?.sqlState == "42601")
        try await connection.transaction { db throws(PostgresError) in _ = try db.execute("select 1") }
    }

    @Test func `a value that cannot be sent leaves the connection whole`() async throws {
        let connection = try await TestDatabase.current.connect()
        let error = await #expect(throws: PostgresError.self) {
            try await connection.session { db throws(PostgresError) in
                _ = try db.pipeline(["select 1", "select \("a\0")"])
            }
        }
        #expect(error?.kind == .encoding(parameter: 1))
        try await connection.session { db throws(PostgresError) in _ = try db.execute("select 1") }
    }

    /// Both sides have more to say than all buffers between them hold: who does not read while it writes hangs.
    @Test func `megabytes go both ways at once`() async throws {
        let connection = try await TestDatabase.current.connect()
        let text = String(repeating: "x", count: 2_000_000)
        let lengths = try await connection.session { db throws(PostgresError) in
            let statements = (0..<8).map { _ in "select \(text) || \(text)" as Statement }
            var lengths: [Int] = []
            for result in try db.pipeline(statements) {
                lengths += try result.rows(as: String.self).map(\.utf8.count)
            }
            return lengths
        }
        #expect(lengths == Array(repeating: 4_000_000, count: 8))
    }

    @Test func `a hundred thousand rows come back from one statement`() async throws {
        let connection = try await TestDatabase.current.connect()
        let rows = try await connection.session { db throws(PostgresError) in
            try db.query("select n, repeat('y', 100) from generate_series(1, 100000) n", as: (Int, String).self).count
        }
        #expect(rows == 100_000)
    }
}
