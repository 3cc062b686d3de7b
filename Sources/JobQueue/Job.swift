/// A job a worker holds: a time-limited right to one attempt at it.
package struct ClaimedJob: Hashable, Sendable {
    package let jobID: Int64
    /// The fencing token: a settlement that does not show the current one is stale.
    package let attemptID: Int64
    /// 1 for the first attempt.
    package let number: Int
    /// Workers lost while they held this job.
    package let losses: Int
    package let kind: String
    /// The tenant whose lane it came from.
    package let lane: String
    /// What the job is about; at most one live job a subject.
    package let subjectID: Int64?
    package let batchID: Int64?
    /// The payload as JSON text.
    package let payload: String

    package init(
        jobID: Int64,
        attemptID: Int64,
        number: Int = 1,
        losses: Int = 0,
        kind: String,
        lane: String,
        subjectID: Int64? = nil,
        batchID: Int64? = nil,
        payload: String = "{}"
    ) {
        self.jobID = jobID
        self.attemptID = attemptID
        self.number = number
        self.losses = losses
        self.kind = kind
        self.lane = lane
        self.subjectID = subjectID
        self.batchID = batchID
        self.payload = payload
    }
}

/// Who must move before a job can go on.
package enum JobActor: String, CaseIterable, Hashable, Sendable, Codable {
    case us
    case tenant
    case `operator`
    case provider
}

/// Why an attempt did not succeed, for people and for filters.
package struct JobFailure: Hashable, Sendable {
    /// A word of the error classes' closed list, such as `transient` or `rejected`.
    package var errorClass: String
    /// A stable code of ours (`UE020`) or the provider's (`1406`).
    package var code: String?
    /// One sentence, never with a secret in it.
    package var message: String
    package var actor: JobActor

    package init(errorClass: String, code: String? = nil, message: String, actor: JobActor) {
        self.errorClass = errorClass
        self.code = code
        self.message = message
        self.actor = actor
    }
}

/// What an attempt came to.
///
/// A failing job is a value here, not a thrown error.
package enum JobOutcome: Hashable, Sendable {
    /// Finished; `result` is a word of the handler's closed list, such as `enforced`.
    case done(result: String)
    /// To be tried again after the delay; one attempt is spent.
    case retry(after: Duration, JobFailure)
    /// Waiting for somebody or something; no attempt is spent.
    case deferred(for: Duration, reason: String, actor: JobActor, message: String?)
    /// Ended without success.
    case failed(JobFailure)
    /// Ended because somebody asked.
    case cancelled(reason: String)
    /// Handed back unfinished by a worker that stops; the attempt is refunded.
    case released
}
