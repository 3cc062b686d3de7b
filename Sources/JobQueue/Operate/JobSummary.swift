package import Foundation
import Postgres

/// One line of a list of jobs.
package struct JobSummary: Sendable, Encodable {
    package let jobID: Int64
    /// The name of the job's subject; `nil` for a job about something else.
    package let hostname: String?
    package let tenant: String
    package let tier: String?
    package let state: JobState
    /// Attempts spent so far.
    package let attempts: Int
    /// When it is looked at again, if it is deferred.
    package let dueAt: Date?
    package let enqueuedAt: Date
    package let endedAt: Date?
    /// The outcome of an ended job, or what a deferred one waits for.
    package let reason: String?
    package let errorClass: String?
    package let code: String?
    package let message: String?
    /// Who must act.
    package let actor: String?
    package let batchID: Int64?
}

extension JobSummary {
    typealias Columns = (
        Int64, String?, String, String?, JobState, Int, Timestamp?, Timestamp, Timestamp?, String?, String?, String?,
        String?, String?,
        Int64?
    )

    /// The columns of ``JobOperations/list(_:limit:before:)``, in its order.
    init(_ columns: Columns) {
        jobID = columns.0
        hostname = columns.1
        tenant = columns.2
        tier = columns.3
        state = columns.4
        attempts = columns.5
        dueAt = columns.6?.date
        enqueuedAt = columns.7.date
        endedAt = columns.8?.date
        reason = columns.9
        errorClass = columns.10
        code = columns.11
        message = columns.12
        actor = columns.13
        batchID = columns.14
    }
}
