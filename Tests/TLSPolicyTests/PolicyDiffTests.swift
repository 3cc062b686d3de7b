import TLSPolicy
import Testing

/// Every pair of policies over a small world: versions, lists that nest and lists that do not, TLS 1.3, zones.
@Suite struct PolicyDiffTests {
    private static let lists: [[String]?] = [
        nil, ["ECDHE-RSA-AES128-GCM-SHA256"], ["ECDHE-RSA-AES256-GCM-SHA384"],
        ["ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-RSA-AES128-GCM-SHA256"], ["AES128-SHA", "ECDHE-RSA-AES128-GCM-SHA256"],
    ]

    private static let zones = [
        ZoneSettings(), ZoneSettings(minimumTLS: .v1_2, ciphers: ["ECDHE-RSA-AES128-GCM-SHA256"], tls13: .off),
        ZoneSettings(minimumTLS: .v1_1, ciphers: ["AES128-SHA", "SOME-FUTURE-SUITE"]),
    ]

    /// 5 minimums × 5 lists × 3 switches, without the lists that TLS 1.3 forbids.
    private static let policies: [TierPolicy] = ([nil] + TLSVersion.allCases.map(Optional.some)).flatMap { minimum in
        lists.flatMap { list in
            [nil, .on, .off].compactMap { (tls13: Switch?) -> TierPolicy? in
                if minimum == .v1_3 && list != nil { return nil }
                return TierPolicy(
                    minimumTLS: minimum,
                    ciphers: list.map { CipherSuite.parse($0).suites },
                    tls13: tls13,
                    customCertificate: .allowed,
                    wildcard: .requireZoneMinimum(.v1_0)
                )
            }
        }
    }

    /// What an edge accepts, written down without the code under test: names of suites with versions, and TLS 1.3.
    private struct Accepted {
        var old: Set<String> = []
        var tls13: Bool

        init(_ policy: TierPolicy, _ zone: ZoneSettings) {
            let all = CipherSuite.settable.map(\.name)
            let names = policy.ciphers.map { $0.map(\.name) } ?? (zone.ciphers.isEmpty ? all : zone.ciphers)
            for version in ["1.0", "1.1", "1.2"] where version >= (policy.minimumTLS ?? zone.minimumTLS).rawValue {
                old.formUnion(names.map { "\(version) \($0)" })
            }
            tls13 = (policy.tls13 ?? zone.tls13) == .on
        }

        func direction(to after: Accepted) -> PromiseDirection {
            let suites: PromiseDirection =
                old == after.old
                ? .unchanged
                : after.old.isSubset(of: old) ? .stronger : old.isSubset(of: after.old) ? .weaker : .incomparable
            let switched: PromiseDirection = tls13 == after.tls13 ? .unchanged : after.tls13 ? .stronger : .weaker
            return suites.joined(with: switched)
        }
    }

    @Test func `a diff says what the accepted handshakes say, for every pair of policies`() {
        var directions: [PromiseDirection: Int] = [:]
        for zone in Self.zones {
            for before in Self.policies {
                for after in Self.policies {
                    let diff = PolicyDiff(from: before, to: after, zone: zone)
                    let truth = Accepted(before, zone).direction(to: Accepted(after, zone))
                    if diff.direction != truth { Issue.record("\(before) -> \(after) in \(zone): \(diff.direction)") }
                    directions[truth, default: 0] += 1
                }
            }
        }
        #expect(directions.values.reduce(0, +) > 10_000)
        #expect(directions.count == PromiseDirection.allCases.count)
    }

    @Test func `seen from the other side it is reversed, and of a policy with itself there is nothing`() {
        for before in Self.policies {
            #expect(PolicyDiff(from: before, to: before).lines.isEmpty)
            for after in Self.policies {
                let there = PolicyDiff(from: before, to: after)
                let back = PolicyDiff(from: after, to: before)
                if there.direction != back.direction.reversed || there.lines.map(\.key) != back.lines.map(\.key) {
                    Issue.record("\(before) -> \(after)")
                }
            }
        }
    }

    @Test func `whatever a policy sets, its diff with itself is empty, and with another it is reversed from there`() {
        var random = SeededRandom()
        var seen: Set<PolicyKey> = []
        for _ in 0..<5_000 {
            let before = random.tierPolicy()
            let after = random.tierPolicy()
            random.expect(PolicyDiff(from: before, to: before).lines.isEmpty)
            let there = PolicyDiff(from: before, to: after)
            let back = PolicyDiff(from: after, to: before)
            random.expect(there.lines.map(\.key) == back.lines.map(\.key))
            random.expect(there.lines.map(\.direction) == back.lines.map(\.direction.reversed))
            seen.formUnion(there.lines.map(\.key))
        }
        #expect(seen == Set(PolicyKey.allCases), "each key of a policy is compared")
    }

    @Test func `no policy differs from another without a line that says so`() {
        var random = SeededRandom()
        for _ in 0..<5_000 {
            var after = random.tierPolicy()
            let before = after
            let other = random.tierPolicy()
            // One key at a time, so that no other line hides that it has none.
            switch Int.random(in: 0..<7, using: &random) {
            case 0: after.certificateAuthority = other.certificateAuthority
            case 1: after.downgrade = other.downgrade
            case 2: after.rollout = other.rollout
            case 3: after.guards = other.guards
            case 4: after.windows = other.windows
            case 5: after.minimumCertificateDays = other.minimumCertificateDays
            default: after.limits = other.limits
            }
            random.expect(PolicyDiff(from: before, to: after).lines.isEmpty == (before == after))
        }
    }

    @Test(arguments: [
        (DowngradePlan?.some(DowngradePlan()), DowngradePlan(graceDays: 7), PromiseDirection.weaker),
        (DowngradePlan(), DowngradePlan(minimumTLS: .relax), .weaker),
        (DowngradePlan(mutualTLS: .block), DowngradePlan(), .stronger),
        (DowngradePlan(customCertificate: .moveToManaged), DowngradePlan(customCertificate: .block), .weaker),
        (DowngradePlan(ciphers: .relax), DowngradePlan(wildcard: .block), .incomparable),
        (DowngradePlan(), DowngradePlan(notifyDays: [0]), .unchanged),
        (nil, DowngradePlan(graceDays: 3), .unchanged), (nil, DowngradePlan(graceDays: 3, ciphers: .relax), .weaker),
    ])
    func `what ends sooner, or leaves less, is weaker`(
        _ before: DowngradePlan?,
        _ after: DowngradePlan,
        _ direction: PromiseDirection
    ) {
        let diff = PolicyDiff(from: TierPolicy(downgrade: before), to: TierPolicy(downgrade: after))
        #expect(diff.direction == direction)
    }

    @Test func `days that must be left of a certificate are compared as they count`() {
        func diff(_ before: Int?, _ after: Int?) -> PolicyDiff {
            PolicyDiff(
                from: TierPolicy(minimumCertificateDays: before),
                to: TierPolicy(minimumCertificateDays: after)
            )
        }
        #expect(diff(nil, 14).lines.map(\.key) == [.minimumCertificateDays])
        #expect(diff(nil, 14).direction == .unchanged)
        #expect(diff(14, 30).direction == .stronger)
        #expect(diff(30, nil).direction == .weaker)
    }

    /// A hostname that has the old promise is never weakened on the way to one that is called stronger.
    @Test func `a promise that gets no weaker needs no approval`() {
        var compared = 0
        for zone in Self.zones {
            for before in Self.policies {
                let old = resolve(gold(before), zone: zone)
                let observed = ObservedHostname(
                    providerID: "id",
                    status: "active",
                    certificateStatus: "active",
                    settings: old.explicitSettings
                )
                for after in Self.policies {
                    let new = resolve(gold(after), zone: zone)
                    guard [.stronger, .unchanged].contains(old.promise(to: new)) else { continue }
                    if plan(new, observed: observed).weakens { Issue.record("\(before) -> \(after) in \(zone)") }
                    compared += 1
                }
            }
        }
        #expect(compared > 1_000)
    }

    @Test func `directions join as a partial order does`() {
        for left in PromiseDirection.allCases {
            #expect(left.joined(with: .unchanged) == left)
            #expect(left.joined(with: left) == left)
            #expect(left.joined(with: left.reversed) == (left == .unchanged ? .unchanged : .incomparable))
            for right in PromiseDirection.allCases {
                #expect(left.joined(with: right) == right.joined(with: left))
                #expect(left.joined(with: right).reversed == left.reversed.joined(with: right.reversed))
            }
        }
    }

    @Test(arguments: [
        (WildcardRule.reject, WildcardRule.directOnly, PromiseDirection.incomparable),
        (.directOnly, .requireZoneMinimum(.v1_0), .stronger),
        (.requireZoneMinimum(.v1_2), .requireZoneMinimum(.v1_1), .weaker),
        (.requireZoneMinimum(.v1_2), .reject, .incomparable),
    ])
    func `wildcard rules`(_ before: WildcardRule, _ after: WildcardRule, _ direction: PromiseDirection) {
        let diff = PolicyDiff(from: TierPolicy(wildcard: before), to: TierPolicy(wildcard: after))
        #expect(diff.lines.map(\.key) == [.wildcard])
        #expect(diff.direction == direction)
    }

    @Test func `what is no promise is shown and changes no direction`() {
        let before = TierPolicy(http2: .on, limits: TierLimits(hostnames: 3), weight: 1)
        let after = TierPolicy(profile: "x@1", http2: .off, weight: 9, expiryAlertDays: [1])
        let diff = PolicyDiff(from: before, to: after)
        #expect(diff.lines.map(\.key) == [.profile, .http2, .hostnames, .weight, .expiryAlertDays])
        #expect(diff.lines.map(\.before) == [nil, "on", "3", "1", "30 14 7 1"])
        #expect(diff.direction == .unchanged)
    }

    @Test func `a list in another order means the same`() {
        let list = TLSProfile.modern1.ciphers ?? []
        let diff = PolicyDiff(from: TierPolicy(ciphers: list), to: TierPolicy(ciphers: list.reversed()))
        #expect(diff.lines.isEmpty)
    }

    @Test func `hostnames are counted by what they ask for`() {
        let before = gold(TierPolicy(minimumTLS: .v1_2, ciphers: TLSProfile.modern1.ciphers))
        let after = gold(TierPolicy(minimumTLS: .v1_3))
        var count = PromiseCount()
        for (hostnames, wish) in [
            (5, HostnameWish()), (2, HostnameWish(minimumTLS: .v1_3)), (1, HostnameWish(minimumTLS: .v1_2)),
        ] {
            count.add(hostnames, from: resolve(before, wish: wish), to: resolve(after, wish: wish))
        }
        #expect(count.stronger == 6)
        #expect(count.unchanged == 2)
        #expect(count.weaker + count.incomparable == 0)
        #expect(count.refused == 1)
        #expect(count.total == 8)
    }
}
