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
}
