/// A provider limit shared by all workers: at most `quota` units in any window of this length.
package struct Budget: Hashable, Sendable {
    package var name: String
    package var quota: Int
    package var window: Duration
    /// How many units may be taken at once.
    ///
    /// What the burst leaves of the quota is spread over the window, so that burst
    /// plus rate × window never exceeds the quota, in whatever phase the provider's window lies.
    package var burst: Int

    package init(name: String, quota: Int, window: Duration, burst: Int) {
        self.name = name
        self.quota = quota
        self.window = window
        self.burst = burst
    }
}

/// What a request for budget came to.
package enum BudgetAnswer: Hashable, Sendable {
    case granted
    /// Come back after this long.
    case wait(Duration)
}

/// The port of the shared budgets.
package protocol BudgetStore: Sendable {
    /// Declares a budget or changes its numbers; what was taken stays taken.
    func declare(_ budget: Budget) async throws
    /// Takes one unit. What is granted is charged whether it is used or not.
    func take(_ name: String) async throws -> BudgetAnswer
    /// Stops everybody for this long: nothing is granted and no job is claimed.
    func block(_ name: String, for duration: Duration, reason: String) async throws
}
