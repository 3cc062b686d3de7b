import Testing
import usher

struct RunningIntervalsTests {
    @Test func `a slot that came free is used at that very moment`() {
        let attempts: [RunningIntervals.Attempt] = [
            .init(tenant: 1, start: 0, end: 10), .init(tenant: 1, start: 0, end: 20),
            .init(tenant: 1, start: 10, end: 30), .init(tenant: 1, start: 20, end: 21),
        ]
        let running = RunningIntervals(attempts.reversed(), limit: 2)
        #expect(running.most == 2 && running.violations == 0)
    }

    @Test func `each attempt that began beyond the limit counts`() {
        let attempts: [RunningIntervals.Attempt] = [
            .init(tenant: 1, start: 0, end: 10), .init(tenant: 1, start: 1, end: 10),
            .init(tenant: 1, start: 2, end: 4), .init(tenant: 1, start: 9, end: 12),
            .init(tenant: 1, start: 10, end: 11),
        ]
        let running = RunningIntervals(attempts, limit: 2)
        #expect(running.most == 3 && running.violations == 2)
    }

    @Test func `tenants do not count against one another`() {
        let attempts = (0..<50).map { RunningIntervals.Attempt(tenant: $0, start: 0, end: 10) }
        #expect(RunningIntervals(attempts, limit: 1).violations == 0)
        #expect(RunningIntervals([], limit: 1).most == 0)
    }
}
