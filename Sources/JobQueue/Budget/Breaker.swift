/// Where the shared breaker stands.
///
/// The rules are in `migrations/0010_pace.sql`: the state is shared, so the database moves it.
package enum BreakerState: String, CaseIterable, Hashable, Sendable, Codable {
    /// The provider serves.
    case closed
    /// It does not: nothing is claimed and nothing granted.
    case open
    /// One call is under way to see whether it does again.
    case halfOpen = "half_open"
    /// It does again, and the rate grows from a tenth to the whole.
    case ramping

    /// Whether work goes on.
    package var letsWork: Bool { self == .closed || self == .ramping }
}

/// The breaker's times.
package struct BreakerTimes: Hashable, Sendable {
    /// Signs of an outage older than this are forgotten.
    package var window: Duration = .seconds(60)
    /// From opening to the first probe; each probe that fails doubles it, to eight times.
    package var pause: Duration = .seconds(30)
    /// From closing to the whole rate.
    package var ramp: Duration = .seconds(300)

    /// The published times.
    package init() {}
}

/// Good answers of the provider that the store does not know of yet.
package struct GoodAnswers: Hashable, Sendable {
    package var count = 0
    /// One of them was waited for by everybody.
    package var isTrial = false
    /// What the newest said: the calls left, and the limit itself.
    package var pace: Pace?

    /// The limit as an answer's headers tell it.
    package struct Pace: Hashable, Sendable {
        package var remaining: Int
        package var quota: Int
        package var window: Duration

        package init(remaining: Int, quota: Int, window: Duration) {
            self.remaining = remaining
            self.quota = quota
            self.window = window
        }
    }

    package init(count: Int = 0, isTrial: Bool = false, pace: Pace? = nil) {
        self.count = count
        self.isTrial = isTrial
        self.pace = pace
    }
}

/// One call that failed as calls do in an outage.
package struct OutageSign: Hashable, Sendable {
    /// How much one such failure says.
    package enum Kind: String, Hashable, Sendable {
        /// Trouble of the provider's own, or of the whole token.
        case down
        /// A refusal that is an outage only if several tenants get it.
        case denied
    }

    package var kind: Kind
    package var isTrial: Bool
    /// Whose call it was; `nil` is the zone's own.
    package var job: ClaimedJob?
    /// Whether the job pays for it with an attempt, which it gets back if it was an outage.
    package var spendsAttempt: Bool
    package var reason: String

    package init(kind: Kind, isTrial: Bool, job: ClaimedJob?, spendsAttempt: Bool, reason: String) {
        self.kind = kind
        self.isTrial = isTrial
        self.job = job
        self.spendsAttempt = spendsAttempt
        self.reason = reason
    }
}

/// What the breaker makes of a sign.
package struct BreakerVerdict: Hashable, Sendable {
    package var state: BreakerState
    /// True for the one sign that opened it: whoever gave it raises the alarm.
    package var hasOpened: Bool

    package init(state: BreakerState, hasOpened: Bool = false) {
        self.state = state
        self.hasOpened = hasOpened
    }
}

/// A failed call, as people are shown the last one of each class.
package struct ProviderErrorNote: Hashable, Sendable {
    package var errorClass: String
    package var call: String
    package var tenant: String?
    package var message: String

    package init(errorClass: String, call: String, tenant: String?, message: String) {
        self.errorClass = errorClass
        self.call = call
        self.tenant = tenant
        self.message = message
    }
}
