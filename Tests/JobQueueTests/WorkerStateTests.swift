import JobQueue
import Testing

struct WorkerStateTests {
    private func job(_ attempt: Int64) -> ClaimedJob {
        ClaimedJob(jobID: attempt, attemptID: attempt, kind: "onboard", lane: "acme")
    }

    private func exchange(_ action: WorkerState.Action) throws -> (settling: [Int64], claiming: Int) {
        guard case .exchange(let settling, let claiming, _) = action else {
            Issue.record("no exchange but \(action)")
            throw CancellationError()
        }
        return (settling.map(\.attemptID), claiming)
    }

    private func waits(_ action: WorkerState.Action) -> Bool {
        if case .wait = action { true } else { false }
    }

    @Test func `a fresh worker claims for all its slots and then for the free ones only`() throws {
        var state = WorkerState(slots: 3)
        #expect(try exchange(state.handle(.poll)) == ([], 3))
        #expect(waits(state.handle(.exchanged([job(1), job(2)]))))
        #expect(try exchange(state.handle(.poll)) == ([], 1))
    }

    @Test func `a finished attempt is settled and its slot filled in one exchange`() throws {
        var state = WorkerState(slots: 1)
        _ = state.handle(.poll)
        _ = state.handle(.exchanged([job(7)]))
        let action = state.handle(.finished(Settlement(of: job(7), outcome: .done(result: "enforced"))))
        #expect(try exchange(action) == ([7], 1))
    }

    @Test func `a full worker does not ask`() {
        var state = WorkerState(slots: 1)
        _ = state.handle(.poll)
        _ = state.handle(.exchanged([job(1)]))
        #expect(waits(state.handle(.poll)))
    }

    @Test func `a settlement whose exchange failed is kept and sent again at the next poll`() throws {
        var state = WorkerState(slots: 2)
        _ = state.handle(.poll)
        _ = state.handle(.exchanged([job(1)]))
        let settlement = Settlement(of: job(1), outcome: .done(result: "enforced"))
        _ = state.handle(.finished(settlement))
        #expect(waits(state.handle(.exchangeFailed([settlement]))))
        #expect(try exchange(state.handle(.poll)) == ([1], 2))
    }

    @Test func `after a failed exchange the worker tells what it knows to hold, once`() throws {
        var state = WorkerState(slots: 3)
        _ = state.handle(.poll)
        _ = state.handle(.exchanged([job(1)]))
        _ = state.handle(.poll)
        _ = state.handle(.exchangeFailed([]))
        guard case .exchange(_, _, let known) = state.handle(.poll) else {
            Issue.record("no exchange")
            return
        }
        #expect(known == [1])
        _ = state.handle(.exchanged([]))
        guard case .exchange(_, _, nil) = state.handle(.poll) else {
            Issue.record("told again")
            return
        }
    }

    @Test func `a draining worker claims nothing, settles what runs, and only then leaves`() throws {
        var state = WorkerState(slots: 2)
        _ = state.handle(.poll)
        _ = state.handle(.exchanged([job(1)]))
        #expect(waits(state.handle(.shutDown)))
        let action = state.handle(.finished(Settlement(of: job(1), outcome: .released)))
        #expect(try exchange(action) == ([1], 0))
        guard case .leave = state.handle(.exchanged([])) else {
            Issue.record("the worker did not leave")
            return
        }
    }

    @Test func `an idle worker that is told to stop leaves at once`() {
        var state = WorkerState(slots: 2)
        _ = state.handle(.poll)
        _ = state.handle(.exchanged([]))
        guard case .leave = state.handle(.shutDown) else {
            Issue.record("the worker did not leave")
            return
        }
    }
}

struct LeaseGuardTests {
    private let start = ContinuousClock.now

    @Test func `work is cancelled before the lease can end, counted from when the last answered heartbeat was sent`() {
        var lease = LeaseGuard(lease: .seconds(20), registeredAt: start)
        #expect(lease.answered(alive: true, sentAt: start + .seconds(10)) == .keepOn)
        #expect(lease.unanswered(now: start + .seconds(24)) == .keepOn)
        #expect(lease.unanswered(now: start + .seconds(25)) == .cancelWork)
    }

    @Test func `a worker that was given up registers anew`() {
        var lease = LeaseGuard(lease: .seconds(20), registeredAt: start)
        #expect(lease.answered(alive: false, sentAt: start + .seconds(1)) == .registerAnew)
    }
}
