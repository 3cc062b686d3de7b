/// How far the promise of a tier reaches on one hostname.
package enum Coverage: Hashable, Sendable {
    /// Every name served has what the policy says.
    case full
    /// The direct name has; the children of the wildcard have the zone's settings.
    case partial(reason: String)
}

extension EffectivePolicy {
    /// Full, except for a wildcard whose children get less, or whose tier promises nothing for them.
    ///
    /// Source: the provider's page on TLS management of custom hostnames, wildcards.
    package var coverage: Coverage {
        guard isWildcard else { return .full }
        let children = "the wildcard's children take the zone's settings: minimum TLS \(zone.minimumTLS), \(zoneList)"
        let shortfalls = childrensShortfalls
        if !shortfalls.isEmpty { return .partial(reason: "\(children); \(shortfalls.joined(separator: "; "))") }
        if case .directOnly = wildcardRule {
            return .partial(reason: "\(children), which nobody promises to keep as strict as \(revision)")
        }
        return .full
    }

    private var zoneList: String {
        zone.ciphers.isEmpty ? "every cipher suite" : "\(zone.ciphers.count) cipher suites"
    }

    private var childrensShortfalls: [String] {
        var shortfalls: [String] = []
        if zone.minimumTLS < effectiveMinimumTLS {
            shortfalls.append("\(revision) promises TLS \(effectiveMinimumTLS)")
        }
        if zone.minimumTLS < .v1_3, effectiveMinimumTLS < .v1_3,
            !Set(zone.ciphersOffered).isSubset(of: offeredSuites.map(\.name))
        {
            shortfalls.append("\(revision) promises \(offeredSuites.count) cipher suites and no other")
        }
        if zone.tls13 == .off, effectiveTLS13 == .on { shortfalls.append("\(revision) promises TLS 1.3") }
        return shortfalls
    }
}

extension ZoneSettings {
    /// The names the zone offers at TLS 1.2 and below, known to us or not.
    var ciphersOffered: [String] {
        ciphers.isEmpty ? CipherSuite.settable.map(\.name) : ciphers
    }
}
