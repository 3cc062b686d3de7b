/// The provider's two limits and their lock-outs, in virtual time.
///
/// Both windows slide: whatever the phase, no stretch of the window's length may hold more than the limit. That is the
/// strictest reading of "1200 per five minutes"; a client that passes here passes a fixed window too.
package struct RateLimits: Sendable, Codable {
    /// One limit and what a breach costs.
    package struct Limit: Hashable, Sendable, Codable {
        package var count: Int
        package var windowSeconds: Double
        package var lockoutSeconds: Double

        /// At most `count` in any `windowSeconds`; one more locks out for `lockoutSeconds`.
        package init(count: Int, windowSeconds: Double, lockoutSeconds: Double) {
            self.count = count
            self.windowSeconds = windowSeconds
            self.lockoutSeconds = lockoutSeconds
        }
    }

    /// Both limits; `nil` is unlimited.
    package struct Configuration: Hashable, Sendable, Codable {
        /// Of each token; source: the provider's page on API rate limits.
        package var calls: Limit? = Limit(count: 1_200, windowSeconds: 300, lockoutSeconds: 300)
        /// Successful creations of the zone; source: the troubleshooting page of Cloudflare for SaaS.
        package var certificates: Limit? = Limit(count: 15, windowSeconds: 60, lockoutSeconds: 30)
        /// Another client of the same token, which the provider does not tell apart: the share of the calls it makes,
        /// evenly spread, from 0 to 1.
        package var foreignShare: Double = 0

        /// The provider's numbers.
        package init() {}

        /// No limits at all.
        package static var none: Configuration {
            var configuration = Configuration()
            configuration.calls = nil
            configuration.certificates = nil
            return configuration
        }
    }

    /// What becomes of a call.
    package enum Verdict: Hashable, Sendable {
        case admitted
        /// Virtual seconds until the lock-out ends.
        case refused(retryAfterSeconds: Double)
    }

    /// What the answers' headers say of a token's calls.
    package struct Allowance: Hashable, Sendable {
        package var remaining: Int
        package var resetSeconds: Double
        package var limit: Limit
    }

    package var configuration: Configuration
    private var calls: [String: Meter] = [:]
    private var certificates = Meter()

    /// Limits of which nothing is used yet.
    package init(_ configuration: Configuration = Configuration()) {
        self.configuration = configuration
    }

    /// Counts one call of a token, unless it is refused.
    package mutating func admitCall(token: String, now: VirtualInstant) -> Verdict {
        guard let limit = configuration.calls else { return .admitted }
        calls[token, default: Meter()].burn(share: configuration.foreignShare, of: limit, until: now)
        let verdict = calls[token, default: Meter()].admit(limit, now: now)
        if verdict == .admitted { calls[token]?.count(now) }
        return verdict
    }

    /// Asks for one creation; it is counted only once it has succeeded.
    package mutating func admitCertificate(now: VirtualInstant) -> Verdict {
        guard let limit = configuration.certificates else { return .admitted }
        return certificates.admit(limit, now: now)
    }

    /// Counts one successful creation.
    package mutating func countCertificate(now: VirtualInstant) {
        guard configuration.certificates != nil else { return }
        certificates.count(now)
    }

    /// What is left to a token; without a limit always the provider's whole number.
    package mutating func allowance(token: String, now: VirtualInstant) -> Allowance {
        guard let limit = configuration.calls else {
            let usual = Limit(count: 1_200, windowSeconds: 300, lockoutSeconds: 300)
            return Allowance(remaining: usual.count, resetSeconds: usual.windowSeconds, limit: usual)
        }
        calls[token, default: Meter()].burn(share: configuration.foreignShare, of: limit, until: now)
        return calls[token, default: Meter()].allowance(limit, now: now)
    }

    /// Calls that the other client made with a token, and how often it was the one who broke the limit.
    package func foreignCalls(token: String) -> (made: Int, breaches: Int) {
        (calls[token]?.foreignCalls ?? 0, calls[token]?.foreignBreaches ?? 0)
    }

    /// Creations counted in the window that ends now.
    package mutating func certificatesInWindow(now: VirtualInstant) -> Int {
        guard let limit = configuration.certificates else { return 0 }
        return certificates.inWindow(limit, now: now)
    }
}

/// The moments counted against one limit, oldest first.
private struct Meter: Sendable, Codable {
    private var moments: [VirtualInstant] = []
    /// Those before this place have left the window; they are dropped in bulk.
    private var first = 0
    private var lockedUntil: VirtualInstant?
    /// When the other client calls next.
    private var nextForeign: VirtualInstant?
    private(set) var foreignCalls = 0
    private(set) var foreignBreaches = 0

    /// Makes up for the calls of another client that were due by now, each at its own moment.
    mutating func burn(share: Double, of limit: RateLimits.Limit, until now: VirtualInstant) {
        guard share > 0, limit.count > 0 else { return }
        let pause = limit.windowSeconds / (Double(limit.count) * share)
        // What left the window long ago counts for nobody.
        let horizon = now.adding(seconds: -2 * (limit.windowSeconds + limit.lockoutSeconds))
        var moment = max(nextForeign ?? now, horizon)
        while moment <= now {
            foreignCalls += 1
            let wasLocked = lockedUntil.map { moment < $0 } ?? false
            if admit(limit, now: moment) == .admitted {
                count(moment)
            } else if !wasLocked {
                foreignBreaches += 1
            }
            moment = moment.adding(seconds: pause)
        }
        nextForeign = moment
    }

    mutating func admit(_ limit: RateLimits.Limit, now: VirtualInstant) -> RateLimits.Verdict {
        if let lockedUntil, now < lockedUntil {
            return .refused(retryAfterSeconds: lockedUntil.seconds(since: now))
        }
        guard inWindow(limit, now: now) >= limit.count else { return .admitted }
        lockedUntil = now.adding(seconds: limit.lockoutSeconds)
        return .refused(retryAfterSeconds: limit.lockoutSeconds)
    }

    mutating func count(_ now: VirtualInstant) {
        moments.append(now)
    }

    /// How many lie in the half-open window `(now - length, now]`.
    mutating func inWindow(_ limit: RateLimits.Limit, now: VirtualInstant) -> Int {
        let start = now.adding(seconds: -limit.windowSeconds)
        while first < moments.count, moments[first] <= start { first += 1 }
        if first > 1_000, first * 2 > moments.count {
            moments.removeFirst(first)
            first = 0
        }
        return moments.count - first
    }

    /// The reset is when the oldest call leaves the window, or when the lock-out ends.
    mutating func allowance(_ limit: RateLimits.Limit, now: VirtualInstant) -> RateLimits.Allowance {
        if let lockedUntil, now < lockedUntil {
            return .init(remaining: 0, resetSeconds: lockedUntil.seconds(since: now), limit: limit)
        }
        let used = inWindow(limit, now: now)
        let oldest = first < moments.count ? moments[first] : now
        let reset = oldest.adding(seconds: limit.windowSeconds).seconds(since: now)
        return .init(remaining: max(0, limit.count - used), resetSeconds: reset, limit: limit)
    }
}
