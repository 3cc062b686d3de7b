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

    /// The columns of ``JobOperations/list(_:)``, in its order.
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

/// Which jobs a list shows, newest first.
package struct JobFilter: Sendable {
    /// Empty for every state.
    package var states: [JobState]
    package var tenant: String?
    package var errorClass: String?
    package var batchID: Int64?
    /// At most this many.
    package var limit: Int

    package init(
        states: [JobState] = [],
        tenant: String? = nil,
        errorClass: String? = nil,
        batchID: Int64? = nil,
        limit: Int = 50
    ) {
        self.states = states
        self.tenant = tenant
        self.errorClass = errorClass
        self.batchID = batchID
        self.limit = limit
    }

    /// The filter as a condition on `usher.job_place p`.
    var condition: Statement {
        var conditions: [Statement] = ["true"]
        if !states.isEmpty {
            conditions.append("p.job_id in (\(states.map(\.jobs).joined(separator: " union all ")))")
        }
        if let tenant { conditions.append("p.tenant = \(tenant)") }
        if let errorClass { conditions.append("p.error_class = \(errorClass)") }
        if let batchID { conditions.append("p.batch_id = \(batchID)") }
        return conditions.joined(separator: " and ")
    }
}
