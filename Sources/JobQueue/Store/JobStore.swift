/// What an exchange with the queue came to.
package struct Exchange: Sendable {
    /// Attempts whose settlement was applied; the others were stale and changed nothing.
    package var accepted: Set<Int64>
    package var claimed: [ClaimedJob]

    package init(accepted: Set<Int64> = [], claimed: [ClaimedJob] = []) {
        self.accepted = accepted
        self.claimed = claimed
    }
}

/// What a heartbeat came to.
package struct Pulse: Sendable {
    /// False if the worker was given up: its leases are forfeit.
    package var alive: Bool
    /// Attempts of this worker that somebody asked to cancel.
    package var cancelRequested: Set<Int64>

    package init(alive: Bool, cancelRequested: Set<Int64> = []) {
        self.alive = alive
        self.cancelRequested = cancelRequested
    }
}

/// The port of the queue, as a worker sees it.
///
/// Only the store's clock decides about leases.
package protocol JobStore: Sendable {
    /// Announces a worker and answers its number.
    func register(name: String, lease: Duration) async throws -> Int64
    /// Renews the worker's lease, whatever number of jobs it holds.
    func heartbeat(worker: Int64, lease: Duration) async throws -> Pulse
    /// Settles and claims in one round trip.
    ///
    /// Either may be empty; `reserved` more are claimed of those for which a person waits (priority 8 and 9).
    func exchange(worker: Int64, settling: [Settlement], claiming: Int, reserved: Int) async throws -> Exchange
    /// Hands back what this worker holds beside the attempts it knows: a claim whose answer was lost.
    func releaseUnknown(worker: Int64, known: Set<Int64>) async throws
    /// Takes back what dead workers and stuck attempts hold; answers how many jobs moved.
    func rescue(maximum: Int) async throws -> Int
    /// Leaves in order.
    func stop(worker: Int64) async throws
    /// Has the jobs of these subjects look again, whether they wait or run; answers the subjects somebody else holds
    /// at this moment, to be tried again.
    func wake(subjects: [Int64]) async throws -> [Int64]
}

extension JobStore {
    /// Settles and claims, with nothing kept for those for whom a person waits.
    package func exchange(worker: Int64, settling: [Settlement], claiming: Int) async throws -> Exchange {
        try await exchange(worker: worker, settling: settling, claiming: claiming, reserved: 0)
    }
}
