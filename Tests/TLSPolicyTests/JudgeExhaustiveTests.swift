import TLSPolicy
import Testing

/// Every combination of what can contradict, against a truth that plays the handshakes through.
@Suite struct JudgeExhaustiveTests {
    private struct Case {
        var minimum: TLSVersion?
        var tls13: Switch?
        var leaves: [CertificateFacts]
        var rule: WildcardRule?
        var zone: ZoneSettings
    }

    private static let leafCases: [[CertificateFacts]] = [
        [], [leaf(.rsa(bits: 2048))], [leaf(.ecdsa(bits: 256))], [leaf(.rsa(bits: 2048)), leaf(.ecdsa(bits: 256))],
    ]

    private static let cases: [Case] = {
        var cases: [Case] = []
        for minimum in [nil] + TLSVersion.allCases.map(Optional.some) {
            for tls13 in [nil, Switch.on, .off] {
                for leaves in leafCases {
                    for rule in [nil, WildcardRule.reject, .directOnly, .requireZoneMinimum(.v1_2)] {
                        for zoneMinimum in TLSVersion.allCases {
                            for zoneTLS13 in Switch.allCases {
                                let zone = ZoneSettings(minimumTLS: zoneMinimum, tls13: zoneTLS13)
                                cases.append(
                                    Case(minimum: minimum, tls13: tls13, leaves: leaves, rule: rule, zone: zone)
                                )
                            }
                        }
                    }
                }
            }
        }
        return cases
    }()

    @Test(arguments: ListCase.all)
    func `exactly the contradictions of the truth are named`(_ list: ListCase) throws {
        let hostname = try Hostname("shop.usher.de")
        for item in Self.cases {
            let policy = TierPolicy(
                minimumTLS: item.minimum,
                ciphers: list.ciphers,
                tls13: item.tls13,
                customCertificate: .allowed,
                wildcard: item.rule ?? .reject
            )
            let wish = HostnameWish(wildcard: item.rule != nil, customCertificate: !item.leaves.isEmpty)
            let effective = resolve(gold(policy), wish: wish, zone: item.zone)
            let found = judge(
                effective,
                hostname: hostname,
                certificates: item.leaves,
                capabilities: .enterprise,
                now: 1_000
            )
            let wanted = Self.truth(item, list)
            // Recorded by hand: the macro's bookkeeping costs more than the judgement, 38,400 times.
            if found.map(\.kind).sorted(by: { $0.rawValue < $1.rawValue }) != wanted {
                Issue.record("\(item): \(found.map(\.code)), not \(wanted)")
            }
            if (effective.coverage == .full) != Self.isFullCoverage(item, list) {
                Issue.record("\(item): \(effective.coverage)")
            }
        }
    }

    private static func truth(_ item: Case, _ list: ListCase) -> [Contradiction.Kind] {
        let minimum = item.minimum ?? item.zone.minimumTLS
        var kinds: [Contradiction.Kind] = []
        if case .reject? = item.rule { kinds.append(.wildcardNotInTier) }
        if case .requireZoneMinimum? = item.rule, [.v1_0, .v1_1].contains(item.zone.minimumTLS) {
            kinds.append(.wildcardZoneMinimum)
        }
        if minimum == .v1_3 {
            if (item.tls13 ?? item.zone.tls13) == .off { kinds.append(.tls13OffWithMinimum13) }
            return kinds.sorted { $0.rawValue < $1.rawValue }
        }
        let managed: [CertificateKey] = [.rsa(bits: 2048), .ecdsa(bits: 256)]
        let keys = item.leaves.isEmpty ? managed : item.leaves.map(\.key)
        func shakes(_ key: CertificateKey, _ version: TLSVersion) -> Bool {
            version >= minimum && list.versions(key).contains(version)
        }
        let older: [TLSVersion] = [.v1_0, .v1_1, .v1_2].filter { $0 >= minimum }
        let idle = keys.filter { key in !older.contains { shakes(key, $0) } }
        if !item.leaves.isEmpty { kinds += idle.map { _ in .noSuiteForKey } }
        let working = idle.count == keys.count ? managed : keys
        if older.contains(where: { version in !working.contains { shakes($0, version) } }) {
            kinds.append(.noSuiteAtVersion)
        }
        return kinds.sorted { $0.rawValue < $1.rawValue }
    }

    /// The zone of these cases offers every suite.
    private static func isFullCoverage(_ item: Case, _ list: ListCase) -> Bool {
        switch item.rule {
        case nil: return true
        case .directOnly: return false
        default: break
        }
        let minimum = item.minimum ?? item.zone.minimumTLS
        let isListNarrower = !(list.suites ?? []).isEmpty && minimum < .v1_3 && item.zone.minimumTLS < .v1_3
        let losesTLS13 = item.tls13 == .on && item.zone.tls13 == .off
        return item.zone.minimumTLS >= minimum && !isListNarrower && !losesTLS13
    }
}
