import TestSupport
import Testing

/// The checker finds what it is there to find: a sound history, and one broken in each way it knows.
struct HistoryCheckTests {
    /// Two jobs of one lane: the first took two attempts, the other's wish grew while it was finished the first time.
    private static func sound() -> History {
        var history = History()
        history.committed = [1, 2]
        history.jobs = [.init(id: 1, lane: "acme", batch: 7), .init(id: 2, lane: "acme", batch: 7)]
        history.attempts = [
            .init(id: 11, job: 1, worker: 1, startedAt: 100, endedAt: 200, outcome: "worker_lost"),
            .init(id: 12, job: 1, worker: 2, startedAt: 300, endedAt: 400, outcome: "done"),
            .init(id: 13, job: 2, worker: 2, startedAt: 150, endedAt: 250, outcome: "done"),
            .init(id: 14, job: 2, worker: 2, startedAt: 250, endedAt: 350, outcome: "done"),
        ]
        history.ends = [
            .init(job: 1, state: "done", outcome: "enforced", at: 401),
            .init(job: 2, state: "done", outcome: "enforced", at: 351),
        ]
        history.stale = [.init(attempt: 11, worker: 1)]
        history.growths = [.init(job: 2, at: 180)]
        history.batches = [.init(id: 7, total: 2, states: ["done": 2])]
        history.limits = ["acme": 2]
        return history
    }

    private func broken(_ change: (inout History) -> Void) -> [HistoryViolation] {
        var history = Self.sound()
        change(&history)
        return HistoryCheck(history).violations()
    }

    @Test func `a sound history has nothing against it`() {
        #expect(broken { _ in } == [])
    }

    @Test func `a job that was promised and is not there`() {
        #expect(broken { $0.committed.insert(3) } == [.lost(job: 3)])
    }

    @Test func `a job that has not ended, in some place or in none`() {
        let ready = broken { history in
            history.ends.removeLast()
            history.unfinished = [2]
            history.batches = []
        }
        #expect(ready == [.unfinished(job: 2)])
        let nowhere = broken { history in
            history.ends.removeLast()
            history.batches = []
        }
        #expect(nowhere == [.endedTimes(job: 2, 0)])
        #expect(broken { $0.unfinished = [1] } == [.unfinished(job: 1)], "at its end and elsewhere too")
    }

    @Test func `a job that ended twice`() {
        #expect(broken { $0.ends.append($0.ends[0]) } == [.endedTimes(job: 1, 2)])
    }

    @Test func `an attempt that was recorded twice`() {
        let found = broken { $0.attempts.append($0.attempts[0]) }
        #expect(found.contains(.attemptRecordedTimes(attempt: 11, 2)))
    }

    @Test func `two attempts of a job at once`() {
        let found = broken { history in
            history.attempts[1].startedAt = 199
            history.limits = [:]
        }
        #expect(found == [.overlap(job: 1, first: 11, second: 12)])
    }

    @Test func `an attempt after the end`() {
        let found = broken { history in
            history.attempts.append(.init(id: 15, job: 1, worker: 3, startedAt: 500, endedAt: 600, outcome: "done"))
            history.growths.append(.init(job: 1, at: 350))
        }
        #expect(found == [.attemptAfterEnd(job: 1, attempt: 15)])
    }

    @Test(arguments: [("done", "enforced"), ("failed", "rejected"), ("failed", "poison"), ("melted", "melted")])
    func `an end that its last attempt did not bring about`(_ state: String, _ outcome: String) {
        let found = broken { history in
            history.attempts[1].outcome = "retry"
            history.ends[0] = .init(job: 1, state: state, outcome: outcome, at: 401)
            history.batches = []
        }
        #expect(found == [.endWithoutCause(job: 1, state: state)])
    }

    @Test func `a poisoned job was ended by the loss of its worker`() {
        let found = broken { history in
            history.attempts[1].outcome = "worker_lost"
            history.ends[0] = .init(job: 1, state: "failed", outcome: "poison", at: 401)
            history.batches[0].states = ["done": 1, "failed": 1]
        }
        #expect(found == [])
    }

    @Test func `a job that was finished twice, right only if its wish grew while it ran the first time`() {
        #expect(broken { $0.growths = [] } == [.finishedInVain(job: 2, attempt: 13)])
        #expect(broken { $0.growths[0].at = 251 } == [.finishedInVain(job: 2, attempt: 13)], "grew too late for it")
        #expect(broken { $0.growths[0].job = 1 } == [.finishedInVain(job: 2, attempt: 13)], "another job's wish")
    }

    @Test func `a stale settlement that was applied, or whose attempt nobody knows`() {
        #expect(broken { $0.stale[0].attempt = 12 } == [.staleApplied(attempt: 12)])
        #expect(broken { $0.stale[0].attempt = 99 } == [.staleApplied(attempt: 99)])
    }

    @Test func `a limit that was exceeded for a moment`() {
        let found = broken { $0.limits["acme"] = 1 }
        #expect(found.first == .limitExceeded(lane: "acme", at: 150, running: 2, limit: 1))
        #expect(broken { $0.limits = ["other": 1] } == [])
        let touching = broken { history in
            history.limits["acme"] = 1
            history.attempts[0].endedAt = 150
            history.attempts[1].startedAt = 350
        }
        #expect(touching == [], "one that ends as the next begins makes room for it")
    }

    @Test func `a batch whose numbers are wrong`() {
        #expect(broken { $0.batches[0].total = 3 } == [.batchMiscounted(batch: 7)])
        #expect(broken { $0.batches[0].states = ["done": 1, "ready": 1] } == [.batchMiscounted(batch: 7)])
    }

    @Test func `a job that was cancelled without an order`() {
        let cancel: (inout History) -> Void = { history in
            history.ends[0].state = "cancelled"
            history.batches[0].states = ["done": 1, "cancelled": 1]
        }
        #expect(broken(cancel).contains(.cancelledUnasked(job: 1)))
        let ordered = broken { history in
            cancel(&history)
            history.attempts[1].outcome = "cancelled"
            history.cancelOrders = [1]
        }
        #expect(ordered == [])
    }
}
