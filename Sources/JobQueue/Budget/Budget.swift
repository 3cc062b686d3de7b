/// A provider limit shared by all workers: at most `quota` units in any window of this length.
package struct Budget: Hashable, Sendable {
    package var name: String
    package var quota: Int
    package var window: Duration
    /// How many units may be taken at once; a fraction above a whole number is time to be late in.
    ///
    /// What burst and reserve leave of the quota is spread evenly, so that no window of any phase sees more than the
    /// quota (the arithmetic is in `migrations/0010_pace.sql`).
    package var burst: Double
    /// How late a unit may reach the provider's count after it was granted.
    package var lag: Duration
    /// Units of each window that only interactive calls may take.
    package var reserve: Int

    package init(
        name: String,
        quota: Int,
        window: Duration,
        burst: Double,
        lag: Duration = .zero,
        reserve: Int = 0
    ) {
        self.name = name
        self.quota = quota
        self.window = window
        self.burst = burst
        self.lag = lag
        self.reserve = reserve
    }
}

/// What a request for one unit came to.
package enum BudgetAnswer: Hashable, Sendable {
    case granted
    /// Come back after this long.
    case wait(Duration)
}

/// What a request for several units came to.
package struct BudgetGrant: Hashable, Sendable {
    package var units: Int
    /// When to come back for what was not granted.
    package var wait: Duration
    /// Everybody waits for what comes of this one unit: it goes first after a stop, or it is the breaker's probe.
    package var isTrial: Bool

    package init(units: Int, wait: Duration = .zero, isTrial: Bool = false) {
        self.units = units
        self.wait = wait
        self.isTrial = isTrial
    }
}

/// The port of the shared budgets and of the breaker beside them.
package protocol BudgetStore: Sendable {
    /// Declares a budget; what was taken stays taken, and what the provider's headers told stays adopted.
    func declare(_ budget: Budget) async throws
    /// Sets the breaker's times.
    func declare(_ breaker: BreakerTimes) async throws
    /// Takes up to so many units, after telling of good answers. What is granted is charged, used or not.
    func take(_ name: String, units: Int, interactive: Bool, telling answers: GoodAnswers?) async throws -> BudgetGrant
    /// Stops everybody for this long: nothing is granted and no job is claimed.
    func block(_ name: String, for duration: Duration, reason: String) async throws
    /// Tells of good answers at once.
    func tell(_ answers: GoodAnswers) async throws
    /// Tells of a call that failed as calls do in an outage.
    func tell(_ sign: OutageSign) async throws -> BreakerVerdict
    /// Keeps the last error of each class for people.
    func record(_ error: ProviderErrorNote) async throws
}

extension BudgetStore {
    /// Takes one unit of background work.
    package func take(_ name: String) async throws -> BudgetAnswer {
        let grant = try await take(name, units: 1, interactive: false, telling: nil)
        return grant.units == 1 ? .granted : .wait(grant.wait)
    }
}
