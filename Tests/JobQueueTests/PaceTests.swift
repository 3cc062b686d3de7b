import JobQueue
import Postgres
import TestSupport
import Testing

/// What the shared budget makes of the provider's words.
@Suite(.database)
struct PaceTests {
    private let pace = PaceFixture()

    private func tell(remaining: Int, quota: Int = 1200, window: Duration = .seconds(300)) async throws {
        try await pace.budgets.tell(
            GoodAnswers(count: 1, pace: .init(remaining: remaining, quota: quota, window: window))
        )
    }

    private func budget() async throws -> ProviderStatus.Budget {
        try #require(try await ProviderStatus.read(from: pace.queue.pool).budgets.first { $0.name == "calls" })
    }

    /// One whose units come so slowly that a test sees none come.
    private func slowBudget(quota: Int) async throws {
        try await pace.budgets.declare(
            Budget(name: "calls", quota: quota, window: .seconds(30_000), burst: 8, reserve: 4)
        )
    }

    @Test func `what others have spent is charged as our own, once`() async throws {
        #expect(try await pace.take(8).units == 8)
        try await tell(remaining: 1200 - 8 - 40)
        #expect(try await budget().usedByOthers == 40)
        try await tell(remaining: 1200 - 8 - 40)
        #expect(try await budget().usedByOthers == 40)
        let wait = try await pace.take().wait
        #expect(wait > .seconds(3) && wait < .seconds(11), "40 calls at 4 a second")
    }

    @Test func `what we have taken ourselves is no other's, used or not`() async throws {
        _ = try await pace.take(8)
        try await tell(remaining: 1200 - 5)
        #expect(try await budget().usedByOthers == 0)
    }

    @Test func `never more at once than the provider says are left`() async throws {
        try await slowBudget(quota: 1200)
        let take = { try await pace.budgets.take("calls", units: 8, interactive: false, telling: nil).units }
        #expect(try await take() == 8)
        _ = try await pace.change("update usher.budget_use set units = 1195")
        _ = try await pace.change("update usher.budget set arrival_at = now()")
        try await tell(remaining: 5, window: .seconds(30_000))
        #expect(try await take() == 1, "five, less four that may be on their way")
    }

    @Test func `the provider's numbers take the place of ours, and stay when a worker starts`() async throws {
        _ = try await pace.take()
        try await tell(remaining: 2390, quota: 2400)
        _ = try await pace.take()
        #expect(try await budget().quota == 2400)
        try await tell(remaining: 590, quota: 600, window: .seconds(60))
        #expect(try await budget().quota == 600)
        #expect(try await budget().windowMilliseconds == 60_000)
        #expect(try await budget().adoptedAt != nil)
    }

    @Test func `a header's rounding is no other window`() async throws {
        try await pace.budgets.declare(Budget(name: "calls", quota: 1200, window: .milliseconds(49_500), burst: 8))
        try await tell(remaining: 1200, quota: 1200, window: .seconds(50))
        #expect(try await budget().windowMilliseconds == 49_500)
        #expect(try await budget().adoptedAt == nil)
    }

    @Test func `background work leaves the reserve, and people may not take more than it`() async throws {
        try await slowBudget(quota: 12)
        let take = { (units: Int, interactive: Bool) in
            try await pace.budgets.take("calls", units: units, interactive: interactive, telling: nil).units
        }
        #expect(try await take(20, false) == 8)
        #expect(try await take(20, false) == 0)
        #expect(try await take(3, true) == 3)
        #expect(try await take(3, true) == 1)
        #expect(try await take(1, true) == 0)
        #expect(try await budget().reserveLeft == 0)
    }

    @Test func `after a stop one call goes first, and the others wait for its answer`() async throws {
        try await pace.fill(jobs: 3)
        _ = try await pace.take()
        try await pace.budgets.block("calls", for: .seconds(60), reason: "429")
        #expect(try await pace.claim() == 0)
        _ = try await pace.change("update usher.budget set blocked_until = now() - interval '1 second'")
        #expect(try await pace.claim() == 1)
        let first = try await pace.take(5)
        #expect(first.units == 1 && first.isTrial)
        #expect(try await pace.take(5).units == 0)
        #expect(try await pace.claim() == 0)
        try await pace.budgets.tell(GoodAnswers(count: 1, isTrial: true))
        #expect(try await pace.take(5).units == 5)
        #expect(try await pace.claim() == 2)
    }

    @Test func `a queue whose budget is spent claims nothing`() async throws {
        try await pace.fill(jobs: 3)
        _ = try await pace.take()
        try await tell(remaining: 200)
        #expect(try await pace.claim() == 0)
    }

    @Test func `a process takes for all who wait, and what grows old is lost`() async throws {
        try await pace.budgets.declare(Budget(name: "calls", quota: 1000, window: .seconds(1000), burst: 4))
        let lease = BudgetLease("calls", store: pace.budgets, maximumAge: .seconds(60))
        try await withThrowingTaskGroup { tasks in
            for _ in 0..<4 { tasks.addTask { _ = try await lease.take(patience: .seconds(10)) } }
            try await tasks.waitForAll()
        }
        #expect(try await budget().used == 4)
        let stale = BudgetLease("calls", store: pace.budgets, maximumAge: .nanoseconds(1))
        await #expect(throws: BudgetRefusal.self) { _ = try await stale.take(patience: .milliseconds(1)) }
    }
}
