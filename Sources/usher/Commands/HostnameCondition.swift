import Cloudflare
package import Onboarding
import TLSPolicy

/// One thing that is true, false or unknown of a hostname, in the manner of Kubernetes' conditions.
package struct HostnameCondition: Hashable, Sendable, Encodable {
    /// Whether it holds.
    package enum Status: String, Hashable, Sendable, Encodable {
        case yes = "True"
        case no = "False"
        case unknown = "Unknown"
    }

    package let type: String
    package let status: Status
    /// One word for programs.
    package let reason: String
    package let message: String?
}

extension HostnameCondition {
    /// The conditions of a claimed hostname, the summary first.
    package static func all(of hostname: HostnameReport, _ evidence: EvidenceReport?) -> [HostnameCondition] {
        [
            ready(hostname), feasible(hostname), applied(hostname), covered(hostname), verified(hostname, evidence),
            observed("HostnameActive", hostname.observed?.status, isGood: HostnameStatus.active.rawValue),
            observed("CertificateIssued", hostname.observed?.certificateStatus, isGood: SSLStatus.active.rawValue),
        ]
    }

    private static func ready(_ hostname: HostnameReport) -> HostnameCondition {
        let isReady = ["enforced", "partial"].contains(hostname.standing)
        let reason = isReady ? "AllMet" : hostname.standing.capitalizedWords
        return HostnameCondition(type: "Ready", status: isReady ? .yes : .no, reason: reason, message: hostname.message)
    }

    private static func feasible(_ hostname: HostnameReport) -> HostnameCondition {
        let status: Status =
            switch hostname.standing {
            case "refused": .no
            case "queued", "failed": .unknown
            default: .yes
            }
        let reasons: [Status: String] = [.no: "Contradiction", .unknown: "NotJudged", .yes: "NoContradiction"]
        return HostnameCondition(type: "PolicyFeasible", status: status, reason: reasons[status] ?? "", message: nil)
    }

    private static func applied(_ hostname: HostnameReport) -> HostnameCondition {
        let (wanted, present) = (hostname.generation, hostname.observedGeneration)
        let inForce = present == wanted
        let reason = inForce ? "ReadBackEqual" : hostname.appliedPolicy == nil ? "NotWritten" : "NotInForceYet"
        let message = inForce ? "generation \(wanted)" : "generation \(wanted) is wanted, \(present) is in force"
        return HostnameCondition(type: "PolicyApplied", status: inForce ? .yes : .no, reason: reason, message: message)
    }

    private static func covered(_ hostname: HostnameReport) -> HostnameCondition {
        switch hostname.standing {
        case "enforced": .init(type: "PolicyCovered", status: .yes, reason: "WholeName", message: nil)
        case "partial":
            .init(
                type: "PolicyCovered",
                status: .no,
                reason: "DirectNameOnly",
                message: "the names below it take the zone's settings"
            )
        default: .init(type: "PolicyCovered", status: .unknown, reason: "NotEnforced", message: nil)
        }
    }

    private static func verified(_ hostname: HostnameReport, _ evidence: EvidenceReport?) -> HostnameCondition {
        func condition(_ status: Status, _ reason: String, _ message: String?) -> HostnameCondition {
            HostnameCondition(type: "PolicyVerified", status: status, reason: reason, message: message)
        }
        guard let evidence else { return condition(.unknown, "NotLookedAt", nil) }
        let when = "\(evidence.policy), seen \(Span(from: evidence.seenAt)) ago at \(evidence.address ?? "no address")"
        let isCurrent =
            evidence.generation == hostname.generation && evidence.policy == "\(hostname.tier)@\(hostname.revision)"
        switch evidence.result {
        case .proved: return condition(isCurrent ? .yes : .unknown, isCurrent ? "Handshakes" : "SinceChanged", when)
        case .mismatch, .unreachable:
            let message = evidence.mismatches.map(\.description).joined(separator: "; ")
            return condition(
                evidence.result == .mismatch ? .no : .unknown,
                "\(evidence.result)".capitalizedWords,
                "\(when): \(message)"
            )
        }
    }

    private static func observed(_ type: String, _ status: String?, isGood: String) -> HostnameCondition {
        guard let status else {
            return HostnameCondition(type: type, status: .unknown, reason: "NotSeen", message: nil)
        }
        let verdict: Status = status == isGood ? .yes : .no
        return HostnameCondition(type: type, status: verdict, reason: status.capitalizedWords, message: nil)
    }
}

extension HostnameCondition.Status {
    var tone: Tone {
        switch self {
        case .yes: .good
        case .no: .bad
        case .unknown: .faint
        }
    }
}

extension String {
    /// `pending_validation` as `PendingValidation`.
    fileprivate var capitalizedWords: String {
        split(separator: "_").map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
    }
}

/// A record the tenant must set, or a page it must serve.
struct DNSRecord: Encodable {
    let type: String
    let name: String
    let value: String

    /// Those of a hostname, the proof of ownership first.
    static func all(_ records: ValidationRecords) -> [DNSRecord] {
        var all: [DNSRecord?] = [
            records.ownershipTXT.map { DNSRecord(type: "TXT", name: $0.name, value: $0.value) },
            records.ownershipHTTP.map { DNSRecord(type: "HTTP", name: $0.url, value: $0.body) },
        ]
        for record in records.certificate {
            all.append(DNSRecord("TXT", record.txtName, record.txtValue))
            all.append(DNSRecord("CNAME", record.cname, record.cnameTarget))
            all.append(DNSRecord("HTTP", record.httpURL, record.httpBody))
        }
        return all.compactMap(\.self)
    }
}

extension DNSRecord {
    fileprivate init?(_ type: String, _ name: String?, _ value: String?) {
        guard let name, let value else { return nil }
        self.init(type: type, name: name, value: value)
    }
}
