package import Postgres

/// The way of every order to the database: in one transaction with the name of who gives it, which the audit keeps.
package struct Orders: Sendable {
    let pool: PostgresPool
    private let actor: String?

    /// - Parameter actor: Who answers for the orders; `nil` leaves it at the role that is logged in.
    package init(pool: PostgresPool, actor: String?) {
        self.pool = pool
        self.actor = actor.map { String($0.prefix(200)) }
    }

    /// Runs an order and reads its answer.
    package func give<Value: Sendable>(
        _ order: @Sendable (borrowing Session) throws(PostgresError) -> Value
    ) async throws(PostgresError) -> Value {
        try await pool.transaction { [actor] db throws(PostgresError) in
            // For this transaction only: the connection may be another's in the next.
            _ = try db.one("select set_config('usher.actor', \(actor ?? ""), true)", as: String.self)
            return try order(db)
        }
    }
}
