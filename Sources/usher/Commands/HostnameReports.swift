import Foundation
import Onboarding

/// What `usher hostname list` prints.
struct HostnameListReport: Report {
    let hostnames: [HostnameSummary]

    func lines(on terminal: Terminal) -> [String] {
        guard !hostnames.isEmpty else { return ["no hostnames"] }
        var table = TextTable(["HOSTNAME", "TENANT", "TIER", "STANDING", "POLICY", "ACTOR", "MESSAGE"])
        for hostname in hostnames {
            table.append([
                .init(hostname.hostname), .init(hostname.tenant), .init(hostname.tier),
                .init(hostname.standing, standingTone(hostname.standing)), .init(hostname.appliedPolicy),
                .init(hostname.actor), .init(hostname.message),
            ])
        }
        return table.lines(on: terminal)
    }
}

/// What `usher hostname get` prints.
struct HostnameDetailReport: Report {
    let hostname: HostnameReport
    let conditions: [HostnameCondition]
    let dnsRecords: [DNSRecord]
    /// What was ever decided for this hostname, the newest first.
    let overrides: [OverrideRecord]
    /// What handshakes last showed.
    let evidence: EvidenceReport?

    init(_ hostname: HostnameReport, _ overrides: [OverrideRecord], _ evidence: EvidenceReport?) {
        self.hostname = hostname
        self.overrides = overrides
        self.evidence = evidence
        conditions = HostnameCondition.all(of: hostname, evidence)
        dnsRecords = hostname.validation.map(DNSRecord.all) ?? []
    }

    func lines(on terminal: Terminal) -> [String] {
        var facts = FactList()
        facts.add("hostname", hostname.hostname)
        facts.add("tenant", "\(hostname.tenant) on \(hostname.tier)@\(hostname.revision)")
        facts.add("standing", hostname.standing, standingTone(hostname.standing))
        facts.add("message", hostname.message)
        facts.add("who must act", hostname.actor ?? "nobody")
        facts.add("applied", applied)
        facts.add("provider", provider)
        facts.add("live job", hostname.jobID.map { "\($0)" })
        return facts.lines(on: terminal) + [""] + conditionTable.lines(on: terminal) + overrideLines(on: terminal)
            + recordLines(on: terminal)
    }

    private func overrideLines(on terminal: Terminal) -> [String] {
        guard !overrides.isEmpty else { return [] }
        var table = TextTable(["OVERRIDE", "STATE", "UNTIL", "BY", "REASON", "ENDED"])
        for override in overrides { table.append([.init(override.settings)] + override.history.cells) }
        return [""] + table.lines(on: terminal)
    }

    private var applied: String? {
        guard let policy = hostname.appliedPolicy, let time = hostname.appliedAt else { return nil }
        return "\(policy), \(Span(from: time)) ago"
    }

    private var provider: String? {
        guard let observed = hostname.observed, let time = hostname.observedAt else { return nil }
        let states = "status \(observed.status ?? "?"), certificate \(observed.certificateStatus ?? "?")"
        return "\(observed.providerID), \(states), seen \(Span(from: time)) ago"
    }

    private var conditionTable: TextTable {
        var table = TextTable(["CONDITION", "STATUS", "REASON", "MESSAGE"])
        for condition in conditions {
            table.append([
                .init(condition.type), .init(condition.status.rawValue, condition.status.tone),
                .init(condition.reason), .init(condition.message),
            ])
        }
        return table
    }

    private func recordLines(on terminal: Terminal) -> [String] {
        let isServed = ["enforced", "partial"].contains(hostname.standing)
        guard !dnsRecords.isEmpty, !isServed else { return [] }
        var table = TextTable(["TYPE", "NAME", "VALUE"])
        for record in dnsRecords {
            table.append([.init(record.type), .init(record.name), .init(record.value)])
        }
        let seen = hostname.validationSeenAt.map { ", first seen \(Span(from: $0)) ago" } ?? ""
        return ["", "Records the tenant must set\(seen):"] + table.lines(on: Terminal(width: nil, hasColour: false))
    }
}

extension OverrideRecord {
    fileprivate var settings: String {
        let settings: [String?] = [
            minimumTLS.map { "min_tls \($0)" }, ciphers.map { counted($0.count, "cipher suite") },
            tls13.map { "tls_1_3 \($0)" },
        ]
        return settings.compactMap(\.self).joined(separator: ", ")
    }
}

/// What a hostname's standing means to somebody who looks for trouble.
func standingTone(_ standing: String) -> Tone {
    switch standing {
    case "enforced": .good
    case "partial", "waiting": .warning
    case "unverified", "refused", "failed": .bad
    default: .plain
    }
}
