import Foundation
import JobQueue

/// What `usher provider status` prints.
struct ProviderStatusReport: Report {
    let status: ProviderStatus

    func encode(to encoder: any Encoder) throws { try status.encode(to: encoder) }

    func lines(on terminal: Terminal) -> [String] {
        let errors = status.errors.isEmpty ? ["no failed calls"] : errorTable.lines(on: terminal)
        let budgets =
            status.budgets.isEmpty ? ["no budgets yet: no worker has started"] : budgetTable.lines(on: terminal)
        let events = status.events.isEmpty ? [] : [""] + eventTable.lines(on: terminal)
        return facts.lines(on: terminal) + [""] + budgets + [""] + errors + events
    }

    private var facts: FactList {
        var facts = FactList()
        let breaker = status.breaker
        facts.add("breaker", "\(breaker.state.word) for \(Span(from: breaker.since))", breaker.state.tone)
        facts.add("why", breaker.reason)
        if !breaker.state.letsWork {
            facts.add("next probe", breaker.until.map { "in \(Span(from: Date(), to: $0))" } ?? "none: opened by hand")
            facts.add("failed probes", "\(breaker.failedProbes)")
        }
        if breaker.state == .ramping { facts.add("rate", "\(Int(breaker.share * 100)) % of the whole") }
        if breaker.signs > 0 { facts.add("signs", "\(breaker.signs) of \(breaker.threshold) that open it") }
        for budget in status.budgets {
            guard let until = budget.blockedUntil, until > Date() else { continue }
            let reason = budget.blockedReason ?? "no reason given"
            facts.add("stopped", "\(budget.name), for \(Span(from: Date(), to: until)) more: \(reason)", .warning)
        }
        facts.add("quota", status.quota.map(\.text) ?? "not read yet; usher doctor reads it")
        return facts
    }

    private var budgetTable: TextTable {
        var table = TextTable(
            ["BUDGET", "LIMIT", "USED", "BY OTHERS", "LEFT", "AT ONCE", "RESERVE", "PROVIDER SAYS"],
            rightAligned: ["USED", "BY OTHERS", "LEFT", "AT ONCE", "RESERVE"]
        )
        for budget in status.budgets {
            let window = Double(budget.windowMilliseconds) / 1000
            let told = budget.toldLeft.map { left in
                "\(left) left" + (budget.toldAt.map { ", \(Span(from: $0)) ago" } ?? "")
            }
            table.append([
                .init(budget.name), .init("\(budget.quota) in \(window.withOneDecimal) s"), .init("\(budget.used)"),
                .init("\(budget.usedByOthers)"), .init("\(budget.left)"), .init("\(budget.now)"),
                .init("\(budget.reserveLeft) of \(budget.reserve)"), .init(told),
            ])
        }
        return table
    }

    private var errorTable: TextTable {
        var table = TextTable(
            ["ERROR", "COUNT", "LAST", "CALL", "TENANT", "MESSAGE"],
            rightAligned: ["COUNT", "LAST"]
        )
        for error in status.errors {
            table.append([
                .init(error.errorClass), .init("\(error.count)"), .init(Span(from: error.lastAt).description),
                .init(error.call), .init(error.tenant), .init(error.message),
            ])
        }
        return table
    }

    private var eventTable: TextTable {
        var table = TextTable(["BREAKER", "AGO", "BY", "WHY"], rightAligned: ["AGO"])
        for event in status.events {
            let cells: [TextTable.Cell] = [
                .init(event.event), .init(Span(from: event.at).description), .init(event.author), .init(event.reason),
            ]
            table.append(cells)
        }
        return table
    }
}

extension BreakerState {
    /// The state for people.
    var word: String { self == .halfOpen ? "half open" : rawValue }

    var tone: Tone {
        switch self {
        case .closed: .good
        case .ramping: .warning
        case .open, .halfOpen: .bad
        }
    }
}

extension ProviderStatus.Quota {
    fileprivate var text: String {
        let cap = hardCap.map { ", at most \($0)" } ?? ""
        return "\(used) of \(allocated) hostnames\(cap); read \(Span(from: readAt)) ago"
    }
}
