/// One unit a process may spend now.
package struct BudgetUnit: Sendable {
    /// Everybody waits for what comes of it.
    package let isTrial: Bool
    /// Spent later than this it might fall into a window it was not counted for: it is lost instead.
    fileprivate let goodUntil: ContinuousClock.Instant
}

/// A budget could not be had in time; come back after this long.
package struct BudgetRefusal: Error {
    package var retryAfter: Duration

    package init(retryAfter: Duration) {
        self.retryAfter = retryAfter
    }
}

/// The units of one budget in one process: a round trip takes them for all who wait here, and one asks for all.
///
/// A unit's age counts from before the round trip that brought it, so it is never younger than it says.
package actor BudgetLease {
    /// Units of one round trip.
    private static let largest = 8

    private let name: String
    private let store: any BudgetStore
    private let maximumAge: Duration
    private let interactive: Bool
    private var units: [BudgetUnit] = []
    private var waiting = 0
    /// When the store thinks there is something to be had.
    private var expectedAt = ContinuousClock.now
    /// Not asked again before: that moment, but a stop may be lifted earlier.
    private var notBefore = ContinuousClock.now
    private static let longestSilence: Duration = .seconds(1)
    private var roundTrip: Task<Void, any Error>?
    private var untold: GoodAnswers?
    private var paceReadAt = ContinuousClock.now

    /// - Parameters:
    ///   - maximumAge: How old a unit may be when it is spent.
    ///   - interactive: Whether somebody sits and waits, who may take of the reserve.
    package init(_ name: String, store: any BudgetStore, maximumAge: Duration, interactive: Bool = false) {
        self.name = name
        self.store = store
        self.maximumAge = maximumAge
        self.interactive = interactive
    }

    /// One unit, to be spent at once.
    ///
    /// - Throws: ``BudgetRefusal`` if that would take longer than the patience; the store's errors; cancellation.
    package func take(patience: Duration) async throws -> BudgetUnit {
        let deadline = ContinuousClock.now + patience
        waiting += 1
        defer { waiting -= 1 }
        while true {
            let now = ContinuousClock.now
            units.removeAll { $0.goodUntil < now }
            if !units.isEmpty { return units.removeFirst() }
            if notBefore > now {
                guard expectedAt <= deadline else { throw BudgetRefusal(retryAfter: expectedAt - now) }
                try await Task.sleep(until: notBefore, clock: .continuous)
            } else {
                try Task.checkCancellation()
                try await ask()
            }
        }
    }

    /// Nothing held is spent: somebody was told to stop.
    package func drop() {
        units = []
    }

    /// Good answers travel with the next request.
    package func note(_ answers: GoodAnswers) {
        if answers.pace != nil { paceReadAt = .now }
        untold = GoodAnswers(
            count: (untold?.count ?? 0) + answers.count,
            isTrial: (untold?.isTrial ?? false) || answers.isTrial,
            pace: answers.pace ?? untold?.pace
        )
    }

    /// Those who wait share one round trip.
    private func ask() async throws {
        if let roundTrip { return try await roundTrip.value }
        var answers = untold
        untold = nil
        // An old reading, held against what was taken since, would blame others for it.
        if ContinuousClock.now - paceReadAt > maximumAge * 2 { answers?.pace = nil }
        let wanted = min(max(waiting, 1), Self.largest)
        let task = Task { try await fetch(wanted, telling: answers) }
        roundTrip = task
        try await task.value
    }

    private func fetch(_ wanted: Int, telling answers: GoodAnswers?) async throws {
        // Here, not by whoever began it: the others must not find a round trip that is over, and wait for nothing.
        defer { roundTrip = nil }
        let sentAt = ContinuousClock.now
        let grant = try await store.take(name, units: wanted, interactive: interactive, telling: answers)
        let unit = BudgetUnit(isTrial: grant.isTrial, goodUntil: sentAt + maximumAge)
        units += Array(repeating: unit, count: grant.units)
        // The jitter keeps processes from asking in step.
        let wait = grant.wait * Double.random(in: 1...1.1)
        expectedAt = .now + wait
        notBefore = .now + min(wait, Self.longestSilence)
    }
}
