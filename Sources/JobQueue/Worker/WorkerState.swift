/// What a worker knows and what it should do next; the effects are in `Worker`.
///
/// ```mermaid
/// stateDiagram-v2
///     working --> draining: shut down
///     draining --> left: nothing runs and everything is settled
/// ```
/// Invariant: an attempt is in `running` from its claim until its settlement was answered or forfeited by the store.
package struct WorkerState {
    /// What happened.
    package enum Event {
        case poll
        case finished(Settlement)
        case exchanged([ClaimedJob])
        case exchangeFailed([Settlement])
        case shutDown
    }

    /// What to do.
    package enum Action {
        /// Settle and claim in one round trip; either may be empty.
        ///
        /// After an exchange that failed, `known` tells the attempts this worker knows it holds: it may hold others.
        case exchange(settling: [Settlement], claiming: Int, known: Set<Int64>?)
        /// Nothing to do until the next event.
        case wait
        /// Everything is settled: leave.
        case leave
    }

    /// More settlements than this go in several round trips, which bounds the size of one.
    package static let maximumBatch = 500

    private let slots: Int
    private(set) var running: Set<Int64> = []
    private var finished: [Settlement] = []
    private var isDraining = false
    /// Whether the queue is worth asking: set by the poll and by a freed slot, cleared by asking.
    private var wantsWork = true
    /// Set by a failed exchange: the store is not asked again before the next poll.
    private var isHoldingOff = false
    private var hasFailed = false
    /// One after a failure: a settlement the store cannot take holds up nobody but itself.
    private var batch = Self.maximumBatch

    /// A worker that runs up to so many jobs at once and has not asked for any yet.
    package init(slots: Int) {
        self.slots = slots
    }

    /// Takes in what happened and answers what to do next.
    package mutating func handle(_ event: Event) -> Action {
        switch event {
        case .poll:
            wantsWork = true
            isHoldingOff = false
        case .finished(let settlement):
            finished.append(settlement)
            wantsWork = true
        case .exchanged(let claimed):
            running.formUnion(claimed.map(\.attemptID))
            hasFailed = false
            if finished.isEmpty { batch = Self.maximumBatch }
        case .exchangeFailed(let settlements):
            // Whether it was applied is unknown; a settlement sent twice is recognised by the store.
            finished.append(contentsOf: settlements)
            batch = 1
            hasFailed = true
            running.formUnion(settlements.map(\.attemptID))
            isHoldingOff = true
        case .shutDown:
            isDraining = true
        }
        return next()
    }

    private mutating func next() -> Action {
        if isHoldingOff { return .wait }
        let known = running
        let settling = Array(finished.prefix(batch))
        finished.removeFirst(settling.count)
        running.subtract(settling.map(\.attemptID))
        let claiming = isDraining || !wantsWork ? 0 : slots - running.count
        if settling.isEmpty && claiming < 1 {
            return isDraining && running.isEmpty ? .leave : .wait
        }
        wantsWork = false
        return .exchange(settling: settling, claiming: max(claiming, 0), known: hasFailed ? known : nil)
    }
}
