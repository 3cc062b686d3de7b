import Foundation
import Onboarding
import TLSPolicy

/// What `usher tenant list` prints.
struct TenantListReport: Report {
    let tenants: [TenantSummary]

    func lines(on terminal: Terminal) -> [String] {
        guard !tenants.isEmpty else { return ["no tenants"] }
        var table = TextTable(["TENANT", "TIER", "HOSTNAMES", "GRANTED"], rightAligned: ["HOSTNAMES"])
        for tenant in tenants {
            let granted = tenant.granted.isEmpty ? nil : tenant.granted.joined(separator: ", ")
            table.append([.init(tenant.tenant), .init(tenant.tier), .init("\(tenant.hostnames)"), .init(granted)])
        }
        return table.lines(on: terminal)
    }
}

/// What `usher tenant get` prints.
struct TenantReport: Report {
    let tenant: TenantSummary
    let entitlements: [EntitlementRecord]

    func lines(on terminal: Terminal) -> [String] {
        var facts = FactList()
        facts.add("tenant", tenant.tenant)
        facts.add("tier", tenant.tier)
        facts.add("hostnames", "\(tenant.hostnames)")
        facts.add("known for", "\(Span(from: tenant.createdAt))")
        guard !entitlements.isEmpty else { return facts.lines(on: terminal) }
        var table = TextTable(["GRANTED", "STATE", "UNTIL", "BY", "REASON", "ENDED"])
        for entitlement in entitlements {
            table.append([.init(entitlement.capability)] + entitlement.history.cells)
        }
        return facts.lines(on: terminal) + [""] + table.lines(on: terminal)
    }
}

/// What `usher tenant grant` and `usher tenant revoke` print.
struct EntitlementReport: Report {
    let answer: EntitlementAnswer
    /// What became of the capability.
    let verb: String
    let end: String?

    func encode(to encoder: any Encoder) throws { try answer.encode(to: encoder) }

    func lines(on terminal: Terminal) -> [String] {
        let what = "\(answer.capability.rawValue) is \(verb)\(end.map { " \($0)" } ?? "")"
        return ["\(answer.tenant): \(what); \(counted(answer.jobs, "hostname")) queued"]
    }
}

extension ExceptionHistory {
    /// State, end, who, why, and how it ended.
    var cells: [TextTable.Cell] {
        let ending = endedBy.map { "by \($0): \(endedReason ?? "")" }
        return [
            .init(state, state == "live" ? .warning : .faint), .init(until.map(Self.text)), .init(author),
            .init(reason), .init(ending),
        ]
    }

    private static func text(_ date: Date) -> String {
        moment(Int64(date.timeIntervalSince1970))
    }
}
