/// Decides when a worker must stop its own work because the store may soon give it to somebody else.
///
/// Time is the worker's monotonic clock, measured from before the heartbeat was sent: the store's lease, which began
/// when the heartbeat arrived, always ends later than this one.
package struct LeaseGuard {
    /// What to do about the work in progress.
    package enum Action: Hashable {
        case keepOn
        /// The lease may end before the next heartbeat gets through: stop the work now.
        case cancelWork
        /// The store gave this worker up: stop the work and register anew.
        case registerAnew
    }

    private let lease: Duration
    /// Left unused at the end of the lease, for the cancelled work to come to rest.
    private let margin: Duration
    private var renewedAt: ContinuousClock.Instant

    /// A guard over a lease taken at a moment of the worker's monotonic clock.
    package init(lease: Duration, registeredAt: ContinuousClock.Instant) {
        self.lease = lease
        margin = lease / 4
        renewedAt = registeredAt
    }

    /// A heartbeat sent at a moment was answered.
    package mutating func answered(alive: Bool, sentAt: ContinuousClock.Instant) -> Action {
        guard alive else { return .registerAnew }
        renewedAt = sentAt
        return .keepOn
    }

    /// A heartbeat failed.
    package func unanswered(now: ContinuousClock.Instant) -> Action {
        now - renewedAt >= lease - margin ? .cancelWork : .keepOn
    }
}
