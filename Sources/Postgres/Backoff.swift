/// Growing pauses between attempts, each drawn at random from the whole range so that many clients spread out.
///
/// "Full jitter" of the AWS Architecture Blog, "Exponential Backoff and Jitter": pause = random(0…min(limit, base·2ⁿ)).
struct Backoff: Sendable {
    private let base: Duration
    private let limit: Duration
    private var attempts = 0

    init(base: Duration = .milliseconds(50), limit: Duration = .seconds(5)) {
        self.base = base
        self.limit = limit
    }

    /// The pause before the next attempt.
    mutating func next(using generator: inout some RandomNumberGenerator) -> Duration {
        // Beyond 2²⁰ times the base only the limit counts.
        let ceiling = min(limit, base * (1 << min(attempts, 20)))
        attempts += 1
        return ceiling * Double.random(in: 0...1, using: &generator)
    }

    mutating func next() -> Duration {
        var generator = SystemRandomNumberGenerator()
        return next(using: &generator)
    }

    /// An attempt succeeded: the next pause is a short one again.
    mutating func reset() {
        attempts = 0
    }
}
