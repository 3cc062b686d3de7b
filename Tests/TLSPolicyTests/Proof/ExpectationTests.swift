import TLSPolicy
import Testing

/// What is expected of a hostname: its policy, what was left standing, and a wildcard's children.
@Suite struct ExpectationTests {
    private let standing = ObservedHostname(providerID: "1", status: "active", certificateStatus: "active")

    private func expectations(
        _ policy: TierPolicy,
        _ wish: HostnameWish = HostnameWish(),
        _ zone: ZoneSettings = ZoneSettings(),
        settings: ExplicitSettings? = nil,
        certificates: [CertificateFacts] = []
    ) -> [ProofExpectation] {
        let effective = resolve(PolicyRevision(tier: "gold", revision: 7, policy: policy), wish: wish, zone: zone)
        var observed = standing
        observed.settings = settings ?? effective.explicitSettings
        observed.wildcard = wish.wildcard
        return effective.expectations(of: "shop.usher.de", standing: observed, certificates: certificates)
    }

    private func demands(_ expectation: ProofExpectation) -> [ProofExpectation.Demand] {
        expectation.versions.map(\.demand)
    }

    @Test func `an inherited TLS 1.3 is nobody's promise, an explicit one is`() {
        let suites = TLSProfile.modern1.ciphers
        for (tls13, demand) in [(nil, ProofExpectation.Demand.either), (Switch.on, .accepted), (.off, .refused)] {
            let found = expectations(TierPolicy(minimumTLS: .v1_2, ciphers: suites, tls13: tls13))
            #expect(found.map(demands) == [[.refused, .refused, .accepted, demand]])
        }
        #expect(
            expectations(TierPolicy(minimumTLS: .v1_3)).map(demands) == [[.refused, .refused, .refused, .accepted]]
        )
    }

    @Test func `the children of a wildcard are expected to have the zone's settings`() {
        let policy = TierPolicy(minimumTLS: .v1_3, wildcard: .directOnly)
        let found = expectations(policy, HostnameWish(wildcard: true), ZoneSettings(minimumTLS: .v1_1))
        #expect(found.map(\.name) == ["shop.usher.de", "usher-proof.shop.usher.de"])
        #expect(demands(found[0]) == [.refused, .refused, .refused, .accepted])
        #expect(demands(found[1]) == [.refused, .accepted, .accepted, .either])
    }

    @Test func `a stronger value that was left standing is what must be seen`() {
        let policy = TierPolicy(minimumTLS: .v1_0, ciphers: TLSProfile.compatible1.ciphers)
        var kept = ExplicitSettings(minimumTLS: .v1_3, ciphers: [], tls13: nil, http2: nil, earlyHints: nil)
        #expect(expectations(policy, settings: kept).map(demands) == [[.refused, .refused, .refused, .accepted]])
        kept.minimumTLS = .v1_2
        kept.ciphers = ["ECDHE-RSA-AES128-GCM-SHA256"]
        let found = expectations(policy, settings: kept)
        #expect(found.first?[.v1_2]?.suites.map(\.name) == ["ECDHE-RSA-AES128-GCM-SHA256"])
    }

    @Test func `a tenant's certificate decides which suites can be seen, and must be the one`() {
        let policy = TierPolicy(minimumTLS: .v1_2, ciphers: TLSProfile.modern1.ciphers, customCertificate: .allowed)
        let found = expectations(
            policy,
            HostnameWish(customCertificate: true),
            certificates: [ModelEdge.leaf("cc")]
        )
        #expect(found.first?.leaf == "cc")
        #expect(found.first?[.v1_2]?.suites.count == 3)
        #expect(found.first?[.v1_2]?.allowed.count == 6)
    }
}
