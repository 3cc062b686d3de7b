import Foundation
import JobQueue

extension ReplayPreview {
    /// What a person checks before the order: the scope as it was understood, and what is in it.
    var notes: [String] {
        let breakdown = counts(errors)
        let inside = replayed == 0 ? [] : ["  \(breakdown); of \(counted(tenants, "tenant"))"]
        let aside = causes.isEmpty ? [] : ["  left alone: \(counts(causes))"]
        return ["scope: \(scope)"] + inside + aside
    }
}

/// What `usher replay --dry-run` prints.
struct ReplayPreviewReport: Report {
    let preview: ReplayPreview

    func encode(to encoder: any Encoder) throws { try preview.encode(to: encoder) }

    func lines(on terminal: Terminal) -> [String] {
        ["would replay \(jobs(preview.replayed, leaving: preview.superseded))"]
    }
}

/// What `usher replay` prints.
struct StartedReplayReport: Report {
    let replay: StartedReplay

    func encode(to encoder: any Encoder) throws { try replay.encode(to: encoder) }

    func lines(on terminal: Terminal) -> [String] {
        let what = jobs(replay.replayed, leaving: replay.superseded)
        let next = replay.state == "done" ? [] : ["follow it: usher replay status \(replay.replayID)"]
        return ["replay \(replay.replayID), batch \(replay.batchID): \(what); \(replay.state)"] + next
    }
}

/// What `usher replay list` prints.
struct ReplayListReport: Report {
    let replays: [ReplayStatus]

    func lines(on terminal: Terminal) -> [String] {
        guard !replays.isEmpty else { return ["no replays"] }
        var table = TextTable(
            ["ID", "STATE", "JOBS", "QUEUED", "ANSWERED", "FAILED", "AGE", "SCOPE"],
            rightAligned: ["ID", "JOBS", "QUEUED", "ANSWERED", "FAILED", "AGE"]
        )
        for replay in replays {
            table.append([
                .init("\(replay.replayID)"), .init(replay.state, replay.tone), .init(replay.selected.grouped),
                .init(replay.queued.grouped), .init(replay.answered.grouped), .init(replay.failed.grouped),
                .init(Span(from: replay.createdAt).description), .init(replay.scope),
            ])
        }
        return table.lines(on: terminal)
    }
}

/// What `usher replay status` and the words on a replay print.
struct ReplayStatusReport: Report {
    let replay: ReplayStatus

    func encode(to encoder: any Encoder) throws { try replay.encode(to: encoder) }

    func lines(on terminal: Terminal) -> [String] {
        var facts = FactList()
        facts.add("replay", "\(replay.replayID), batch \(replay.batchID)")
        facts.add("state", replay.state, replay.tone)
        facts.add("why", replay.stateReason)
        facts.add("scope", replay.scope)
        facts.add("reason", replay.reason)
        facts.add("plan", replay.plan)
        facts.add("jobs", "\(replay.selected.grouped), \(replay.left.grouped) to be queued")
        facts.add("became of them", replay.items.isEmpty ? nil : counts(replay.items))
        facts.add("left alone", replay.causes.isEmpty ? nil : counts(replay.causes))
        facts.add("failed", "\(replay.failed.grouped) of \(replay.answered.grouped) answered")
        facts.add("ordered", replay.createdAt.formatted(.iso8601))
        facts.add("ended", replay.endedAt?.formatted(.iso8601))
        return facts.lines(on: terminal)
    }
}

extension ReplayStatus {
    fileprivate var plan: String {
        let pace = perMinute.map { ", \($0.grouped) a minute at most" } ?? ""
        return "canary of \(canary)\(pace), halts above \((haltAt * 100).withOneDecimal) % failures"
    }

    /// What the state means to somebody who looks for trouble.
    fileprivate var tone: Tone {
        switch state {
        case "done": failed == 0 ? .good : .warning
        case "halted": .bad
        case "cancelled": .faint
        default: .plain
        }
    }
}

private func jobs(_ count: Int, leaving others: Int) -> String {
    counted(count, "job") + (others == 0 ? "" : ", \(others) left alone")
}

/// `provider_down 9,998 · poison 2`, the most frequent first.
func counts(_ table: [String: Int]) -> String {
    table.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { "\($0.key) \($0.value.grouped)" }
        .joined(separator: " · ")
}
