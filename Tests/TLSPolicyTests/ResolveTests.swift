import TLSPolicy
import Testing

@Suite struct ResolveTests {
    private let pci = gold(
        TierPolicy(profile: "pci@1", minimumTLS: .v1_2, ciphers: TLSProfile.pci1.ciphers, tls13: .on, http2: .on)
    )

    @Test func `unset, inherited and explicit are three things`() {
        let effective = resolve(gold(TierPolicy(earlyHints: .off)), zone: ZoneSettings(minimumTLS: .v1_1, tls13: .off))
        #expect(effective.minimumTLS.setting == .inherited(.v1_1))
        #expect(effective.ciphers.setting == .inherited(CipherSuite.settable))
        #expect(effective.tls13.setting == .inherited(.off))
        #expect(effective.http2.setting == .foreign)
        #expect(effective.earlyHints.setting == .explicit(.off))
        #expect(effective.explicitSettings == ExplicitSettings(earlyHints: .off))
        let strict = resolve(gold(TierPolicy(minimumTLS: .v1_3, ciphers: TLSProfile.pci1.ciphers)))
        #expect(strict.ciphers.setting == .absent)
        #expect(strict.ciphers.reason.contains("1443"))
        #expect(strict.offeredSuites == [])
        #expect(strict.findings == [])
    }

    @Test func `what the tier sets is explicit, and says tier, revision and profile`() {
        let effective = resolve(pci)
        #expect(effective.minimumTLS.origin == .tier("gold@7", profile: "pci@1"))
        #expect(effective.minimumTLS.reason == "gold@7 requires TLS 1.2 or above")
        #expect(effective.explicitSettings.ciphers == TLSProfile.pci1.ciphers?.map(\.name))
        #expect(effective.certificate.value == .managed)
    }

    @Test(arguments: TLSVersion.allCases, [nil] + TLSVersion.allCases.map(Optional.some))
    func `a wish raises the minimum and never lowers it`(_ wanted: TLSVersion, _ required: TLSVersion?) {
        let zone = ZoneSettings(minimumTLS: .v1_1)
        let effective = resolve(
            gold(TierPolicy(minimumTLS: required)),
            wish: HostnameWish(minimumTLS: wanted),
            zone: zone
        )
        let base = required ?? .v1_1
        #expect(effective.effectiveMinimumTLS == max(base, wanted))
        #expect(effective.findings.map(\.kind) == (wanted < base ? [.minimumBelowTier] : []))
        #expect((effective.minimumTLS.origin == .hostname) == (wanted > base || (wanted == base && required == nil)))
    }

    @Test func `a weaker wish is named with both sides`() {
        let effective = resolve(pci, wish: HostnameWish(minimumTLS: .v1_0, ciphers: ["AES128-SHA"]))
        #expect(effective.findings.map(\.kind) == [.minimumBelowTier, .ciphersBeyondTier])
        #expect(
            effective.findings.map(\.left) == ["the hostname asks for TLS 1.0", "the hostname asks for AES128-SHA"]
        )
        #expect(
            effective.findings.map(\.right) == ["gold@7 requires TLS 1.2", "gold@7 allows 6 suites, and not these"]
        )
        #expect(effective.findings.allSatisfy { $0.sqlState == "UE023" && $0.actor == .tenant })
        #expect(effective.explicitSettings == resolve(pci).explicitSettings)
    }

    @Test func `a wish narrows the list`() {
        let wanted = ["ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES128-GCM-SHA256"]
        let effective = resolve(pci, wish: HostnameWish(ciphers: wanted))
        #expect(effective.explicitSettings.ciphers == wanted)
        #expect(effective.ciphers.origin == .hostname)
        let same = resolve(pci, wish: HostnameWish(ciphers: TLSProfile.modern1.ciphers?.map(\.name)))
        #expect(same.ciphers.origin == .tier("gold@7", profile: "pci@1"))
        let overZone = resolve(gold(TierPolicy()), wish: HostnameWish(ciphers: wanted))
        #expect(overZone.explicitSettings.ciphers == wanted)
        let empty = resolve(pci, wish: HostnameWish(ciphers: []))
        #expect(empty.ciphers == resolve(pci).ciphers && empty.findings == [])
    }

    @Test func `a bad name in a wish leaves the tier's list standing, and every bad name is named`() {
        let wish = HostnameWish(ciphers: ["ECDHE-RSA-AES128-GCM-SHA256", "aes128-sha", "RC4", "TLS_AES_128_GCM_SHA256"])
        let effective = resolve(pci, wish: wish)
        #expect(effective.findings.map(\.kind) == [.cipherWrongCase, .cipherUnknown, .cipherTLS13])
        #expect(effective.findings.allSatisfy { $0.providerCode == 1442 })
        #expect(effective.ciphers == resolve(pci).ciphers)
    }

    @Test func `a list wished for together with TLS 1.3 is a contradiction, a tier's list is only dropped`() {
        let wish = HostnameWish(minimumTLS: .v1_3, ciphers: ["ECDHE-RSA-AES128-GCM-SHA256"])
        let effective = resolve(pci, wish: wish)
        #expect(effective.findings.map(\.kind) == [.ciphersWithMinimum13])
        #expect(effective.findings.map(\.providerCode) == [1443])
        #expect(effective.explicitSettings.ciphers == [])
        let raised = resolve(pci, wish: HostnameWish(minimumTLS: .v1_3))
        #expect(raised.findings == [] && raised.ciphers.setting == .absent && raised.ciphers.origin == .hostname)
    }

    @Test func `every key is explained with an origin and a reason, whatever is asked`() {
        var random = SeededRandom()
        for _ in 0..<2_000 {
            let effective = random.effectivePolicy()
            random.expect(effective.explanation.map(\.key) == SettingKey.allCases)
            for line in effective.explanation {
                random.expect(!line.reason.isEmpty && !line.origin.description.isEmpty)
                random.expect((line.state == "explicit" || line.state == "inherited") == (line.value != nil))
            }
            let again = resolve(
                effective.revision,
                wish: effective.wish,
                exceptions: effective.exceptions,
                zone: effective.zone
            )
            random.expect(again == effective)
        }
    }

    @Test func `a wildcard of a direct-only tier is covered in part, and the zone's values are named`() {
        let policy = TierPolicy(minimumTLS: .v1_3, wildcard: .directOnly)
        let effective = resolve(gold(policy), wish: HostnameWish(wildcard: true))
        guard case .partial(let reason) = effective.coverage else {
            Issue.record("covered in full")
            return
        }
        #expect(reason.contains("minimum TLS 1.0") && reason.contains("gold@7 promises TLS 1.3"))
        #expect(resolve(gold(policy)).coverage == .full)
    }
}
