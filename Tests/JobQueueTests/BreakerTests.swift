import JobQueue
import Postgres
import TestSupport
import Testing

/// The breaker's transitions, all of them: each state against each event.
@Suite(.database)
struct BreakerTests {
    private let pace = PaceFixture()

    // MARK: - Opening

    @Test func `signs of three hostnames open it, at the fifth, and one sign raises the alarm`() async throws {
        var verdicts: [BreakerVerdict] = []
        for number in 1...7 { verdicts.append(try await pace.sign(.down, subject: number % 3 + 1, tenant: "acme")) }
        #expect(verdicts.map(\.state) == [.closed, .closed, .closed, .closed, .open, .open, .open])
        #expect(verdicts.map(\.hasOpened) == [false, false, false, false, true, false, false])
        #expect(try await pace.count("select count(*) from usher.provider_event where event = 'opened'") == 1)
    }

    @Test(arguments: [OutageSign.Kind.down, .denied])
    func `a hostname that fails by itself does not open it, however often`(kind: OutageSign.Kind) async throws {
        for _ in 0..<20 { #expect(try await pace.sign(kind, subject: 1, tenant: "acme").state == .closed) }
    }

    @Test func `a 403 for one tenant's many hostnames does not open it, for three tenants it does`() async throws {
        for number in 0..<20 { #expect(try await pace.sign(.denied, subject: number, tenant: "acme").state == .closed) }
        #expect(try await pace.sign(.denied, subject: 30, tenant: "globex").state == .closed)
        #expect(try await pace.sign(.denied, subject: 40, tenant: "initech").state == .open)
    }

    @Test func `good answers outweigh signs, and signs grow old`() async throws {
        for number in 0..<4 { _ = try await pace.sign(.down, subject: number, tenant: "acme") }
        try await pace.budgets.tell(GoodAnswers(count: 3))
        #expect(try await pace.sign(.down, subject: 5, tenant: "acme").state == .closed)
        _ = try await pace.change("update usher.breaker set score = 4, signed_at = now() - interval '61 seconds'")
        #expect(try await pace.sign(.down, subject: 6, tenant: "acme").state == .closed)
        #expect(try await pace.count("select score from usher.breaker") == 1)
    }

    // MARK: - Open

    @Test func `while it is open nothing is claimed and nothing granted`() async throws {
        try await pace.fill(jobs: 3)
        try await pace.open()
        #expect(try await pace.claim() == 0)
        #expect(try await pace.take().units == 0)
        try await pace.budgets.tell(GoodAnswers(count: 9, isTrial: true))
        #expect(try await pace.state() == .open, "an answer to a call from before says nothing")
    }

    @Test func `when the pause is over one job is claimed and one call goes, and nobody else's`() async throws {
        try await pace.fill(jobs: 3)
        try await pace.open()
        try await pace.letPauseEnd()
        #expect(try await pace.claim() == 1)
        let probe = try await pace.take(5)
        #expect(probe.units == 1 && probe.isTrial)
        #expect(try await pace.state() == .halfOpen)
        #expect(try await pace.claim() == 0)
        #expect(try await pace.take().units == 0)
    }

    // MARK: - Half open

    @Test func `a probe that fails opens it for twice as long, up to eight times`() async throws {
        try await pace.open()
        for pause_s in [60, 120, 240, 240] {
            try await pace.letPauseEnd()
            #expect(try await pace.take().isTrial)
            #expect(try await pace.sign(.down, subject: 1, tenant: "acme", isTrial: true).state == .open)
            let left = try await pace.count(
                "select extract(epoch from until_at - clock_timestamp())::integer from usher.breaker"
            )
            #expect((pause_s - 5...pause_s).contains(left))
        }
        #expect(try await pace.count("select count(*) from usher.provider_event where event = 'opened'") == 1)
    }

    @Test func `a failure or an answer of a call that is not the probe changes nothing`() async throws {
        try await pace.halfOpen()
        #expect(try await pace.sign(.down, subject: 1, tenant: "acme").state == .halfOpen)
        try await pace.budgets.tell(GoodAnswers(count: 1))
        #expect(try await pace.state() == .halfOpen)
    }

    @Test func `a probe that nothing is heard of is followed by another`() async throws {
        try await pace.halfOpen()
        try await pace.letPauseEnd()
        #expect(try await pace.take().isTrial)
    }

    @Test func `a probe that is answered well closes it, at a tenth of the rate`() async throws {
        try await pace.halfOpen()
        try await pace.budgets.tell(GoodAnswers(count: 1, isTrial: true))
        #expect(try await pace.state() == .ramping)
        let share = try await pace.count("select (100 * usher.ramp_share(b, now()))::integer from usher.breaker b")
        #expect((10...30).contains(share))
        #expect(try await pace.take(8).units < 8, "a burst is for the whole rate")
    }

    // MARK: - Ramping

    @Test func `the rate grows, and in the end the breaker is closed`() async throws {
        try await pace.halfOpen()
        try await pace.budgets.tell(GoodAnswers(count: 1, isTrial: true))
        _ = try await pace.change("update usher.breaker set since = now() - interval '150 seconds'")
        let share = try await pace.count("select (100 * usher.ramp_share(b, now()))::integer from usher.breaker b")
        #expect((49...51).contains(share))
        _ = try await pace.change("update usher.breaker set since = now() - interval '301 seconds'")
        _ = try await pace.take()
        #expect(try await pace.state() == .closed)
    }

    @Test func `signs open it again`() async throws {
        try await pace.halfOpen()
        try await pace.budgets.tell(GoodAnswers(count: 1, isTrial: true))
        for number in 0..<5 { _ = try await pace.sign(.down, subject: number, tenant: "acme") }
        #expect(try await pace.state() == .open)
    }

    // MARK: - Operators

    @Test func `opened by hand it stays open until it is closed by hand, and both are kept`() async throws {
        #expect(try await pace.order("open") == .open)
        _ = try await pace.change("update usher.breaker set since = now() - interval '1 day'")
        #expect(try await pace.take().units == 0)
        #expect(try await pace.claim() == 0)
        #expect(try await pace.order("close") == .ramping)
        #expect(try await pace.take().units == 1)
        let kept = try await pace.count(
            "select count(*) from usher.provider_event where author = 'ada' and reason = 'a window'"
        )
        #expect(kept == 2)
        await #expect(throws: PostgresError.self) { try await pace.order("close", reason: "") }
        await #expect(throws: PostgresError.self) { try await pace.order("explode") }
    }

    @Test func `a person who looks is not held up by it, and a stop holds up everybody`() async throws {
        try await pace.open()
        #expect(try await pace.take(interactive: true).units == 1)
        try await pace.budgets.block("calls", for: .seconds(60), reason: "429")
        #expect(try await pace.take(interactive: true).units == 0)
    }

    // MARK: - Attempts

    @Test func `attempts that an outage has cost are given back when it is over`() async throws {
        try await pace.fill(jobs: 2)
        _ = try await pace.change(
            """
            with moved as (delete from usher.ready returning *)
            insert into usher.deferred (job_id, lane_id, priority, attempts, due_at, reason, actor)
            select job_id, lane_id, priority, 2, now(), 'retry', 'us' from moved
            """
        )
        let job = Int64(try await pace.count("select min(job_id) from usher.deferred"))
        for number in 0..<5 {
            _ = try await pace.sign(.down, subject: number, tenant: "acme", job: number == 0 ? job : nil)
        }
        try await pace.letPauseEnd()
        _ = try await pace.take()
        _ = try await pace.sign(.down, subject: 1, tenant: "acme", isTrial: true)
        try await pace.letPauseEnd()
        _ = try await pace.take()
        try await pace.budgets.tell(GoodAnswers(count: 1, isTrial: true))
        #expect(try await pace.count("select attempts from usher.deferred where job_id = \(job)") == 1)
        #expect(try await pace.count("select attempts from usher.deferred where job_id <> \(job)") == 2)
    }
}
