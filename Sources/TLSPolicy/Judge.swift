/// Everything that stands against bringing this hostname to its policy; empty if nothing does.
///
/// Judged before any call, and again just before a write, by the same code: certificates end and zones change while
/// work waits. All contradictions are named, not only the first.
///
/// - Parameters:
///   - certificates: The leaf certificates the tenant brought, each with what came with it; at most one for RSA and one
///     for ECDSA keys.
///   - now: Seconds since 1970, by the database's clock.
package func judge(
    _ effective: EffectivePolicy,
    hostname: Hostname,
    certificates: [CertificateFacts] = [],
    capabilities: ProviderCapabilities,
    now: Int64
) -> [Contradiction] {
    let leaves = effective.servesCustomCertificate ? certificates : []
    return effective.findings
        + EdgeJudgement(effective: effective, leaves: leaves).contradictions
        + WildcardJudgement(effective: effective, capabilities: capabilities).contradictions
        + authority(effective, capabilities)
        + commonName(effective, hostname, capabilities)
        + CertificateJudgement(
            effective: effective,
            hostname: hostname,
            leaves: leaves,
            capabilities: capabilities,
            now: now
        ).contradictions
}

/// What contradicts itself in a policy alone, whatever the hostname; for those who write policies.
package func judge(_ policy: TierPolicy) -> [Contradiction] {
    var contradictions: [Contradiction] = []
    if policy.minimumTLS == .v1_3, let list = policy.ciphers, !list.isEmpty {
        contradictions.append(
            Contradiction(
                kind: .ciphersWithMinimum13,
                left: "the policy lists \(list.count) cipher suites",
                right: "its minimum is TLS 1.3, whose suites cannot be chosen",
                remedy: "drop the list, or lower the minimum",
                actor: .operator
            )
        )
    }
    // A zone as wide as can be: what it leaves open is judged with the real one, hostname by hostname.
    let revision = PolicyRevision(tier: "policy", revision: 0, policy: policy)
    let effective = resolve(revision, zone: ZoneSettings(minimumTLS: policy.minimumTLS ?? .v1_2))
    return contradictions + EdgeJudgement(effective: effective, leaves: []).contradictions
}

/// The provider's certificate carries the hostname as its common name, which has 64 characters at most (RFC 5280,
/// upper bound of X.520 common names); for longer ones the provider puts a name of its own there, if it may.
private func commonName(
    _ effective: EffectivePolicy,
    _ hostname: Hostname,
    _ capabilities: ProviderCapabilities
) -> [Contradiction] {
    let length = hostname.ascii.utf8.count
    guard length > Hostname.longestCommonName, !effective.servesCustomCertificate, !capabilities.branding else {
        return []
    }
    return [
        Contradiction(
            kind: .commonNameTooLong,
            left:
                "the provider's certificate for \(hostname) needs a common name, and the name has \(length) characters",
            right: "a common name has \(Hostname.longestCommonName) at most, and the provider's branding is off",
            remedy: "have the provider's branding allowed, choose a shorter name, or bring a certificate",
            actor: .operator
        )
    ]
}

/// The provider's plan against a choice of who issues the certificate.
private func authority(_ effective: EffectivePolicy, _ capabilities: ProviderCapabilities) -> [Contradiction] {
    guard let authority = effective.authority.explicit, !capabilities.authoritySelection else { return [] }
    return [
        Contradiction(
            kind: .authorityNotInPlan,
            left: "\(effective.revision) has certificates issued by \(authority.rawValue)",
            right: "with the provider's plan \(capabilities.plan) the authority cannot be chosen",
            remedy: "have the plan changed, or drop certificate_authority from the tier",
            actor: .operator
        )
    ]
}

/// The plan, the tier and the zone against a wildcard.
private struct WildcardJudgement {
    let effective: EffectivePolicy
    let capabilities: ProviderCapabilities

    var contradictions: [Contradiction] {
        guard effective.isWildcard else { return [] }
        var contradictions: [Contradiction] = []
        if !capabilities.wildcards {
            contradictions.append(
                Contradiction(
                    kind: .wildcardNotInPlan,
                    left: "the hostname asks for a wildcard",
                    right: "the provider's plan \(capabilities.plan) has none",
                    remedy: "have the plan changed, or ask for single names",
                    actor: .operator
                )
            )
        }
        if case .requireZoneMinimum(let floor) = effective.wildcardRule, effective.zone.minimumTLS < floor {
            contradictions.append(
                Contradiction(
                    kind: .wildcardZoneMinimum,
                    left: "\(effective.revision) takes wildcards where the zone's minimum is TLS \(floor)",
                    right: "the zone's is TLS \(effective.zone.minimumTLS), which the wildcard's children take",
                    remedy: "raise the zone's minimum, or ask for single names",
                    actor: .operator
                )
            )
        }
        return contradictions
    }
}
