import Foundation
import JobQueue

/// What `usher job list` prints.
struct JobListReport: Report {
    let jobs: [JobSummary]

    func lines(on terminal: Terminal) -> [String] {
        guard !jobs.isEmpty else { return ["no jobs"] }
        var table = TextTable(
            ["ID", "HOSTNAME", "TENANT", "TIER", "STATE", "ATT", "NEXT", "AGE", "ACTOR", "REASON"],
            rightAligned: ["ID", "ATT", "NEXT", "AGE"]
        )
        let now = Date()
        for job in jobs {
            table.append([
                .init("\(job.jobID)"), .init(job.hostname), .init(job.tenant), .init(job.tier),
                .init(job.state.rawValue, job.state.tone), .init("\(job.attempts)"),
                .init(job.dueAt.map { Span(from: now, to: $0).description }),
                .init(Span(from: job.enqueuedAt, to: job.endedAt ?? now).description),
                .init(job.actor), .init(reason(of: job)),
            ])
        }
        return table.lines(on: terminal)
    }

    private func reason(of job: JobSummary) -> String? {
        let words = [job.errorClass ?? job.reason, job.code, job.message].compactMap(\.self)
        return words.isEmpty ? nil : words.joined(separator: ": ")
    }
}

/// What `usher job get` prints.
struct JobDetailReport: Report {
    let job: JobReport

    func encode(to encoder: any Encoder) throws { try job.encode(to: encoder) }

    func lines(on terminal: Terminal) -> [String] {
        var facts = FactList()
        facts.add("job", "\(job.jobID)")
        facts.add("hostname", job.hostname)
        facts.add("tenant", job.tenant)
        facts.add("state", job.state.rawValue, job.state.tone)
        facts.add("reason", job.reason)
        facts.add("error", [job.errorClass, job.code].compactMap(\.self).joined(separator: " "))
        facts.add("message", job.message)
        facts.add("who must act", job.actor)
        facts.add("batch", job.batchID.map { "\($0)" })
        facts.add("replay of", job.replayOf.map { "job \($0)" })
        facts.add("replayed by", job.replayedBy.map { "job \($0)" })
        facts.add("enqueued", job.enqueuedAt.formatted(.iso8601))
        facts.add("next look", job.dueAt?.formatted(.iso8601))
        facts.add("ended", job.endedAt?.formatted(.iso8601))
        let attempts = job.history ?? []
        return facts.lines(on: terminal) + (attempts.isEmpty ? [] : [""] + table(attempts).lines(on: terminal))
    }

    private func table(_ attempts: [JobReport.Attempt]) -> TextTable {
        var table = TextTable(
            ["#", "STARTED", "TOOK", "WORKER", "CALLS", "OUTCOME", "WHY"],
            rightAligned: ["#", "TOOK", "WORKER", "CALLS"]
        )
        for attempt in attempts {
            let why = [attempt.errorClass ?? attempt.reason, attempt.code, attempt.message].compactMap(\.self)
            table.append([
                .init("\(attempt.number)"), .init(attempt.startedAt.formatted(.iso8601)),
                .init(Span(from: attempt.startedAt, to: attempt.endedAt).description), .init("\(attempt.workerID)"),
                .init("\(attempt.providerCalls)"), .init(attempt.outcome),
                .init(why.isEmpty ? nil : why.joined(separator: ": ")),
            ])
        }
        return table
    }
}

extension JobState {
    /// What the state means to somebody who looks for trouble.
    var tone: Tone {
        switch self {
        case .done: .good
        case .failed, .misplaced: .bad
        case .retrying, .waiting: .warning
        case .cancelled: .faint
        case .ready, .running: .plain
        }
    }
}
