import TLSPolicy

/// What the demo prints in the end.
struct DemoReport: Report {
    /// Provider calls for each newly onboarded hostname, in the part where the provider behaved.
    let callsPerHostname: Double
    /// Provider calls in all.
    let providerCalls: Int
    /// Answers with status 429.
    let throttled: Int
    /// Hostnames claimed.
    let hostnames: Int
    let enforced: Int
    /// Hostnames of which handshakes with the edge have shown what their policy promises.
    let proved: Int
    let notEnforced: [NotEnforced]
    /// Rows that did not end as the file says they should; empty if all did.
    let unexpected: [Unexpected]
    /// Edits that would have restarted a validation for nothing.
    let equalPatches: Int
    let workersKilled: Int
    let attemptsRescued: Int
    let staleSettlements: Int
    let misplacedJobs: Int
    let replayed: Int
    let movedTenant: String
    let seconds: Double
    let tenants: [Tenant]

    /// A row that is not enforced, and who must act.
    struct NotEnforced: Encodable {
        let hostname: String
        let tenant: String
        let state: String
        let actor: String
        let reason: String
    }

    struct Unexpected: Encodable {
        let hostname: String
        let tenant: String
        let reason: String
    }

    struct Tenant: Encodable {
        let tenant: String
        let tier: String
        let hostnames: Int
        let enforced: Int
        let partial: Int
        let waiting: Int
        let refused: Int
        let failed: Int
    }

    var isAsExpected: Bool { unexpected.isEmpty && misplacedJobs == 0 && equalPatches == 0 }

    func lines(on terminal: Terminal) -> [String] {
        tenantLines(on: terminal) + [""] + notEnforcedLines(on: terminal) + [""] + figureLines(on: terminal)
    }

    private func tenantLines(on terminal: Terminal) -> [String] {
        let counts = ["HOSTNAMES", "ENFORCED", "PARTIAL", "WAITING", "REFUSED", "FAILED"]
        var table = TextTable(["TENANT", "TIER"] + counts, rightAligned: Set(counts))
        for tenant in tenants {
            let numbers = [
                tenant.hostnames, tenant.enforced, tenant.partial, tenant.waiting, tenant.refused, tenant.failed,
            ]
            table.append([.init(tenant.tenant), .init(tenant.tier)] + numbers.map { .init($0 == 0 ? "·" : "\($0)") })
        }
        return table.lines(on: terminal)
    }

    private func notEnforcedLines(on terminal: Terminal) -> [String] {
        var table = TextTable(["NOT ENFORCED", "TENANT", "STATE", "WHO MUST ACT", "WHY"])
        for row in notEnforced {
            let tone: Tone = row.state == "partial" ? .plain : .warning
            let cells: [TextTable.Cell] = [
                .init(row.hostname), .init(row.tenant), .init(row.state, tone), .init(row.actor), .init(row.reason),
            ]
            table.append(cells)
        }
        return table.lines(on: terminal)
    }

    private func figureLines(on terminal: Terminal) -> [String] {
        let good = "Every hostname ended as the file says, and the provider's state equals the policy."
        let bad = "\(unexpected.count) hostnames did not end as expected:"
        let verdict = isAsExpected ? terminal.painted(good, .good) : terminal.painted(bad, .bad)
        return [
            "Provider calls: \(providerCalls), \(callsPerHostname) for each new hostname while the provider behaved. "
                + "429s: \(throttled).",
            "Workers killed: \(workersKilled); attempts taken over: \(attemptsRescued); "
                + "stale settlements: \(staleSettlements); needless edits: \(equalPatches).",
            "Jobs replayed: \(replayed). Tenant moved up a tier: \(movedTenant).",
            "Proved by handshakes with the edge: \(proved) hostnames. Time: \(seconds) s.",
            verdict,
        ] + unexpected.map { "  \($0.hostname) (\($0.tenant)): \($0.reason)" }
    }
}
