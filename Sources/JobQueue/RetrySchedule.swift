/// When a failed attempt is made again: exponential with full jitter, and when to stop trying.
///
/// The delay before attempt n+1 is drawn evenly from 0…min(cap, base × 2ⁿ⁻¹), which spreads a herd best
/// (AWS Architecture Blog, "Exponential Backoff And Jitter", the full-jitter variant); a floor keeps it from being
/// nothing.
package struct RetrySchedule: Hashable, Sendable {
    package var base: Duration
    package var cap: Duration
    package var maximumAttempts: Int

    package init(base: Duration, cap: Duration, maximumAttempts: Int) {
        self.base = base
        self.cap = cap
        self.maximumAttempts = maximumAttempts
    }

    /// The delay after a failed attempt, or `nil` when it was the last one.
    ///
    /// - Parameters:
    ///   - number: The attempt that failed, 1 for the first.
    ///   - minimum: What the provider asked for (`Retry-After`); it wins over a shorter draw.
    ///   - generator: The source of the jitter.
    package func delay(
        afterAttempt number: Int,
        atLeast minimum: Duration? = nil,
        using generator: inout some RandomNumberGenerator
    ) -> Duration? {
        guard number < maximumAttempts else { return nil }
        let doublings = min(max(number - 1, 0), 30)
        let ceiling = min(cap, base * (1 << doublings))
        let drawn = ceiling * Double.random(in: 0...1, using: &generator)
        return max(drawn, base / 4, minimum ?? .zero)
    }
}
