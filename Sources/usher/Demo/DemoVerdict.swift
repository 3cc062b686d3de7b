import Simulator
import TLSPolicy

/// What one row of the input came to, as the database and the provider tell it.
struct DemoResult: Sendable {
    var row: OnboardingRow
    /// The SQLSTATE of a row that was refused when it was queued.
    var refusal: String?
    /// `usher.hostname.standing`; `nil` if nothing is stored for this tenant and name.
    var standing: String?
    var actor: String?
    var message: String?
    /// The policy the database says is in force.
    var policy: TierPolicy?
    /// What handshakes last showed of that policy.
    var proof: String?
}

extension DemoResult {
    /// Whether the row ended as the file says it should; `nil` if so, else what is wrong.
    func mismatch(with provider: SimulatedZone) -> String? {
        let hostname = provider.hostnames[name: row.hostname.ascii]
        switch row.expectation {
        case .refused(let code):
            return refusal == code ? nil : "expected refusal \(code), got \(refusal ?? standing ?? "nothing")"
        case .infeasible:
            if standing != "refused" { return "expected refused, got \(standing ?? refusal ?? "nothing")" }
            return hostname == nil ? nil : "infeasible, but the provider has it"
        case .waitingTenant:
            return standing == "waiting" && actor == "tenant" ? nil : "expected waiting for the tenant, got \(shown)"
        case .partial:
            return standing == "partial" ? providerMismatch(hostname, provider) : "expected partial, got \(shown)"
        case .enforced, .duplicate, nil:
            return standing == "enforced" ? providerMismatch(hostname, provider) : "expected enforced, got \(shown)"
        }
    }

    private var shown: String {
        [standing ?? refusal ?? "nothing", actor.map { "(\($0) to act)" }].compactMap(\.self).joined(separator: " ")
    }

    /// The provider's own state against the policy, worked out here apart from the worker's code.
    private func providerMismatch(_ hostname: SimulatedHostname?, _ zone: SimulatedZone) -> String? {
        guard let policy else { return "no policy is recorded" }
        guard proof == "proved" else { return "handshakes have not shown it: \(proof ?? "no evidence")" }
        guard let served = hostname?.certificate?.inForce else { return "the provider does not serve it" }
        let minimum = max(policy.minimumTLS ?? .v1_0, row.wish.minimumTLS ?? .v1_0)
        let isPromised = policy.minimumTLS != nil || row.wish.minimumTLS != nil
        if isPromised && served.settings.minimumTLS != minimum.rawValue {
            return "minimum TLS is \(served.settings.minimumTLS ?? "unset") at the provider, not \(minimum)"
        }
        let list = row.wish.ciphers ?? policy.ciphers?.map(\.name)
        let wanted = minimum == .v1_3 ? nil : list.map(Set.init)
        let found = served.settings.ciphers.map(Set.init) ?? []
        if let wanted, found != wanted { return "\(found.count) cipher suites at the provider, not \(wanted.count)" }
        if minimum == .v1_3 && !found.isEmpty { return "a cipher list stands beside a minimum of TLS 1.3" }
        if row.wish.customCertificate == served.uploads.isEmpty { return "another kind of certificate is served" }
        return nil
    }
}
