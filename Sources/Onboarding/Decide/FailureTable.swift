import Cloudflare
package import JobQueue

/// What becomes of a job when a call fails: the published table of retries.
///
/// | class | what happens | attempts |
/// |---|---|---|
/// | transient, provider_down, unknown, conflict, gone | tried again, 5 s doubling to 10 min, full jitter | 8 |
/// | throttled | everybody waits as long as the provider asked, else 60 s | none spent |
/// | credentials | this job waits 10 min for an operator; if it is everybody, the breaker opens | none spent |
/// | any, while the breaker is open | this job waits 30 to 60 s; nobody claims meanwhile | none spent |
/// | not_entitled, rejected | ends; somebody must change something, then it is replayed | – |
///
/// All durations are the provider's time.
package struct FailureTable: Sendable {
    package static let schedule = RetrySchedule(base: .seconds(5), cap: .seconds(600), maximumAttempts: 8)
    static let pauseWithoutRetryAfter: Duration = .seconds(60)
    static let pauseWithoutPermission: Duration = .seconds(600)
    static let pauseInOutage: Duration = .seconds(30)

    /// What to do about a failed call.
    struct Reaction {
        var outcome: JobOutcome
        var standing: Standing
        /// Everybody stops for this long.
        var stopEverybody: Duration?
    }

    let time: ProviderTime

    func reaction(
        to error: CloudflareError,
        attempt number: Int,
        isOutage: Bool = false,
        using generator: inout some RandomNumberGenerator
    ) -> Reaction {
        let failure = JobFailure(
            errorClass: error.class.rawValue,
            code: error.code.map(String.init),
            message: error.description,
            actor: JobActor(error.actor)
        )
        // What the provider asks for is counted in our seconds: a simulator with a fast clock answers accordingly.
        // Never nothing: a date that our clock has passed would have us hammer.
        let pause = max(error.retryAfter ?? time.local(Self.pauseWithoutRetryAfter), time.local(.seconds(1)))
        if isOutage {
            let wait = time.local(Self.pauseInOutage) * Double.random(in: 1...2, using: &generator)
            return waiting(for: wait, "provider_down", failure)
        }
        switch error.class {
        case .throttled:
            var reaction = waiting(for: pause, "throttled", failure)
            reaction.stopEverybody = pause
            return reaction
        case .credentials:
            return waiting(for: time.local(Self.pauseWithoutPermission), "credentials", failure)
        case .notEntitled, .rejected:
            return Reaction(outcome: .failed(failure), standing: .failed)
        case .transient, .providerDown, .conflict, .gone, .unknown:
            let delay = scaledSchedule.delay(afterAttempt: number, atLeast: error.retryAfter, using: &generator)
            return Reaction(
                outcome: delay.map { .retry(after: $0, failure) } ?? .failed(failure),
                standing: delay == nil ? .failed : .waiting
            )
        }
    }

    private func waiting(for pause: Duration, _ reason: String, _ failure: JobFailure) -> Reaction {
        Reaction(
            outcome: .deferred(for: pause, reason: reason, actor: failure.actor, message: failure.message),
            standing: .waiting
        )
    }

    private var scaledSchedule: RetrySchedule {
        RetrySchedule(
            base: time.local(Self.schedule.base),
            cap: time.local(Self.schedule.cap),
            maximumAttempts: Self.schedule.maximumAttempts
        )
    }
}

extension JobActor {
    init(_ actor: ResponsibleActor) {
        switch actor {
        case .us: self = .us
        case .tenant: self = .tenant
        case .operator: self = .operator
        case .provider: self = .provider
        }
    }
}
