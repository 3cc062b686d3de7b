import Onboarding
import TLSPolicy

/// What `usher plan` prints for people; programs get the document itself.
struct PlanReport {
    let document: PlanDocument

    func lines(on terminal: Terminal) -> [String] {
        let summary = document.head.summary
        let rows = document.rows.flatMap { $0.lines(on: terminal) }
        return [header(terminal), ""] + rows + unchanged(summary, terminal)
            + summary.lines(document.head.effectiveGuards, on: terminal)
    }

    private func header(_ terminal: Terminal) -> String {
        let head = document.head
        let policies = head.policies.isEmpty ? "none" : head.policies.joined(separator: ", ")
        let zone = head.zone.map { "min \($0.minimumTLS)" } ?? "never read, the provider's defaults taken"
        let text = "plan  policy \(policies)  zone \(zone)  checksum \(document.checksum.prefix(12))"
        return terminal.painted(text, .strong)
    }

    private func unchanged(_ summary: PlanSummary, _ terminal: Terminal) -> [String] {
        let count = summary.unchanged - document.rows.filter { $0.action == .unchanged }.count
        return count == 0 ? [] : [terminal.painted("  = \(count.grouped) unchanged", .faint), ""]
    }
}

extension PlanSummary {
    /// The counts, the share against its limit, and what the provider is asked for.
    fileprivate func lines(_ guards: Guards, on terminal: Terminal) -> [String] {
        var counts = [
            "\(create.grouped) to create", "\(change.grouped) to change", "\(unchanged.grouped) unchanged",
            "\(wait.grouped) waiting", "\(refuse.grouped) refused", "\(approve.grouped) need approval",
        ]
        if partial > 0 { counts.append("\(partial.grouped) covered in part") }
        let excess = share.exceeds(guards) ? ", exceeded" : ""
        let limit = "limit \(guards.maximumChangePercent) %\(excess)"
        let share = "\(share.percent.withOneDecimal) % of \(population.grouped) (\(limit))."
        let total = "Plan: \(counts.joined(separator: ", ")). \(share)"
        return [terminal.painted(total, .strong), cost.line]
    }
}

extension PlanCost {
    fileprivate var line: String {
        guard writes > 0 else { return "Budget: no calls." }
        let sum = [counted(writes, "write"), counted(reads, "read"), counted(pages, "list page")]
        let calls = "\(sum.joined(separator: " + ")): at least \(Span(callTime)) at 1,200 calls in 5 minutes"
        guard certificates > 0 else { return "Budget: \(calls). No new certificates." }
        let issued = counted(certificates, "new certificate")
        return "Budget: \(calls); \(issued): at least \(Span(certificateTime)) at 15 a minute. Together \(Span(time))."
    }

    private func counted(_ count: Int, _ noun: String) -> String { "\(count.grouped) \(noun)\(count == 1 ? "" : "s")" }
}

extension PlanRow {
    private static let nameWidth = 32
    private static let indent = "      "

    fileprivate func lines(on terminal: Terminal) -> [String] {
        let (mark, tone) = mark
        let title = "  \(mark) " + hostname.padded(to: Self.nameWidth) + "  tenant \(tenant)  \(basis.policy)"
        var lines = [terminal.painted(title, tone)]
        lines += changes.map { Self.indent + $0.line(of: action, on: terminal) }
        if !kept.isEmpty {
            let list = kept.map { "\($0.key) \($0.value)".onOneLine }.joined(separator: ", ")
            lines.append(Self.indent + terminal.painted("(kept) \(list)  not ours", .faint))
        }
        lines += reasons.map { Self.indent + "\($0.message) (\($0.actor.rawValue) must act)".onOneLine }
        if let partial { lines.append(Self.indent + "? \(partial)".onOneLine) }
        return lines + [""]
    }

    private var mark: (String, Tone) {
        switch action {
        case .create: ("+", .good)
        case .change: ("~", .warning)
        case .approve: ("!", .bad)
        case .refuse: ("x", .bad)
        case .wait: (".", .faint)
        case .unchanged: partial == nil ? ("=", .faint) : ("?", .warning)
        }
    }
}

extension PlannedChange {
    private static let keyWidth = 16

    fileprivate func line(of action: PlanAction, on terminal: Terminal) -> String {
        let mark = kind == .weaken ? terminal.painted("WEAKENS ", .bad) : ""
        let values = action == .create ? Self.text(key, after) : Self.text(key, from: before, to: after)
        let text = "\(key.rawValue.padded(to: Self.keyWidth)) \(mark)\(values.onOneLine)"
        return text + terminal.painted("   \(reason.onOneLine)", .faint)
    }

    private static func text(_ key: SettingKey, _ value: String?) -> String {
        guard let value else { return "(not set)" }
        return key == .ciphers ? "[\(value.split(separator: " ").count)]" : "\"\(value)\""
    }

    /// Two values of a key; of two lists their lengths, with what is lost and what is gained.
    static func text(_ key: SettingKey, from before: String?, to after: String?) -> String {
        let text = "\(self.text(key, before)) -> \(self.text(key, after))"
        guard key == .ciphers, let before, let after else { return text }
        let old = before.split(separator: " ")
        let new = after.split(separator: " ")
        let lost = old.filter { !new.contains($0) }.map { " -\($0)" }
        let gained = new.filter { !old.contains($0) }.map { " +\($0)" }
        return text + (lost + gained).joined()
    }
}
