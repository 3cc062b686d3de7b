import JobQueue
import Testing

struct WorkerStateTests {
    private func job(_ attempt: Int64) -> ClaimedJob {
        ClaimedJob(jobID: attempt, attemptID: attempt, kind: "onboard", lane: "acme")
    }

    private func order(_ action: WorkerState.Action) throws -> WorkerState.Order {
        guard case .exchange(let order) = action else {
            Issue.record("no exchange but \(action)")
            throw CancellationError()
        }
        return order
    }

    private func waits(_ action: WorkerState.Action) -> Bool {
        if case .wait = action { true } else { false }
    }

    private func leaves(_ action: WorkerState.Action) -> Bool {
        if case .leave = action { true } else { false }
    }

    private func done(_ attempts: ClosedRange<Int64>) -> [WorkerState.Event] {
        attempts.map { .finished(Settlement(of: job($0), outcome: .done(result: "enforced"))) }
    }

    /// A worker with these attempts running and nothing under way.
    private func working(slots: Int, reserve: Int = 0, on attempts: [Int64]) throws -> WorkerState {
        var state = WorkerState(slots: slots, reserve: reserve)
        state.note(.poll)
        let first = try order(state.next())
        state.note(.exchanged(first, attempts.map(job)))
        return state
    }

    @Test func `a fresh worker claims for all its slots and then for the free ones only`() throws {
        var state = WorkerState(slots: 3)
        state.note(.poll)
        let first = try order(state.next())
        #expect(first.claiming == 3)
        #expect(waits(state.next()), "what is promised to one claim is not asked for by another")
        state.note(.exchanged(first, [job(1), job(2)]))
        #expect(waits(state.next()))
        state.note(.poll)
        #expect(try order(state.next()).claiming == 1)
    }

    @Test func `the last free slots are kept for those for which a person waits`() throws {
        var state = WorkerState(slots: 8, reserve: 2)
        state.note(.poll)
        let first = try order(state.next())
        #expect(first.claiming == 6)
        #expect(first.reserved == 2)
        state.note(.exchanged(first, (1...7).map(job)))
        state.note(.poll)
        let second = try order(state.next())
        #expect(second.claiming == 0)
        #expect(second.reserved == 1)
    }

    @Test func `a finished attempt is settled and its slot filled in one exchange`() throws {
        var state = try working(slots: 1, on: [7])
        for event in done(7...7) { state.note(event) }
        let next = try order(state.next())
        #expect(next.settling.map(\.attemptID) == [7])
        #expect(next.claiming == 1)
    }

    @Test func `a full worker does not ask`() throws {
        var state = try working(slots: 1, on: [1])
        state.note(.poll)
        #expect(waits(state.next()))
    }

    @Test func `a second exchange goes out beside the first only when it is worth it, a third never`() throws {
        var state = try working(slots: 8, on: Array(1...8))
        for event in done(1...1) { state.note(event) }
        _ = try order(state.next())
        for event in done(2...2) { state.note(event) }
        #expect(waits(state.next()))
        for event in done(3...3) { state.note(event) }
        #expect(try order(state.next()).settling.map(\.attemptID) == [2, 3])
        for event in done(4...8) { state.note(event) }
        #expect(waits(state.next()))
    }

    @Test func `settlements that wait fill slots: no more is claimed than there are slots`() throws {
        var state = try working(slots: 1000, on: Array(1...1000))
        for event in done(1...1000) { state.note(event) }
        let first = try order(state.next())
        let second = try order(state.next())
        #expect(first.settling.count == WorkerState.maximumBatch)
        #expect(second.settling.count == WorkerState.maximumBatch)
        #expect(first.claiming + second.claiming == 1000)
        #expect(waits(state.next()))
    }

    @Test func `a settlement whose exchange failed is kept and sent again at the next poll`() throws {
        var state = try working(slots: 2, on: [1])
        for event in done(1...1) { state.note(event) }
        let failed = try order(state.next())
        state.note(.exchangeFailed(failed, failed.settling))
        #expect(waits(state.next()))
        state.note(.poll)
        let again = try order(state.next())
        #expect(again.settling.map(\.attemptID) == [1])
        #expect(again.claiming == 2)
    }

    @Test func `after a failed exchange the worker tells what it knows to hold, alone and until it is heard`() throws {
        var state = try working(slots: 8, on: Array(1...6))
        for event in done(1...2) { state.note(event) }
        let first = try order(state.next())
        for event in done(3...4) { state.note(event) }
        let second = try order(state.next())
        state.note(.exchangeFailed(first, first.settling))
        state.note(.poll)
        #expect(waits(state.next()), "what the other is claiming is not known yet")
        state.note(.exchanged(second, [job(9)]))
        let third = try order(state.next())
        #expect(third.known == [1, 2, 5, 6, 9])
        #expect(waits(state.next()))
        state.note(.exchanged(third, []))
        state.note(.poll)
        #expect(try order(state.next()).known == nil)
    }

    @Test func `what was there at a failure goes one by one, what comes later all together`() throws {
        var state = try working(slots: 8, on: [1, 2, 3, 4, 5, 6])
        for event in done(1...2) { state.note(event) }
        let failed = try order(state.next())
        state.note(.exchangeFailed(failed, failed.settling))
        state.note(.poll)
        var sizes: [Int] = []
        for event in done(3...6) { state.note(event) }
        for _ in 0..<3 {
            let next = try order(state.next())
            sizes.append(next.settling.count)
            state.note(.exchanged(next, []))
        }
        #expect(sizes == [1, 1, 4])
    }

    @Test func `a draining worker claims nothing, settles what runs, and only then leaves`() throws {
        var state = try working(slots: 2, on: [1])
        state.note(.shutDown)
        #expect(waits(state.next()))
        state.note(.finished(Settlement(of: job(1), outcome: .released)))
        let last = try order(state.next())
        #expect(last.claiming == 0)
        #expect(waits(state.next()))
        state.note(.exchanged(last, []))
        #expect(leaves(state.next()))
    }

    @Test func `an idle worker that is told to stop leaves at once`() throws {
        var state = try working(slots: 2, on: [])
        state.note(.shutDown)
        #expect(leaves(state.next()))
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
