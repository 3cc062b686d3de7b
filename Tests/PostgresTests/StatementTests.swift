import Postgres
import TestSupport
import Testing

struct StatementTests {
    @Test func `values become numbered parameters`() {
        let statement: Statement = "select \(1), \("two"), \(nil as Bool?)"
        #expect(statement.sql == "select $1, $2, $3")
    }

    @Test func `a statement in a statement is numbered anew`() {
        let inner: Statement = "tenant = \("t") and state = \("s")"
        let outer: Statement = "select \(0) from job where \(inner) limit \(9)"
        #expect(outer.sql == "select $1 from job where tenant = $2 and state = $3 limit $4")
    }

    @Test func `names are quoted`() {
        #expect(("listen \(identifier: #"a"b"#)" as Statement).sql == #"listen "a""b""#)
    }

    @Test func `statements are joined`() {
        let conditions: [Statement] = ["a = \(1)", "b = \(2)"]
        #expect(conditions.joined(separator: " or ").sql == "a = $1 or b = $2")
        #expect([Statement]().joined(separator: " or ").sql == "")
    }

    @Test func `a parameter is shown by no description`() {
        let statement: Statement = "select \("canary")"
        #expect(!"\(statement)".contains("canary"))
        #expect(!String(reflecting: statement).contains("canary"))
        var dumped = ""
        dump(statement, to: &dumped)
        #expect(!dumped.contains("canary"))
    }

    @Test(.emptyDatabase) func `parameters keep their places on the way`() async throws {
        let connection = try await TestDatabase.current.connect()
        let inner: Statement = "select \("b") as b, \(2) as n"
        let row = try await connection.session { db throws(PostgresError) in
            try db.first("select \("a"), b, n, \(true) from (\(inner)) x", as: (String, String, Int, Bool).self)
        }
        #expect(row?.0 == "a" && row?.1 == "b" && row?.2 == 2 && row?.3 == true)
    }
}
