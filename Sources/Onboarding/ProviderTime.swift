/// How fast the provider's clock runs against ours: 1 for the real one, more for a simulator whose clock is scaled.
///
/// Every duration that is a fact about the provider (its limits' windows, how long validation takes, its
/// `Retry-After`) goes through here; durations of our own (leases, polls) do not.
package struct ProviderTime: Hashable, Sendable {
    /// The real provider's time.
    package static let real = ProviderTime(scale: 1)

    private let scale: Double

    /// - Parameter scale: Provider seconds that pass in one of ours; at least 1.
    package init(scale: Double) {
        self.scale = max(scale, 1)
    }

    /// A duration of the provider's in our time.
    package func local(_ duration: Duration) -> Duration {
        duration / scale
    }

    /// A duration of ours in the provider's time.
    package func provider(_ duration: Duration) -> Duration {
        duration * scale
    }
}
