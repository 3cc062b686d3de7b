/// What an answer says about how fast the provider may be called.
///
/// Sources: the provider's API changelog of 2025-09-03 (`Ratelimit`, `Ratelimit-Policy`), RFC 9110 section 10.2.3
/// (`Retry-After`).
package struct Pacing: Hashable, Sendable {
    /// What is left of one limit: an item of `Ratelimit`, such as `"default";r=50;t=30`.
    package struct Remaining: Hashable, Sendable {
        package let name: String
        /// Calls left (`r`).
        package let calls: Int
        /// Seconds until the limit is whole again (`t`).
        package let resetSeconds: Int

        package init(name: String, calls: Int, resetSeconds: Int) {
            self.name = name
            self.calls = calls
            self.resetSeconds = resetSeconds
        }
    }

    /// One limit: an item of `Ratelimit-Policy`, such as `"burst";q=1200;w=300`.
    package struct Policy: Hashable, Sendable {
        package let name: String
        /// Calls allowed in a window (`q`).
        package let calls: Int
        /// Length of the window in seconds (`w`).
        package let windowSeconds: Int

        package init(name: String, calls: Int, windowSeconds: Int) {
            self.name = name
            self.calls = calls
            self.windowSeconds = windowSeconds
        }
    }

    /// What is left of each limit.
    package var remaining: [Remaining]
    /// The limits themselves.
    package var policies: [Policy]
    /// How long nothing should be sent, never negative; `nil` if the answer does not say.
    package var retryAfter: Duration?

    package init(remaining: [Remaining] = [], policies: [Policy] = [], retryAfter: Duration? = nil) {
        self.remaining = remaining
        self.policies = policies
        self.retryAfter = retryAfter
    }

    /// The limit with the fewest calls left.
    package var tightest: Remaining? {
        remaining.min { $0.calls < $1.calls }
    }
}
