import Foundation
import Onboarding
import TLSPolicy

/// What `usher tier validate` prints.
struct TierFileReport: Report {
    let tiers: [String]

    func lines(on terminal: Terminal) -> [String] {
        ["\(counted(tiers.count, "tier")), no problems: \(tiers.joined(separator: ", "))"]
    }
}

/// What `usher tier apply` prints.
struct TierChangeReport: Report {
    let tiers: [TierChange]

    func lines(on terminal: Terminal) -> [String] {
        tiers.map { change in
            let mark = !change.changed ? "=" : change.previous == nil ? "+" : "~"
            let before = change.previous.map { " ← \(change.tier)@\($0)" } ?? ""
            let text = "\(mark) \(change.tier)@\(change.revision)\(change.changed ? before : " unchanged")"
            return terminal.painted(text, change.changed ? .good : .faint)
        }
    }
}

/// What `usher tier list` prints.
struct TierListReport: Report {
    let tiers: [TierRecord]

    func lines(on terminal: Terminal) -> [String] {
        guard !tiers.isEmpty else { return ["no tiers; see usher tier apply"] }
        var table = TextTable(
            ["TIER", "PROFILE", "MIN TLS", "CIPHERS", "TLS 1.3", "CERT", "WEIGHT", "RUNNING", "HOSTNAMES", "TENANTS"],
            rightAligned: ["WEIGHT", "RUNNING", "HOSTNAMES", "TENANTS"]
        )
        for tier in tiers {
            let policy = tier.policy
            table.append([
                .init("\(tier.tier)@\(tier.revision)"), .init(policy.profile),
                .init(policy.minimumTLS?.rawValue ?? "(zone)"),
                .init(policy.cipherSummary), .init(policy.tls13?.rawValue ?? "(zone)"),
                .init(policy.customCertificate.rawValue), .init("\(policy.weight)"), .init("\(policy.limits.running)"),
                .init(policy.limits.hostnames.map { "\($0)" } ?? "∞"), .init("\(tier.tenants)"),
            ])
        }
        return table.lines(on: terminal)
    }
}

/// What `usher tier get` prints.
struct TierDetailReport: Report {
    let tier: TierRecord

    func encode(to encoder: any Encoder) throws { try tier.encode(to: encoder) }

    func lines(on terminal: Terminal) -> [String] {
        let policy = tier.policy
        var facts = FactList()
        facts.add("tier", "\(tier.tier)@\(tier.revision)\(tier.isCurrent ? "" : " (not the current revision)")")
        facts.add("profile", policy.profile ?? "none")
        facts.add("minimum TLS", policy.minimumTLS?.rawValue ?? "not set: the zone's applies")
        facts.add("ciphers", policy.ciphers?.map(\.name).joined(separator: " ") ?? policy.cipherSummary)
        facts.add("TLS 1.3", policy.tls13?.rawValue ?? "not set: as the zone has it")
        facts.add("HTTP/2", policy.http2?.rawValue)
        facts.add("early hints", policy.earlyHints?.rawValue)
        facts.add("own certificate", policy.customCertificate.rawValue)
        facts.add("wildcards", policy.wildcard.summary)
        facts.add("client certificates", policy.mutualTLS ? "allowed" : "not allowed")
        facts.add("certificate authority", policy.certificateAuthority?.rawValue)
        facts.add("certificate days", policy.minimumCertificateDays.map { "at least \($0) left of a tenant's own" })
        facts.add("weight", "\(policy.weight)")
        facts.add("running at once", "\(policy.limits.running)")
        facts.add("hostnames", policy.limits.hostnames.map { "at most \($0)" } ?? "no limit")
        facts.add("pending jobs", policy.limits.pending.map { "at most \($0)" } ?? "no limit")
        facts.add("downgrade", policy.downgrade?.summary)
        facts.add("rollout", policy.rollout?.summary)
        facts.add("guards", policy.guards?.summary)
        for window in policy.windows ?? [] { facts.add("window", "\(window)") }
        facts.add("tenants", "\(tier.tenants)")
        facts.add("stored", "\(tier.createdAt.formatted(.iso8601)) by \(tier.author): \(tier.reason)")
        facts.add("checksum", tier.checksum)
        return facts.lines(on: terminal)
    }
}

extension TierPolicy {
    /// How many suites are allowed, or whose choice they are.
    fileprivate var cipherSummary: String {
        if let ciphers { return "\(ciphers.count)" }
        return minimumTLS == .v1_3 ? "(TLS 1.3)" : "(zone)"
    }
}

extension DowngradePlan {
    fileprivate var summary: String {
        let notices = notifyDays.isEmpty ? "" : ", told on days \(notifyDays.map { "\($0)" }.joined(separator: " "))"
        let ends = [
            "own certificate \(customCertificate.rawValue)", "client certificates \(mutualTLS.rawValue)",
            "minimum \(minimumTLS.rawValue)", "ciphers \(ciphers.rawValue)", "wildcard \(wildcard.rawValue)",
        ].joined(separator: ", ")
        return "after \(graceDays) days\(notices): \(ends)"
    }
}

extension RolloutSteps {
    fileprivate var summary: String {
        let halt =
            "\(onHalt.rawValue) at \(haltOn.failedPercent)% failed of \(haltOn.minimumSample) or more, "
            + "or \(haltOn.failedHandshakes) without handshake"
        return "\(steps.map(\.description).joined(separator: ", ")), \(soakMinutes) minutes each; \(halt)"
    }
}

extension Guards {
    fileprivate var summary: String {
        "at most \(maximumChangePercent)% changed and \(maximumDeletePercent)% deleted at once, "
            + "from \(minimumPopulation) hostnames on"
    }
}

extension WildcardRule {
    fileprivate var summary: String {
        switch self {
        case .reject: "refused"
        case .directOnly: "allowed; the promise covers the direct name only"
        case .requireZoneMinimum(let version): "allowed if the zone requires TLS \(version) or more"
        }
    }
}
