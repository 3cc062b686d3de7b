/// What a worker knows and what it should do next; the effects are in `Worker`.
///
/// ```mermaid
/// stateDiagram-v2
///     working --> draining: shut down
///     draining --> left: nothing runs and everything is settled
/// ```
/// Invariant: an attempt is in `running` from its claim until its settlement was answered or forfeited by the store, so
/// settlements that wait fill slots, and no more is claimed than there are slots.
package struct WorkerState {
    /// What happened.
    package enum Event {
        case poll
        case finished(Settlement)
        case exchanged(Order, [ClaimedJob])
        case exchangeFailed(Order, [Settlement])
        case shutDown
    }

    /// One round trip: settle and claim; either may be empty.
    package struct Order: Sendable {
        package var settling: [Settlement] = []
        package var claiming = 0
        /// Claimed beside, of those for which a person waits.
        package var reserved = 0
        /// After an exchange that failed: the attempts this worker knows it holds; it may hold others.
        package var known: Set<Int64>?
    }

    /// What to do.
    package enum Action {
        /// Send this; up to two may be under way.
        case exchange(Order)
        /// Nothing to do until the next event.
        case wait
        /// Everything is settled: leave.
        case leave
    }

    /// More settlements or jobs than this go in several round trips, which bounds the size of one.
    package static let maximumBatch = 500
    /// So many round trips at once: one is settled and claimed while the database works on the other.
    package static let maximumUnderWay = 2

    private let slots: Int
    /// Kept free for those for which a person waits.
    private let reserve: Int
    /// A second round trip is worth it from so many settlements on.
    private let worthwhile: Int
    private(set) var running: Set<Int64> = []
    private var finished: [Settlement] = []
    private var underWay = 0
    /// Slots that claims under way may fill.
    private var promised = 0
    private var isDraining = false
    /// Whether the queue is worth asking: set by the poll, a freed slot and a full claim, cleared by asking.
    private var wantsWork = true
    /// Set by a failed exchange: the store is not asked again before the next poll.
    private var isHoldingOff = false
    private var hasFailed = false
    /// Settlements that were there at the last failure: sent one by one, so that one the store cannot take holds up
    /// nobody but itself.
    private var suspects = 0

    /// A worker that runs up to so many jobs at once, some of them kept for people, and has not asked for any yet.
    package init(slots: Int, reserve: Int = 0) {
        self.slots = slots
        self.reserve = reserve
        worthwhile = min(Self.maximumBatch, max(1, slots / 4))
    }

    /// Takes in what happened; `next` then says what to do about all of it.
    package mutating func note(_ event: Event) {
        switch event {
        case .poll:
            wantsWork = true
            isHoldingOff = false
        case .finished(let settlement):
            finished.append(settlement)
            wantsWork = true
        case .exchanged(let order, let claimed):
            close(order)
            for settlement in order.settling { running.remove(settlement.attemptID) }
            for job in claimed { running.insert(job.attemptID) }
            if claimed.count >= order.claiming && order.claiming > 0 { wantsWork = true }
            // Another exchange that was under way meanwhile says nothing of what the failed one may have claimed.
            if order.known != nil { hasFailed = false }
        case .exchangeFailed(let order, let settlements):
            close(order)
            // Whether it was applied is unknown; a settlement sent twice is recognised by the store.
            finished.append(contentsOf: settlements)
            suspects = finished.count
            hasFailed = true
            isHoldingOff = true
        case .shutDown:
            isDraining = true
        }
    }

    /// What to do next; to be asked again until it is not an exchange.
    package mutating func next() -> Action {
        if isHoldingOff { return .wait }
        guard isWorthAsking else {
            return isDraining && running.isEmpty && underWay == 0 ? .leave : .wait
        }
        var order = Order()
        order.settling = Array(finished.prefix(suspects > 0 ? 1 : Self.maximumBatch))
        finished.removeFirst(order.settling.count)
        suspects = max(0, suspects - order.settling.count)
        if hasFailed { order.known = running }
        if !isDraining && wantsWork {
            // What is settled frees its slot in the same transaction.
            let free = slots - running.count - promised + order.settling.count
            order.reserved = min(reserve, max(0, free))
            order.claiming = min(max(0, free - reserve), Self.maximumBatch)
        }
        if order.settling.isEmpty && order.claiming + order.reserved == 0 {
            return isDraining && running.isEmpty && underWay == 0 ? .leave : .wait
        }
        // What is finished and not yet settled frees slots with the next exchange.
        wantsWork = !finished.isEmpty
        underWay += 1
        promised += order.claiming + order.reserved - order.settling.count
        return .exchange(order)
    }

    /// While one exchange is under way, small ones wait for it; after a failure, all do.
    private var isWorthAsking: Bool {
        switch underWay {
        case 0: !finished.isEmpty || (wantsWork && !isDraining)
        case 1..<Self.maximumUnderWay: !hasFailed && finished.count >= worthwhile
        default: false
        }
    }

    private mutating func close(_ order: Order) {
        underWay -= 1
        promised -= order.claiming + order.reserved - order.settling.count
    }
}
