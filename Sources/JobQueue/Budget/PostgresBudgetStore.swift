package import Postgres

/// The shared budgets in PostgreSQL: the generic cell rate algorithm of `migrations/0003_budgets.sql`.
package struct PostgresBudgetStore: BudgetStore {
    private let pool: PostgresPool

    package init(pool: PostgresPool) {
        self.pool = pool
    }

    package func declare(_ budget: Budget) async throws {
        let window_ms = Int64(budget.window / .milliseconds(1))
        try await pool.session { db throws(PostgresError) in
            _ = try db.execute(
                """
                select usher.declare_budget(\(budget.name), \(budget.quota)::integer, \(window_ms),
                                            \(budget.burst)::integer)
                """
            )
        }
    }

    package func take(_ name: String) async throws -> BudgetAnswer {
        try await pool.session { db throws(PostgresError) in
            let (granted, wait_ms) = try db.one(
                "select granted, wait_ms from usher.take_budget(\(name), 1)",
                as: (Int, Int64).self
            )
            return granted == 1 ? .granted : .wait(.milliseconds(wait_ms))
        }
    }

    package func block(_ name: String, for duration: Duration, reason: String) async throws {
        let duration_ms = Int64(duration / .milliseconds(1))
        try await pool.session { db throws(PostgresError) in
            _ = try db.execute("select usher.block_budget(\(name), \(duration_ms), \(reason))")
        }
    }
}
