import JobQueue
import Postgres
import TestSupport

/// The shared budgets and breaker in the test's own database, with the provider's real numbers.
struct PaceFixture {
    let queue = QueueFixture()
    var budgets: PostgresBudgetStore { PostgresBudgetStore(pool: queue.pool) }

    private static let calls = Budget(
        name: "calls",
        quota: 1200,
        window: .seconds(300),
        burst: 8,
        lag: .seconds(1),
        reserve: 4
    )

    func fill(jobs: Int) async throws { try await queue.fill("acme", jobs: jobs) }

    func claim(_ count: Int = 3) async throws -> Int {
        let worker = try await queue.register()
        return try await queue.claim(worker, count).count
    }

    func take(_ units: Int = 1, interactive: Bool = false) async throws -> BudgetGrant {
        try await budgets.declare(Self.calls)
        return try await budgets.take("calls", units: units, interactive: interactive, telling: nil)
    }

    func sign(
        _ kind: OutageSign.Kind,
        subject: Int,
        tenant: String,
        isTrial: Bool = false,
        job: Int64? = nil
    ) async throws -> BreakerVerdict {
        let job = ClaimedJob(jobID: job ?? 0, attemptID: 1, kind: "test", lane: tenant, subjectID: Int64(subject))
        return try await budgets.tell(
            OutageSign(kind: kind, isTrial: isTrial, job: job, spendsAttempt: true, reason: "HTTP 503")
        )
    }

    func open() async throws {
        for number in 0..<5 { _ = try await sign(.down, subject: number, tenant: "acme") }
    }

    func halfOpen() async throws {
        try await open()
        try await letPauseEnd()
        _ = try await take()
    }

    func letPauseEnd() async throws {
        try await change("update usher.breaker set until_at = now() - interval '1 millisecond'")
    }

    func state() async throws -> BreakerState { try await ProviderStatus.read(from: queue.pool).breaker.state }

    @discardableResult
    func order(_ action: String, reason: String = "a window") async throws -> BreakerState {
        try await ProviderStatus.setBreaker(action, author: "ada", reason: reason, in: queue.pool)
    }

    func change(_ statement: Statement) async throws {
        _ = try await queue.pool.session { db throws(PostgresError) in try db.execute(statement) }
    }

    func count(_ statement: Statement) async throws -> Int { try await queue.count(statement) }
}
