import TLSPolicy
import Testing

@Suite struct PlanTests {
    private let pci = gold(TierPolicy(minimumTLS: .v1_2, ciphers: TLSProfile.pci1.ciphers, tls13: .on, http2: .on))

    private func observed(
        _ settings: ExplicitSettings,
        status: String? = "active",
        certificate: String? = "active",
        method: String? = "http"
    ) -> ObservedHostname {
        ObservedHostname(
            providerID: "id",
            status: status,
            certificateStatus: certificate,
            settings: settings,
            method: method,
            type: "dv"
        )
    }

    @Test func `what is not there is created with its final settings`() {
        guard case .create(let desired) = plan(resolve(pci), observed: nil) else {
            Issue.record("not a creation")
            return
        }
        #expect(desired.settings == resolve(pci).explicitSettings)
        #expect(desired.certificate == .managed && !desired.wildcard)
    }

    @Test func `an equal state plans no call, whatever the order of the list`() {
        var settings = resolve(pci).explicitSettings
        settings.ciphers.reverse()
        settings.foreign["http3"] = "\"on\""
        settings.earlyHints = .on
        #expect(plan(resolve(pci), observed: observed(settings)) == .nothing)
        #expect(shortfalls(resolve(pci), observed: observed(settings)) == [])
    }

    @Test func `an edit carries the whole settings and keeps foreign keys`() {
        var settings = resolve(pci).explicitSettings
        settings.minimumTLS = .v1_0
        settings.earlyHints = .on
        settings.foreign["http3"] = "\"on\""
        guard case .edit(let edit) = plan(resolve(pci), observed: observed(settings, method: "txt")) else {
            Issue.record("not an edit")
            return
        }
        #expect(edit.changes == [Change(key: .minimumTLS, before: "1.0", after: "1.2", kind: .strengthen)])
        settings.minimumTLS = .v1_2
        #expect(edit.settings == settings)
        #expect(edit.method == "txt" && edit.type == "dv" && edit.certificate == .managed)
    }

    @Test func `moving to TLS 1.3 clears the list in the same write`() {
        let strict = resolve(gold(TierPolicy(minimumTLS: .v1_3, tls13: .on)))
        let plan = plan(strict, observed: observed(resolve(pci).explicitSettings))
        #expect(plan.changes.map(\.key) == [.minimumTLS, .ciphers])
        #expect(plan.changes.map(\.kind) == [.strengthen, .neutral])
        guard case .edit(let edit) = plan else {
            Issue.record("not an edit")
            return
        }
        #expect(edit.settings.minimumTLS == .v1_3 && edit.settings.ciphers == [])
    }

    @Test func `the two steps for a provider that merges exist where a list stands before TLS 1.3, and only there`() {
        let strict = resolve(gold(TierPolicy(minimumTLS: .v1_3, tls13: .on)))
        func first(_ effective: EffectivePolicy, _ read: ExplicitSettings) -> ExplicitSettings? {
            guard case .edit(let edit) = plan(effective, observed: observed(read)) else { return nil }
            return edit.clearingFirst
        }
        var read = resolve(pci).explicitSettings
        read.foreign = ["brotli": "true"]
        var cleared = read
        cleared.ciphers = []
        #expect(first(strict, read) == cleared, "the minimum stays as it was until the list is gone")
        #expect(first(strict, ExplicitSettings(minimumTLS: .v1_2)) == nil)
        #expect(first(resolve(pci), ExplicitSettings(minimumTLS: .v1_0, ciphers: ["AES128-SHA"])) == nil)
    }

    @Test func `a value that the zone has as well does for an inherited one`() {
        let free = resolve(gold(TierPolicy()), zone: ZoneSettings(minimumTLS: .v1_2))
        let pinned = ExplicitSettings(
            minimumTLS: .v1_2,
            ciphers: CipherSuite.settable.map(\.name).reversed(),
            tls13: .on
        )
        #expect(plan(free, observed: observed(pinned)) == .nothing)
        let other = plan(free, observed: observed(ExplicitSettings(minimumTLS: .v1_3)))
        #expect(other.changes == [Change(key: .minimumTLS, before: "1.3", after: nil, kind: .weaken)])
        #expect(other.weakens)
    }

    /// A list before and after, and the class of the change.
    static let lists: [([String], [String], ChangeClass)] = [
        ([], ["AES128-SHA"], .strengthen),
        (["AES128-SHA", "AES256-SHA"], ["AES128-SHA"], .strengthen),
        (["AES128-SHA"], ["AES128-SHA", "AES256-SHA"], .weaken),
        (["ECDHE-RSA-AES128-GCM-SHA256"], ["ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-RSA-AES256-GCM-SHA384"], .weaken),
        (["AES128-SHA"], ["AES256-SHA"], .neutral),
        (["AES128-SHA"], ["ECDHE-RSA-AES128-GCM-SHA256"], .strengthen),
        (["ECDHE-RSA-AES128-GCM-SHA256"], ["AES128-SHA"], .weaken),
        (["ECDHE-RSA-AES128-GCM-SHA256", "AES128-SHA"], ["ECDHE-RSA-AES256-GCM-SHA384"], .strengthen),
        (["ECDHE-RSA-AES128-GCM-SHA256", "AES128-SHA"], ["AES256-SHA"], .weaken),
        (["SOME-FUTURE-SUITE"], ["ECDHE-RSA-AES256-GCM-SHA384"], .weaken),
        (["SOME-FUTURE-SUITE", "AES128-SHA"], ["AES128-SHA"], .strengthen),
    ]

    @Test(arguments: lists.indices)
    func `lists are classed by what they gain and lose`(_ index: Int) {
        let (before, after, kind) = Self.lists[index]
        let policy = TierPolicy(ciphers: CipherSuite.parse(after).suites)
        let plan = plan(resolve(gold(policy)), observed: observed(ExplicitSettings(ciphers: before)))
        #expect(plan.changes.map(\.kind) == [kind])
    }

    @Test func `the tenant's certificate is sent where another is served, and taken away only as a weakening`() {
        let custom = resolve(
            gold(TierPolicy(customCertificate: .allowed)),
            wish: HostnameWish(customCertificate: true)
        )
        let mine = leaf(.rsa(bits: 2048), serial: "0513b4cd2f4c8d")
        var served = observed(ExplicitSettings())
        served.certificateSource = .managed
        #expect(plan(custom, observed: served, certificates: [mine]).changes.map(\.kind) == [.reissue])
        served.certificateSource = .custom
        #expect(plan(resolve(gold(TierPolicy())), observed: served).weakens)
        #expect(plan(custom, observed: served, certificates: [mine]) == .nothing)
        for serial in ["513B4CD2F4C8D", "05:13:b4:cd:2f:4c:8d", "1429042141023373"] {
            served.certificates = [ObservedCertificate(serial: serial)]
            #expect(plan(custom, observed: served, certificates: [mine]) == .nothing)
        }
        served.certificates = [ObservedCertificate(serial: "1429042141023374")]
        #expect(plan(custom, observed: served, certificates: [mine]).changes.map(\.kind) == [.reissue])
    }

    @Test func `of a pair, one shown alone is no evidence against the other`() {
        let custom = resolve(
            gold(TierPolicy(customCertificate: .allowed)),
            wish: HostnameWish(customCertificate: true)
        )
        let pair = [leaf(.rsa(bits: 2048), serial: "0a"), leaf(.ecdsa(bits: 256), serial: "0b")]
        var served = observed(ExplicitSettings())
        served.certificateSource = .custom
        for (shown, kinds) in [
            ([], []), (["0a"], []), (["0b"], []), (["0a", "0b"], []),
            (["0c"], [.reissue]), (["0a", "0c"], [.reissue]), (["0c", "0d"], [.reissue]),
        ] as [([String], [ChangeClass])] {
            served.certificates = shown.map { ObservedCertificate(serial: $0) }
            #expect(plan(custom, observed: served, certificates: pair).changes.map(\.kind) == kinds, "\(shown)")
            #expect(served.shows(pair) == (shown == ["0a", "0b"]), "\(shown)")
        }
    }

    @Test func `a wildcard is validated by txt`() {
        let policy = gold(TierPolicy(wildcard: .directOnly))
        let effective = resolve(policy, wish: HostnameWish(wildcard: true))
        guard case .edit(let edit) = plan(effective, observed: observed(ExplicitSettings())) else {
            Issue.record("not an edit")
            return
        }
        #expect(edit.method == "txt" && edit.wildcard)
        #expect(edit.changes.map(\.kind) == [.reissue])
    }

    @Test func `a value we cannot read is replaced, and that counts as weakening`() {
        let strange = ExplicitSettings(foreign: ["min_tls_version": "\"1.4\"", "http3": "\"on\""])
        guard case .edit(let edit) = plan(resolve(pci), observed: observed(strange)) else {
            Issue.record("not an edit")
            return
        }
        #expect(edit.changes.first == Change(key: .minimumTLS, before: "\"1.4\"", after: "1.2", kind: .weaken))
        #expect(edit.settings.foreign == ["http3": "\"on\""])
    }
}
