import Postgres

/// Where a job is, in one word; the words of the view `usher.job_place`.
package enum JobState: String, CaseIterable, Sendable, Codable, PostgresDecodable {
    /// May be claimed now.
    case ready
    /// A worker holds it.
    case running
    /// Failed for a reason that may pass; tried again later.
    case retrying
    /// Waits for somebody or something; spends no attempt.
    case waiting
    case done
    case failed
    case cancelled
    /// In no place or in several: a defect, shown by `usher doctor`.
    case misplaced

    package var isEnded: Bool { [.done, .failed, .cancelled].contains(self) }

    /// The jobs in this state, found through the one narrow table that holds them.
    ///
    /// A condition on the view's computed state would make the server work out the state of every job there ever was.
    var jobs: Statement {
        switch self {
        case .ready: "select job_id from usher.ready"
        case .running: "select job_id from usher.lease"
        case .retrying: "select job_id from usher.deferred where reason = 'retry'"
        case .waiting: "select job_id from usher.deferred where reason <> 'retry'"
        case .done, .failed, .cancelled: "select job_id from usher.ended where state = \(rawValue)"
        case .misplaced: "select job_id from usher.misplaced"
        }
    }
}
