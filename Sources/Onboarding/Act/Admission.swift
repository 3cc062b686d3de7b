package import Cloudflare
package import JobQueue
import Logging

/// Every provider call goes through here: the shared budgets let it in, and the breaker hears what came of it.
package struct Admission: Sendable {
    /// What a call costs.
    package enum Cost: Sendable {
        case call
        /// A call that also has a certificate issued.
        case certificate
    }

    /// The budget could not be had in time; come back after this long.
    package typealias Refusal = BudgetRefusal

    /// 1,200 calls in 5 minutes for one token, of all programs together (the provider's API limits page).
    ///
    /// Background work may use 98.8 % of it: the rest lets eight calls go at once and a call arrive a second late, and
    /// keeps four calls of each window for people who sit and wait.
    package static let callsBudget = Budget(
        name: "calls",
        quota: 1200,
        window: .seconds(300),
        burst: 8,
        lag: .seconds(1),
        reserve: 4
    )
    /// 15 new certificates a minute (the provider's troubleshooting page); only successful creations count.
    package static let certificatesBudget = Budget(
        name: "certificates",
        quota: 15,
        window: .seconds(60),
        burst: 1.05,
        lag: .seconds(1.5)
    )
    /// However fast a simulator's clock is, our own round trips take their time.
    private static let leastAge: Duration = .milliseconds(100)

    private let store: any BudgetStore
    private let patience: Duration
    private let calls: BudgetLease
    private let certificates: BudgetLease

    /// - Parameters:
    ///   - time: The provider's time.
    ///   - patience: How long one call may wait for its turn before its job gives its slot back.
    ///   - interactive: Whether somebody sits and waits: such calls may take of the reserve and are not held up by an
    ///     open breaker.
    package init(
        budgets: any BudgetStore,
        time: ProviderTime = .real,
        patience: Duration = .seconds(10),
        interactive: Bool = false
    ) {
        store = budgets
        self.patience = patience
        let lease = { (budget: Budget) in
            BudgetLease(
                budget.name,
                store: budgets,
                maximumAge: max(time.local(budget.lag) / 2, Self.leastAge),
                interactive: interactive
            )
        }
        calls = lease(Self.callsBudget)
        certificates = lease(Self.certificatesBudget)
    }

    /// Declares both budgets and the breaker's times, in our time.
    package func declare(in time: ProviderTime, callQuota: Int = callsBudget.quota) async throws {
        for var budget in [Self.callsBudget, Self.certificatesBudget] {
            budget.window = time.local(budget.window)
            budget.lag = time.local(budget.lag)
            if budget.name == Self.callsBudget.name { budget.quota = callQuota }
            try await store.declare(budget)
        }
        var breaker = BreakerTimes()
        breaker.window = time.local(breaker.window)
        breaker.pause = time.local(breaker.pause)
        breaker.ramp = time.local(breaker.ramp)
        try await store.declare(breaker)
    }

    /// Takes what a call costs.
    ///
    /// - Throws: ``BudgetRefusal`` if its turn would come later than the patience; the store's errors; cancellation.
    package func admit(_ cost: Cost) async throws -> BudgetUnit {
        if case .certificate = cost { _ = try await certificates.take(patience: patience) }
        return try await calls.take(patience: patience)
    }

    /// Makes the call that was admitted, and hears what comes of it.
    ///
    /// - Parameter job: Whose call it is; `nil` is the zone's own.
    /// - Throws: The call's ``CloudflareError``, or ``OutageError`` if it failed while the breaker is open.
    package func perform<Value: Sendable>(
        _ unit: BudgetUnit,
        for job: ClaimedJob?,
        _ call: () async throws(CloudflareError) -> Answer<Value>
    ) async throws -> Answer<Value> {
        do {
            let answer = try await call()
            await note(GoodAnswers(count: 1, isTrial: unit.isTrial, pace: answer.pacing.pace))
            return answer
        } catch {
            if !Task.isCancelled { try await hear(error, unit, job) }
            throw error
        }
    }

    /// The provider asked for silence: everybody stops.
    package func stopEverybody(for duration: Duration, reason: String) async throws {
        await calls.drop()
        try await store.block(Self.callsBudget.name, for: duration, reason: reason)
    }
}

// MARK: - What came of a call

/// A call failed while the breaker is open: it says nothing about the job.
package struct OutageError: Error {
    package let error: CloudflareError
}

extension Admission {
    private func note(_ answers: GoodAnswers) async {
        await calls.note(answers)
        if answers.isTrial { try? await store.tell(answers) }
    }

    private func hear(_ error: CloudflareError, _ unit: BudgetUnit, _ job: ClaimedJob?) async throws {
        try? await store.record(
            ProviderErrorNote(
                errorClass: error.class.rawValue,
                call: error.call.rawValue,
                tenant: job?.lane,
                message: error.description
            )
        )
        // A stop's own headers say nothing about the pace; the stop itself is made by whoever reacts to the error.
        if error.class == .throttled { return }
        guard let kind = error.outageKind else {
            return await note(GoodAnswers(count: 1, isTrial: unit.isTrial, pace: error.pacing.pace))
        }
        let sign = OutageSign(
            kind: kind,
            isTrial: unit.isTrial,
            job: job,
            spendsAttempt: error.class != .credentials,
            reason: error.description
        )
        guard let verdict = try? await store.tell(sign) else { return }
        if verdict.hasOpened {
            Logger.current.error(
                "the provider is down or refuses the token: the breaker is open, nothing is claimed",
                metadata: ["error": "\(error)"]
            )
        }
        if !verdict.state.letsWork { throw OutageError(error: error) }
    }
}

extension CloudflareError {
    /// What the failure says about the provider as a whole; `nil` if nothing.
    var outageKind: OutageSign.Kind? {
        switch fault {
        case .transport(.unreachable, _), .transport(.timedOut, _), .transport(.connectionLost, _): .down
        case .refused(500..., _): .down
        case .refused(401, _): .down
        // A malformed or unknown token, whatever the status.
        case .refused where code == 1_000 || code == 6_003 || code == 6_111: .down
        case .refused(403, _) where self.class == .credentials: .denied
        default: nil
        }
    }
}

extension Pacing {
    /// The limit that allows least, and what is left; `nil` if the answer does not say both.
    var pace: GoodAnswers.Pace? {
        let slowest = policies.min { $0.calls * $1.windowSeconds < $1.calls * $0.windowSeconds }
        guard let slowest, let tightest, slowest.windowSeconds > 0 else { return nil }
        return .init(
            remaining: tightest.calls,
            quota: slowest.calls,
            window: .seconds(slowest.windowSeconds)
        )
    }
}
