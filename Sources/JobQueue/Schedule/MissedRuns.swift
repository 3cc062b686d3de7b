package import Postgres

/// What becomes of times at which nobody was there to run them: no worker, or the entry was paused.
package enum MissedRuns: Hashable, Sendable {
    /// Left out.
    case skip
    /// One run makes good for all.
    case once
    /// Each is run, the oldest first, up to so many; the rest is left out.
    case all(atMost: Int)

    /// A time nobody came to for this long counts as missed, in microseconds: below the shortest period there is.
    private static let punctuality: Int64 = 59_000_000
}

/// What is to be run of an entry that is due.
package struct DueRuns: Hashable, Sendable {
    /// The times that are run, each once.
    package var runs: [Timestamp]
    /// The first of those that are left out.
    package var skippedFrom: Timestamp?
    /// When the entry is due next.
    package var next: Timestamp

    package init(runs: [Timestamp], skippedFrom: Timestamp?, next: Timestamp) {
        self.runs = runs
        self.skippedFrom = skippedFrom
        self.next = next
    }
}

extension MissedRuns {
    /// Decides on an entry that has been due since `first`.
    ///
    /// - Parameter next: The entry's first time after a moment.
    package func due(since first: Timestamp, now: Timestamp, next: (Timestamp) -> Timestamp) -> DueRuns {
        let recent = Timestamp(microseconds: now.microseconds - Self.punctuality)
        let punctual = first > recent ? first : next(recent)
        var due = DueRuns(runs: [], skippedFrom: nil, next: next(now))
        switch self {
        case .skip:
            if punctual <= now { due.runs = [punctual] }
            if first < punctual { due.skippedFrom = first }
        case .once:
            due.runs = [punctual <= now ? punctual : first]
        case .all(let limit):
            var moment = first
            while moment <= now && due.runs.count < limit {
                due.runs.append(moment)
                moment = next(moment)
            }
            if moment <= now { due.skippedFrom = moment }
        }
        return due
    }
}
