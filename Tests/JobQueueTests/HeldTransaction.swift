import Postgres
import TestSupport
import Testing

/// A transaction of somebody else's that stays open while a test goes on.
enum HeldTransaction {
    /// Runs a script in a transaction, then the body while that is open, then commits it.
    static func during(_ script: String, _ body: () async throws -> Void) async throws {
        let gate = try await TestDatabase.current.connect()
        let holder = try await TestDatabase.current.connect()
        // Held by the connection, not by a transaction.
        try await gate.session { db throws(PostgresError) in try db.executeScript("select pg_advisory_lock(4711)") }
        async let held: Void = holder.transaction { db throws(PostgresError) in
            try db.executeScript("\(script); select pg_advisory_xact_lock(4711)")
        }
        let isHeld = try await eventually {
            try await gate.session { db throws(PostgresError) in
                try db.one(
                    "select exists (select from pg_locks where objid = 4711 and not granted)",
                    as: Bool.self
                )
            }
        }
        #expect(isHeld)
        try await body()
        try await gate.session { db throws(PostgresError) in try db.executeScript("select pg_advisory_unlock(4711)") }
        try await held
        await gate.close()
        await holder.close()
    }
}
