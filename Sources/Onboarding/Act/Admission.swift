package import JobQueue

/// Asks the shared budgets before each provider call.
package struct Admission: Sendable {
    /// What a call costs.
    package enum Cost: Sendable {
        case call
        /// A call that also has a certificate issued.
        case certificate
    }

    /// The budget could not be had in time; come back after this long.
    package struct Refusal: Error {
        package var retryAfter: Duration
    }

    /// 1,200 calls in 5 minutes for one token, of all programs together (the provider's API limits page).
    package static let callsBudget = Budget(name: "calls", quota: 1200, window: .seconds(300), burst: 60)
    /// 15 new certificates a minute (the provider's troubleshooting page); only successful creations count.
    package static let certificatesBudget = Budget(name: "certificates", quota: 15, window: .seconds(60), burst: 3)

    private let budgets: any BudgetStore
    private let patience: Duration

    /// - Parameter patience: How long one call may wait for its turn before its job gives its slot back.
    package init(budgets: any BudgetStore, patience: Duration = .seconds(10)) {
        self.budgets = budgets
        self.patience = patience
    }

    /// Declares both budgets, in our time.
    package func declare(in time: ProviderTime, callQuota: Int = callsBudget.quota) async throws {
        for var budget in [Self.callsBudget, Self.certificatesBudget] {
            budget.window = time.local(budget.window)
            if budget.name == Self.callsBudget.name { budget.quota = callQuota }
            try await budgets.declare(budget)
        }
    }

    /// Returns once the call may be made.
    ///
    /// - Throws: `Refusal` if that would take longer than the patience; the store's errors; cancellation.
    package func admit(_ cost: Cost) async throws {
        if case .certificate = cost { try await take(Self.certificatesBudget.name) }
        try await take(Self.callsBudget.name)
    }

    /// The provider asked for silence: everybody stops.
    package func stopEverybody(for duration: Duration, reason: String) async throws {
        try await budgets.block(Self.callsBudget.name, for: duration, reason: reason)
    }

    private func take(_ name: String) async throws {
        var waited = Duration.zero
        while case .wait(let pause) = try await budgets.take(name) {
            guard waited + pause <= patience else { throw Refusal(retryAfter: pause) }
            // The jitter keeps waiting workers from asking in step.
            let jittered = pause * Double.random(in: 1...1.2)
            try await Task.sleep(for: jittered)
            waited += jittered
        }
    }
}
