package import Postgres

/// How one attempt ended, together with whatever must be recorded in the same transaction.
package struct Settlement: Sendable {
    package var jobID: Int64
    package var attemptID: Int64
    package var outcome: JobOutcome
    /// Calls made to the provider during the attempt.
    package var providerCalls: Int
    /// Facts about the attempt as a JSON object, kept with its history.
    package var detail: String
    /// The handler's own writes, sent in the settling transaction before the settlement itself.
    ///
    /// Each must end in `… and usher.holds(attempt id)`: that locks the lease, so that write and settlement stand or
    /// fall together, in one round trip. (Asking for the lease first and sending the writes after would cost a second
    /// one.)
    package var recording: [Statement]

    package init(
        of job: ClaimedJob,
        outcome: JobOutcome,
        providerCalls: Int = 0,
        detail: String = "{}",
        recording: [Statement] = []
    ) {
        self.jobID = job.jobID
        self.attemptID = job.attemptID
        self.outcome = outcome
        self.providerCalls = providerCalls
        self.detail = detail
        self.recording = recording
    }
}
