import JobQueue
import Postgres
import TestSupport
import Testing

@Suite(.database)
struct BudgetTests {
    @Test func `no window sees more than the quota, whoever asks`() async throws {
        let queue = QueueFixture()
        let budgets = PostgresBudgetStore(pool: queue.pool)
        try await budgets.declare(Budget(name: "calls", quota: 20, window: .milliseconds(400), burst: 5))
        let granted = try await withThrowingTaskGroup(of: [Grant].self) { tasks in
            for _ in 0..<4 { tasks.addTask { try await take(17, queue.pool) } }
            return try await tasks.reduce(into: []) { $0 += $1 }.sorted { $0.after < $1.after }
        }
        #expect(granted.count == 68, "more than three windows are seen")
        for index in granted.indices.dropLast(20) {
            let start = granted[index...index + 20].map(\.before).min() ?? 0
            #expect(granted[index + 20].after - start > 400_000, "21 within a window of 400 ms")
        }
    }

    /// The server's clock, in microseconds, around the moment a unit was granted in: a busy machine may keep the server
    /// from looking at it in that moment.
    private struct Grant {
        let before: Int64
        let after: Int64
    }

    private func take(_ count: Int, _ pool: PostgresPool) async throws -> [Grant] {
        var grants: [Grant] = []
        while grants.count < count {
            let (granted, before, after) = try await pool.session { db throws(PostgresError) in
                try db.one(
                    """
                    select granted, (extract(epoch from start.moment) * 1000000)::bigint,
                           (extract(epoch from clock_timestamp()) * 1000000)::bigint
                    from (select clock_timestamp() as moment offset 0) as start,
                         -- Depends on the moment, so that it is taken after it.
                         lateral usher.take_budget(case when start.moment is not null then 'calls' end, 1)
                    """,
                    as: (Int, Int64, Int64).self
                )
            }
            if granted == 1 { grants.append(Grant(before: before, after: after)) }
        }
        return grants
    }

    @Test func `a refusal says when to come back`() async throws {
        let queue = QueueFixture()
        let budgets = PostgresBudgetStore(pool: queue.pool)
        try await budgets.declare(Budget(name: "certificates", quota: 15, window: .seconds(3600), burst: 3))
        for _ in 0..<3 { #expect(try await budgets.take("certificates") == .granted) }
        guard case .wait(let pause) = try await budgets.take("certificates") else {
            Issue.record("a fourth was granted at once")
            return
        }
        #expect(pause > .seconds(240) && pause <= .seconds(301), "five minutes, less what the test itself has taken")
    }

    @Test func `a shorter stop does not end a longer one`() async throws {
        let queue = QueueFixture()
        let budgets = PostgresBudgetStore(pool: queue.pool)
        try await budgets.declare(Budget(name: "calls", quota: 10, window: .seconds(1), burst: 5))
        try await budgets.block("calls", for: .seconds(300), reason: "429")
        try await budgets.block("calls", for: .seconds(1), reason: "429")
        guard case .wait(let pause) = try await budgets.take("calls") else {
            Issue.record("granted while blocked")
            return
        }
        #expect(pause > .seconds(290))
    }
}
