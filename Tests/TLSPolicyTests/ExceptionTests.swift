import TLSPolicy
import Testing

/// What persons decide beside the tier: overrides of one hostname, and grants to its tenant.
@Suite struct ExceptionTests {
    private let pci = gold(
        TierPolicy(profile: "pci@1", minimumTLS: .v1_2, ciphers: TLSProfile.pci1.ciphers, tls13: .on)
    )
    private let hostname: Hostname

    init() throws {
        hostname = try Hostname("shop.acme-usher.com")
    }

    private func override(
        minimumTLS: TLSVersion? = nil,
        ciphers: [String]? = nil,
        tls13: Switch? = nil
    ) -> Exceptions {
        Exceptions(
            override: HostnameOverride(
                minimumTLS: minimumTLS,
                ciphers: ciphers,
                tls13: tls13,
                author: "jane",
                reason: "old tills",
                until: 1_796_083_200
            )
        )
    }

    private func grant(_ capability: Capability, until: Int64? = nil) -> Exceptions {
        Exceptions(
            entitlements: [Entitlement(capability: capability, author: "joe", reason: "trial", until: until)]
        )
    }

    private func kinds(
        _ effective: EffectivePolicy,
        _ capabilities: ProviderCapabilities = .enterprise
    ) -> [Contradiction.Kind] {
        judge(effective, hostname: hostname, capabilities: capabilities, now: 1_700_000_000).map(\.kind)
    }

    @Test func `an override may be weaker than the tier, and says who, until when and why`() {
        let effective = resolve(pci, exceptions: override(minimumTLS: .v1_0, ciphers: ["AES128-SHA"], tls13: .off))
        #expect(effective.minimumTLS.setting == .explicit(.v1_0))
        #expect(effective.ciphers.explicit?.map(\.name) == ["AES128-SHA"])
        #expect(effective.tls13.setting == .explicit(.off))
        #expect("\(effective.minimumTLS.origin)" == "override by jane until 2026-12-01")
        #expect(
            effective.minimumTLS.reason == "old tills; without the override: gold@7 requires TLS 1.2 or above"
        )
        #expect(effective.overriddenKeys == [.minimumTLS, .ciphers, .tls13])
        #expect(effective.findings.isEmpty)
        #expect(kinds(effective).isEmpty)
    }

    @Test func `an override leaves the keys it does not name as they were`() {
        let wish = HostnameWish(ciphers: ["ECDHE-RSA-AES128-GCM-SHA256"])
        let plain = resolve(pci, wish: wish)
        let effective = resolve(pci, wish: wish, exceptions: override(tls13: .off))
        #expect(effective.minimumTLS == plain.minimumTLS)
        #expect(effective.ciphers == plain.ciphers)
        #expect(effective.overriddenKeys == [.tls13])
    }

    @Test func `a person's decision settles a wish that the tier does not carry`() {
        let wish = HostnameWish(minimumTLS: .v1_0)
        #expect(resolve(pci, wish: wish).findings.map(\.kind) == [.minimumBelowTier])
        let effective = resolve(pci, wish: wish, exceptions: override(minimumTLS: .v1_0, ciphers: ["AES128-SHA"]))
        #expect(effective.findings.isEmpty)
        let strict = resolve(
            pci,
            wish: HostnameWish(ciphers: ["ECDHE-RSA-AES128-GCM-SHA256"]),
            exceptions: override(minimumTLS: .v1_3)
        )
        #expect(strict.ciphers.setting == .absent)
        #expect(strict.findings.isEmpty)
    }

    @Test func `an override that contradicts itself is named`() throws {
        let list = ["ECDHE-RSA-AES128-GCM-SHA256"]
        let both = resolve(pci, exceptions: override(minimumTLS: .v1_3, ciphers: list))
        let finding = try #require(both.findings.first)
        #expect(both.findings.map(\.kind) == [.ciphersWithMinimum13])
        #expect(finding.left == "the override by jane sets a list of 1 cipher suites")
        #expect(finding.right.contains("override by jane until 2026-12-01"))
        #expect(finding.actor == .operator)

        let none = judge(
            resolve(pci, exceptions: override(minimumTLS: .v1_0, ciphers: list)),
            hostname: hostname,
            capabilities: .enterprise,
            now: 0
        )
        #expect(none.map(\.kind) == [.noSuiteAtVersion])
        #expect(none.first?.left.contains("override by jane") == true)
        #expect(none.first?.actor == .operator)

        let unknown = resolve(pci, exceptions: override(ciphers: ["AES128-SHAA"]))
        #expect(unknown.findings.map(\.kind) == [.cipherUnknown])
        #expect(unknown.findings.first?.left == "the override by jane names the cipher suite \"AES128-SHAA\"")
        #expect(unknown.ciphers == resolve(pci).ciphers, "the list that is there stands")

        let off = resolve(gold(TierPolicy(minimumTLS: .v1_3)), exceptions: override(tls13: .off))
        #expect(kinds(off) == [.tls13OffWithMinimum13])
    }

    @Test func `a grant lets a tenant have what its tier does not, and says who granted it`() {
        let wish = HostnameWish(wildcard: true, customCertificate: true)
        #expect(resolve(pci, wish: wish).findings.map(\.kind) == [.customCertificateNotInTier, .wildcardNotInTier])
        let both = Exceptions(
            entitlements: grant(.customCertificate, until: 1_796_083_200).entitlements + grant(.wildcard).entitlements
        )
        let effective = resolve(pci, wish: wish, exceptions: both)
        #expect(effective.findings.isEmpty)
        #expect(effective.certificate.value == .custom)
        #expect("\(effective.certificate.origin)" == "entitlement by joe until 2026-12-01")
        #expect("\(effective.wildcard.origin)" == "entitlement by joe")
        #expect(effective.wildcardRule == .directOnly)
        #expect(effective.coverage != .full)
        let alone = resolve(pci, wish: wish, exceptions: grant(.mutualTLS))
        #expect(alone.findings.count == 2, "another grant is no help")
    }

    @Test func `a granted wildcard does without the zone's floor, but keeps it where it is met`() {
        let floor = gold(TierPolicy(minimumTLS: .v1_2, wildcard: .requireZoneMinimum(.v1_2)))
        let wish = HostnameWish(wildcard: true)
        #expect(kinds(resolve(floor, wish: wish)) == [.wildcardZoneMinimum])
        let granted = resolve(floor, wish: wish, exceptions: grant(.wildcard))
        #expect(kinds(granted).isEmpty)
        #expect(granted.wildcardRule == .directOnly)
        let met = resolve(
            floor,
            wish: wish,
            exceptions: grant(.wildcard),
            zone: ZoneSettings(minimumTLS: .v1_2)
        )
        #expect(met.wildcardRule == .requireZoneMinimum(.v1_2))
        #expect(met.coverage == .full)
    }

    @Test(arguments: Capability.allCases, [true, false])
    func `what is allowed and not in the provider's plan is named with both sides`(
        _ capability: Capability,
        isGranted: Bool
    ) throws {
        let policy = TierPolicy(customCertificate: .allowed, mutualTLS: true, wildcard: .directOnly)
        let revision = gold(isGranted ? TierPolicy() : policy)
        let exceptions = isGranted ? grant(capability) : .none
        let rich = resolve(revision, exceptions: exceptions)
        #expect(rich.permissions.first { $0.capability == capability }?.isUsable == true)
        let poor = resolve(revision, exceptions: exceptions, capabilities: .business)
        let permission = try #require(poor.permissions.first { $0.capability == capability })
        #expect(!permission.isUsable)
        #expect(permission.origin == .providerPlan("Business"))
        let contradiction = try #require(permission.contradiction)
        #expect(contradiction.left.contains(isGranted ? "entitlement by joe" : "tier gold@7"))
        #expect(contradiction.right == "the provider's plan Business has none")
        #expect(contradiction.sqlState == "UE022")
        #expect(kinds(poor, .business).isEmpty, "nobody asks for it")
        let wish = HostnameWish(wildcard: capability == .wildcard, customCertificate: capability == .customCertificate)
        let asked = resolve(revision, wish: wish, exceptions: exceptions, capabilities: .business)
        #expect(kinds(asked, .business).contains(contradiction.kind) == (capability != .mutualTLS))
        let unallowed = resolve(gold(TierPolicy()), capabilities: .business).permissions
        #expect(unallowed.allSatisfy { $0.origin == nil && $0.contradiction == nil })
    }

    @Test func `resolve is total and deterministic, and each key names its origin`() {
        var random = SeededRandom()
        var overridden = 0
        for _ in 0..<20_000 {
            let effective = random.effectivePolicy()
            let again = resolve(
                effective.revision,
                wish: effective.wish,
                exceptions: effective.exceptions,
                zone: effective.zone
            )
            random.expect(again == effective)
            random.expect(effective.explanation.map(\.key) == SettingKey.allCases)
            random.expect(effective.explanation.allSatisfy { !"\($0.origin)".isEmpty && !$0.reason.isEmpty })
            let plain = resolve(effective.revision, wish: effective.wish, zone: effective.zone)
            for (line, other) in zip(effective.explanation, plain.explanation)
            where effective.exceptions.entitlements.isEmpty && !effective.overriddenKeys.contains(line.key) {
                // The list follows the minimum; everything else is as without the override.
                random.expect(line == other || line.key == .ciphers)
            }
            for key in effective.overriddenKeys where effective.findings.isEmpty {
                let line = effective.explanation.first { $0.key == key }
                random.expect(line.map { "\($0.origin)".hasPrefix("override by ") } == true)
                overridden += 1
            }
        }
        #expect(overridden > 1_000)
    }

    @Test(arguments: [
        (0, "1970-01-01"), (951_782_400, "2000-02-29"), (1_796_083_200, "2026-12-01"),
        (1_796_083_199, "2026-11-30 23:59 UTC"), (-1, "1969-12-31 23:59 UTC"), (4_107_542_400, "2100-03-01"),
    ])
    func `a moment reads as a day`(seconds: Int, text: String) {
        #expect(moment(Int64(seconds)) == text)
    }
}
