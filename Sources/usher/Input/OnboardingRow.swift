package import TLSPolicy

/// One hostname that a batch file asks to be onboarded.
package struct OnboardingRow: Hashable, Sendable {
    package let tenant: String
    package let tier: String
    /// In canonical form: lower-case A-labels, no trailing dot.
    package let hostname: Hostname
    package let wish: HostnameWish
    /// 0…9; higher goes first among the same tenant's jobs.
    package let priority: Int
    /// How the demo must see this hostname end; `nil` if the file does not say.
    package let expectation: Expectation?
    /// Line of the file the row starts on.
    package let line: Int
}

/// How a hostname of the demo's input must end.
package enum Expectation: Hashable, Sendable {
    /// The provider's state equals the policy.
    case enforced
    /// As ``enforced``, for the direct name only: children of a wildcard take the zone's settings.
    case partial
    /// Waits for the tenant's DNS records.
    case waitingTenant
    /// Refused when enqueued, with this SQLSTATE.
    case refused(code: String)
    /// Refused by the policy before any call.
    case infeasible
    /// The same hostname of the same tenant was given before: one job serves both.
    case duplicate
}

extension Expectation: LosslessStringConvertible {
    private static let words: [(String, Expectation)] = [
        ("enforced", .enforced), ("partial", .partial), ("waiting_tenant", .waitingTenant),
        ("infeasible", .infeasible), ("duplicate", .duplicate),
    ]

    /// Every accepted spelling, for messages.
    static let spellings = words.map(\.0) + ["refused:UE and three digits"]

    /// Reads the spelling of a batch file, such as `enforced` or `refused:UE001`.
    package init?(_ text: String) {
        if let known = Self.words.first(where: { $0.0 == text }) {
            self = known.1
        } else if let code = text.wholeMatch(of: /refused:(UE[0-9]{3})/)?.1 {
            self = .refused(code: String(code))
        } else {
            return nil
        }
    }

    package var description: String {
        if case .refused(let code) = self { return "refused:\(code)" }
        return Self.words.first { $0.1 == self }?.0 ?? ""
    }
}
