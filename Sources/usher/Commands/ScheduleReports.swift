import Foundation
import JobQueue

/// What `usher schedule apply` prints.
struct ScheduleChanges: Report {
    struct Row: Encodable {
        let name: String
        let change: String

        init(_ change: ScheduleStore.Change) {
            name = change.name
            self.change = change.change
        }
    }

    let changes: [Row]
    let dryRun: Bool

    func lines(on terminal: Terminal) -> [String] {
        let verb = dryRun ? "would be " : ""
        let width = changes.map(\.name.displayWidth).max() ?? 0
        return changes.map { row in
            let tone: Tone = row.change == "unchanged" ? .faint : row.change == "removed" ? .warning : .good
            let text = row.change == "unchanged" ? row.change : verb + row.change
            return row.name.padded(to: width + 2) + terminal.painted(text, tone)
        }
    }
}

/// What `usher schedule list` prints.
struct ScheduleList: Report {
    let schedule: [ScheduleStatus]

    func lines(on terminal: Terminal) -> [String] {
        guard !schedule.isEmpty else { return ["nothing recurs; see usher schedule apply"] }
        var table = TextTable(["NAME", "WORK", "CRON", "ZONE", "NEXT", "LAST", "CAME OF IT"])
        for entry in schedule {
            let isOff = !entry.enabled || entry.paused != nil
            let next =
                entry.paused.map { "paused: \($0)" } ?? (entry.enabled ? entry.nextAt.formatted(.iso8601) : "off")
            table.append([
                .init(entry.name), .init(entry.work), .init(entry.cron), .init(entry.timezone),
                .init(next, isOff ? .warning : .plain), .init(entry.lastAt?.formatted(.iso8601)),
                .init(entry.outcome, entry.lastState == "failed" ? .bad : .plain),
            ])
        }
        return table.lines(on: terminal)
    }
}

extension ScheduleStatus {
    fileprivate var outcome: String? {
        lastState.map { state in state + (lastMessage.map { ": " + $0 } ?? "") }
    }
}

/// What the other commands under `usher schedule` print.
struct ScheduleRunReport: Report {
    let name: String
    let state: String
    let message: String?

    func lines(on terminal: Terminal) -> [String] {
        ["\(name) \(state)" + (message.map { ": \($0)" } ?? "")]
    }
}
