/// Works out the one thing to do next about a hostname: what is decided minus what the provider shows.
///
/// | the provider shows | plan |
/// |---|---|
/// | nothing | create |
/// | `deleted` | recreate |
/// | `moved`, `blocked` | refuse: a write could pull traffic back, or spend the one chance after a hold |
/// | a status we do not know | wait for an operator |
/// | a certificate that timed out | revive |
/// | a certificate being issued or deployed | wait for the provider: what is read is not settled |
/// | a difference | edit |
/// | no difference, not served yet | wait for who must move |
/// | no difference | nothing |
///
/// - Parameter certificates: The leaf certificates the tenant brought.
package func plan(
    _ effective: EffectivePolicy,
    observed: ObservedHostname?,
    certificates: [CertificateFacts] = []
) -> HostnamePlan {
    guard let observed else { return .create(DesiredHostname(effective)) }
    switch observed.hostnamePhase {
    case .active, .pending: return planOfLiving(effective, observed, certificates)
    case .deleted: return .recreate(DesiredHostname(effective))
    case .moved:
        return .refuse(.tenant, reason: "the name is served by another zone; a write here could pull its traffic back")
    case .blocked:
        return .refuse(.operator, reason: "the provider blocks the name: an abuse report or a hold on its zone")
    case .deleting: return .wait(.provider, reason: "the hostname is being deleted")
    case .moving: return .wait(.provider, reason: "the provider is moving the hostname: \(quoted(observed.status))")
    case .unknown:
        return .wait(.operator, reason: "the hostname has a status we do not know: \(quoted(observed.status))")
    }
}

/// Every key that does not read as decided; empty if all are in force.
///
/// Says nothing about being served: see ``ObservedHostname/isReady``.
package func shortfalls(
    _ effective: EffectivePolicy,
    observed: ObservedHostname,
    certificates: [CertificateFacts] = []
) -> [Shortfall] {
    Difference(effective, observed, certificates).changes.map {
        Shortfall(key: $0.key, wanted: $0.after, found: $0.before)
    }
}

private func planOfLiving(
    _ effective: EffectivePolicy,
    _ observed: ObservedHostname,
    _ certificates: [CertificateFacts]
) -> HostnamePlan {
    let status = quoted(observed.certificateStatus)
    let difference = Difference(effective, observed, certificates)
    switch observed.certificatePhase {
    case .moving: return .wait(.provider, reason: "the certificate is under way: \(status)")
    case .removing: return .wait(.provider, reason: "the certificate is being taken away: \(status)")
    case .unknown: return .wait(.operator, reason: "the certificate has a status we do not know: \(status)")
    case .timedOut, .removed: return .revive(HostnamePlan.Edit(effective, observed, difference))
    case .active, .pending, .expiring: break
    }
    if !difference.changes.isEmpty { return .edit(HostnamePlan.Edit(effective, observed, difference)) }
    switch observed.certificatePhase {
    case .pending: return .wait(.tenant, reason: "the records that validate the certificate are not seen yet")
    case .expiring where effective.servesCustomCertificate:
        return .wait(.tenant, reason: "the certificate ends and no other is stored: \(status)")
    case .expiring: return .wait(.provider, reason: "the certificate is not renewed yet: \(status)")
    default: break
    }
    if observed.isReady { return .nothing }
    return .wait(.tenant, reason: "the name does not point to the provider yet")
}

private func quoted(_ status: String?) -> String {
    status?.quoted ?? "none"
}
