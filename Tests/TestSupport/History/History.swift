/// What a queue's tables tell of what happened, as a value that can be judged without the queue.
///
/// All times are the database's clock in microseconds.
package struct History: Sendable {
    /// A job as it was queued.
    package struct Job: Hashable, Sendable {
        package var id: Int64
        package var lane: String
        package var batch: Int64?

        package init(id: Int64, lane: String, batch: Int64? = nil) {
            self.id = id
            self.lane = lane
            self.batch = batch
        }
    }

    /// A row that says how a job ended.
    package struct End: Hashable, Sendable {
        package var job: Int64
        package var state: String
        /// Why: `poison` for a job that took too many workers with it.
        package var outcome: String
        package var at: Int64

        package init(job: Int64, state: String, outcome: String, at: Int64) {
            self.job = job
            self.state = state
            self.outcome = outcome
            self.at = at
        }
    }

    /// One attempt that is over.
    package struct Attempt: Hashable, Sendable {
        package var id: Int64
        package var job: Int64
        package var worker: Int64
        package var startedAt: Int64
        package var endedAt: Int64
        package var outcome: String

        package init(id: Int64, job: Int64, worker: Int64, startedAt: Int64, endedAt: Int64, outcome: String) {
            self.id = id
            self.job = job
            self.worker = worker
            self.startedAt = startedAt
            self.endedAt = endedAt
            self.outcome = outcome
        }
    }

    /// A settlement that was refused.
    package struct Stale: Hashable, Sendable {
        package var attempt: Int64
        package var worker: Int64

        package init(attempt: Int64, worker: Int64) {
            self.attempt = attempt
            self.worker = worker
        }
    }

    /// The wish a job serves grew, or what it waits for changed, in a transaction that was kept.
    package struct Growth: Hashable, Sendable {
        package var job: Int64
        package var at: Int64

        package init(job: Int64, at: Int64) {
            self.job = job
            self.at = at
        }
    }

    /// What the queue says of a batch.
    package struct Batch: Hashable, Sendable {
        package var id: Int64
        package var total: Int
        package var states: [String: Int]

        package init(id: Int64, total: Int, states: [String: Int]) {
            self.id = id
            self.total = total
            self.states = states
        }
    }

    /// Jobs whose enqueuing was answered, so that they were kept.
    package var committed: Set<Int64> = []
    package var jobs: [Job] = []
    package var ends: [End] = []
    package var attempts: [Attempt] = []
    package var stale: [Stale] = []
    package var growths: [Growth] = []
    package var batches: [Batch] = []
    /// Jobs that are still somewhere else than at their end.
    package var unfinished: Set<Int64> = []
    /// Jobs somebody ordered to be cancelled; every order is on record.
    package var cancelOrders: Set<Int64> = []
    /// How many attempts a lane may have at a time; a lane that is not named has no limit.
    package var limits: [String: Int] = [:]

    package init() {}
}
