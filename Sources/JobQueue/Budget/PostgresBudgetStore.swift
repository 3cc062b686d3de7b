package import Postgres

/// The shared budgets and the breaker in PostgreSQL; the rules live in `migrations/0010_pace.sql`.
package struct PostgresBudgetStore: BudgetStore {
    private let pool: PostgresPool

    package init(pool: PostgresPool) {
        self.pool = pool
    }

    package func declare(_ budget: Budget) async throws {
        try await pool.session { db throws(PostgresError) in
            _ = try db.execute(
                """
                select usher.declare_budget(\(budget.name), \(budget.quota)::integer, \(budget.window.milliseconds),
                    \(budget.burst), \(budget.lag.milliseconds), \(budget.reserve)::integer)
                """
            )
        }
    }

    package func declare(_ breaker: BreakerTimes) async throws {
        try await pool.session { db throws(PostgresError) in
            _ = try db.execute(
                """
                select usher.declare_breaker(\(max(1, breaker.window.milliseconds)),
                    \(max(1, breaker.pause.milliseconds)), \(max(1, breaker.ramp.milliseconds)))
                """
            )
        }
    }

    package func take(
        _ name: String,
        units: Int,
        interactive: Bool,
        telling answers: GoodAnswers?
    ) async throws -> BudgetGrant {
        let take: Statement = """
            select granted, wait_ms, on_trial from usher.take_budget(\(name), \(units)::integer, \(interactive))
            """
        return try await pool.session { db throws(PostgresError) in
            // One transaction and one round trip.
            let results = try db.pipeline((answers.map { [report($0)] } ?? []) + [take])
            guard let (granted, wait_ms, isTrial) = try results.last?.rows(as: (Int, Int64, Bool).self).first else {
                return BudgetGrant(units: 0, wait: .seconds(1))
            }
            return BudgetGrant(units: granted, wait: .milliseconds(wait_ms), isTrial: isTrial)
        }
    }

    package func block(_ name: String, for duration: Duration, reason: String) async throws {
        try await pool.session { db throws(PostgresError) in
            _ = try db.execute("select usher.block_budget(\(name), \(duration.milliseconds), \(reason))")
        }
    }

    package func tell(_ answers: GoodAnswers) async throws {
        try await pool.session { db throws(PostgresError) in _ = try db.execute(report(answers)) }
    }

    package func tell(_ sign: OutageSign) async throws -> BreakerVerdict {
        try await pool.session { db throws(PostgresError) in
            let (state, opened) = try db.one(
                """
                select state, opened from usher.report_sign(\(sign.kind.rawValue), \(sign.isTrial), \(sign.job?.jobID),
                    \(sign.job?.subjectID), \(sign.job?.lane), \(sign.spendsAttempt), \(sign.reason))
                """,
                as: (String, Bool).self
            )
            return BreakerVerdict(state: BreakerState(rawValue: state) ?? .closed, hasOpened: opened)
        }
    }

    package func record(_ error: ProviderErrorNote) async throws {
        try await pool.session { db throws(PostgresError) in
            _ = try db.execute(
                """
                select usher.record_provider_error(\(error.errorClass), \(error.call), \(error.tenant),
                                                   \(error.message))
                """
            )
        }
    }

    private func report(_ answers: GoodAnswers) -> Statement {
        """
        select usher.report_answers(\(answers.count)::integer, \(answers.isTrial), \(answers.pace?.remaining)::integer,
            \(answers.pace?.quota)::integer, \(answers.pace?.window.milliseconds))
        """
    }
}

extension Duration {
    /// Whole milliseconds, rounded down.
    fileprivate var milliseconds: Int64 { Int64(self / .milliseconds(1)) }
}
