package import Foundation

/// Everything known of one job: the document of `usher.job_status`.
package struct JobReport: Sendable, Codable {
    package let jobID: Int64
    package let tenant: String
    package let hostname: String?
    package let state: JobState
    package let attempts: Int?
    package let reason: String?
    package let actor: String?
    package let errorClass: String?
    package let code: String?
    package let message: String?
    package let batchID: Int64?
    package let replayOf: Int64?
    package let replayedBy: Int64?
    package let enqueuedAt: Date
    package let dueAt: Date?
    package let endedAt: Date?
    /// Oldest first; absent before the first attempt has ended.
    package let history: [Attempt]?

    /// One attempt that has ended.
    package struct Attempt: Sendable, Codable {
        package let attemptID: Int64
        package let number: Int
        package let workerID: Int64
        package let startedAt: Date
        package let endedAt: Date
        package let outcome: String
        package let reason: String?
        package let errorClass: String?
        package let code: String?
        package let message: String?
        package let actor: String?
        package let providerCalls: Int

        private enum CodingKeys: String, CodingKey {
            case attemptID = "attempt_id"
            case number
            case workerID = "worker_id"
            case startedAt = "started_at"
            case endedAt = "ended_at"
            case outcome
            case reason
            case errorClass = "error_class"
            case code
            case message
            case actor
            case providerCalls = "provider_calls"
        }
    }

    private enum CodingKeys: String, CodingKey {
        case jobID = "job_id"
        case tenant
        case hostname
        case state
        case attempts
        case reason
        case actor
        case errorClass = "error_class"
        case code
        case message
        case batchID = "batch_id"
        case replayOf = "replay_of"
        case replayedBy = "replayed_by"
        case enqueuedAt = "enqueued_at"
        case dueAt = "due_at"
        case endedAt = "ended_at"
        case history
    }
}

/// How far a batch is: the document of `usher.batch_progress`.
package struct BatchProgress: Sendable, Codable {
    package let batchID: Int64
    package let name: String
    package let origin: String
    /// Jobs the batch was made of.
    package let total: Int
    /// Jobs ended, whatever their outcome.
    package let ended: Int
    /// Jobs in each state; a state without jobs is absent.
    package let states: [String: Int]

    /// Jobs in this state.
    package func count(_ state: JobState) -> Int { states[state.rawValue] ?? 0 }

    private enum CodingKeys: String, CodingKey {
        case batchID = "batch_id"
        case name
        case origin
        case total
        case ended
        case states
    }
}
