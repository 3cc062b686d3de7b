/// A promise of the queue that a history breaks.
package enum HistoryViolation: Hashable, Sendable {
    /// A job whose enqueuing was answered is not there.
    case lost(job: Int64)
    case unfinished(job: Int64)
    case endedTimes(job: Int64, Int)
    case attemptRecordedTimes(attempt: Int64, Int)
    /// Two attempts of one job at the same time.
    case overlap(job: Int64, first: Int64, second: Int64)
    case attemptAfterEnd(job: Int64, attempt: Int64)
    /// The job's end is not what its last attempt came to.
    case endWithoutCause(job: Int64, state: String)
    /// An attempt finished the job, which then ran again though nobody wanted more of it.
    case finishedInVain(job: Int64, attempt: Int64)
    /// A settlement that was refused as stale, of an attempt that counts as settled by its worker.
    case staleApplied(attempt: Int64)
    case limitExceeded(lane: String, at: Int64, running: Int, limit: Int)
    case batchMiscounted(batch: Int64)
    case cancelledUnasked(job: Int64)
}

/// Judges a history: every promise of the queue that can be told from its tables.
package struct HistoryCheck: Sendable {
    private let history: History
    /// In the order in which they began.
    private let attempts: [Int64: [History.Attempt]]
    private let ends: [Int64: [History.End]]

    /// How long before an attempt began a wish may have grown that it did not see.
    ///
    /// That transaction was still open when the job was claimed; the server ends ours before that.
    private static let openTransaction_us: Int64 = 30_000_000

    package init(_ history: History) {
        self.history = history
        attempts = Dictionary(grouping: history.attempts, by: \.job).mapValues { attempts in
            attempts.sorted { ($0.startedAt, $0.id) < ($1.startedAt, $1.id) }
        }
        ends = Dictionary(grouping: history.ends, by: \.job)
    }

    /// All that is wrong; empty if nothing is.
    package func violations() -> [HistoryViolation] {
        lostJobs() + jobsWithoutOneEnd() + recordedTwice() + overlaps() + endsWithoutCause() + finishedInVain()
            + staleApplied() + limitsExceeded() + batchesMiscounted() + cancelledUnasked()
    }

    private func lostJobs() -> [HistoryViolation] {
        history.committed.subtracting(history.jobs.map(\.id)).sorted().map { .lost(job: $0) }
    }

    private func jobsWithoutOneEnd() -> [HistoryViolation] {
        let known = Set(history.jobs.map(\.id)).union(ends.keys)
        return known.sorted().flatMap { job -> [HistoryViolation] in
            let count = ends[job]?.count ?? 0
            if history.unfinished.contains(job) { return [.unfinished(job: job)] }
            return count == 1 ? [] : [.endedTimes(job: job, count)]
        }
    }

    private func recordedTwice() -> [HistoryViolation] {
        Dictionary(grouping: history.attempts, by: \.id).filter { $0.value.count > 1 }
            .sorted { $0.key < $1.key }.map { .attemptRecordedTimes(attempt: $0.key, $0.value.count) }
    }

    private func overlaps() -> [HistoryViolation] {
        attempts.sorted { $0.key < $1.key }.flatMap { job, attempts in
            zip(attempts, attempts.dropFirst()).filter { $1.startedAt < $0.endedAt }.map { first, second in
                HistoryViolation.overlap(job: job, first: first.id, second: second.id)
            }
        }
    }

    private func endsWithoutCause() -> [HistoryViolation] {
        history.ends.flatMap { end -> [HistoryViolation] in
            let last = attempts[end.job]?.last
            if let last, last.startedAt >= end.at { return [.attemptAfterEnd(job: end.job, attempt: last.id)] }
            let isCaused =
                switch end.state {
                case "done": last?.outcome == "done"
                case "failed" where end.outcome == "poison": ["worker_lost", "overdue"].contains(last?.outcome)
                case "failed": last?.outcome == "failed"
                // Also by an order, while it waited or after its worker was lost; see `cancelledUnasked`.
                case "cancelled": true
                default: false
                }
            return isCaused ? [] : [.endWithoutCause(job: end.job, state: end.state)]
        }
    }

    /// A job may be finished several times and still end once.
    ///
    /// Whoever finishes it while its wish grows has it look again: each finishing attempt but the last is right exactly
    /// if the wish grew while it ran.
    private func finishedInVain() -> [HistoryViolation] {
        let growths = Dictionary(grouping: history.growths, by: \.job)
        return attempts.sorted { $0.key < $1.key }.flatMap { job, attempts in
            attempts.dropLast().filter { attempt in
                let window = (attempt.startedAt - Self.openTransaction_us)...attempt.endedAt
                return ["done", "failed"].contains(attempt.outcome)
                    && !(growths[job] ?? []).contains { window.contains($0.at) }
            }
            .map { HistoryViolation.finishedInVain(job: job, attempt: $0.id) }
        }
    }

    /// Refused as stale is right only for an attempt that was taken from its worker before.
    private func staleApplied() -> [HistoryViolation] {
        let outcomes = Dictionary(history.attempts.map { ($0.id, $0.outcome) }) { first, _ in first }
        return history.stale.filter { stale in
            !["worker_lost", "overdue", "released", "cancelled"].contains(outcomes[stale.attempt])
        }
        .map { .staleApplied(attempt: $0.attempt) }
    }

    /// Counts each lane's attempts at every moment one begins; one that ends at that moment runs no more.
    private func limitsExceeded() -> [HistoryViolation] {
        let lanes = Dictionary(history.jobs.map { ($0.id, $0.lane) }) { first, _ in first }
        let byLane = Dictionary(grouping: history.attempts) { lanes[$0.job] ?? "" }
        return history.limits.sorted { $0.key < $1.key }.flatMap { lane, limit -> [HistoryViolation] in
            let steps = (byLane[lane] ?? []).flatMap { [($0.startedAt, 1), ($0.endedAt, -1)] }
            var running = 0
            return steps.sorted { ($0.0, $0.1) < ($1.0, $1.1) }.compactMap { moment, step in
                running += step
                guard step > 0, running > limit else { return nil }
                return .limitExceeded(lane: lane, at: moment, running: running, limit: limit)
            }
        }
    }

    private func batchesMiscounted() -> [HistoryViolation] {
        history.batches.filter { batch in
            let states = history.jobs.filter { $0.batch == batch.id }.map { ends[$0.id]?.first?.state ?? "unfinished" }
            let counted = Dictionary(grouping: states) { $0 }.mapValues(\.count)
            return batch.total != states.count || batch.states != counted
        }
        .map { .batchMiscounted(batch: $0.id) }
    }

    private func cancelledUnasked() -> [HistoryViolation] {
        history.ends.filter { $0.state == "cancelled" && !history.cancelOrders.contains($0.job) }
            .map { .cancelledUnasked(job: $0.job) }
    }
}
