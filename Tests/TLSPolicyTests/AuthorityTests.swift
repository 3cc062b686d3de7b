import TLSPolicy
import Testing

/// Who issues the provider's certificate, from the tier's word to the write.
@Suite struct AuthorityTests {
    private let policy = TierPolicy(customCertificate: .allowed, certificateAuthority: .letsEncrypt)

    private func observed(_ authority: String?, _ source: CertificateSource? = .managed) -> ObservedHostname {
        ObservedHostname(
            providerID: "id",
            status: "active",
            certificateStatus: "active",
            certificateSource: source,
            authority: authority
        )
    }

    private func line(_ effective: EffectivePolicy) throws -> Explanation {
        try #require(effective.explanation.first { $0.key == .authority })
    }

    @Test func `the tier's word is explicit, nothing is foreign, and a certificate of one's own has none`() throws {
        let chosen = try line(resolve(gold(policy)))
        #expect(chosen.value == "lets_encrypt" && chosen.state == "explicit")
        #expect(chosen.origin == .tier("gold@7", profile: nil))
        #expect(chosen.reason == "gold@7 has certificates issued by lets_encrypt")
        let free = try line(resolve(gold(TierPolicy())))
        #expect(free.value == nil && free.state == "foreign" && free.origin == .provider)
        let own = try line(resolve(gold(policy), wish: HostnameWish(customCertificate: true)))
        #expect(own.value == nil && own.state == "absent" && own.origin == .hostname)
    }

    @Test(arguments: [
        (IssuingAuthority?.none, String?.some("google"), [Change]()), (nil, "digicert", []), (.google, "google", []),
        (.google, nil, []),
        (
            .google, "lets_encrypt",
            [Change(key: .authority, before: "lets_encrypt", after: "google", kind: .reissue)]
        ),
        (.sslCom, "digicert", [Change(key: .authority, before: "digicert", after: "ssl_com", kind: .reissue)]),
    ])
    func `it is written only where another one is shown`(
        _ wanted: IssuingAuthority?,
        _ shown: String?,
        _ changes: [Change]
    ) {
        let effective = resolve(gold(TierPolicy(certificateAuthority: wanted)))
        let plan = plan(effective, observed: observed(shown))
        #expect(plan.changes == changes)
        guard case .edit(let edit) = plan else {
            #expect(plan == .nothing && changes.isEmpty)
            return
        }
        #expect(edit.authority == wanted)
    }

    @Test func `an edit of something else names no authority`() throws {
        var strict = policy
        strict.minimumTLS = .v1_3
        guard case .edit(let edit) = plan(resolve(gold(strict)), observed: observed("lets_encrypt")) else {
            Issue.record("no edit")
            return
        }
        #expect(edit.changes.map(\.key) == [.minimumTLS])
        #expect(edit.authority == nil)
    }

    @Test func `a creation names it, and one with the tenant's certificate does not`() {
        func created(_ wish: HostnameWish) -> IssuingAuthority? {
            guard case .create(let desired) = plan(resolve(gold(policy), wish: wish), observed: nil) else { return nil }
            return desired.authority
        }
        #expect(created(HostnameWish()) == .letsEncrypt)
        #expect(created(HostnameWish(customCertificate: true)) == nil)
    }

    @Test func `a certificate taken over from the tenant is issued by the tier's authority`() {
        let plan = plan(resolve(gold(policy)), observed: observed(nil, .custom))
        #expect(plan.changes.map(\.key) == [.certificate, .authority])
        #expect(plan.changes.map(\.kind) == [.weaken, .reissue])
    }

    @Test func `it cannot be chosen off Enterprise, and inheriting it can always be`() throws {
        let hostname = try Hostname("pay.acme.com")
        func found(_ policy: TierPolicy, _ capabilities: ProviderCapabilities) -> [Contradiction] {
            judge(resolve(gold(policy)), hostname: hostname, capabilities: capabilities, now: 0)
        }
        let contradiction = try #require(found(policy, .business).first)
        #expect(contradiction.kind == .authorityNotInPlan)
        #expect(contradiction.sqlState == "UE022" && contradiction.providerCode == 1459)
        #expect(contradiction.left == "gold@7 has certificates issued by lets_encrypt")
        #expect(contradiction.right.contains("Business") && contradiction.actor == .operator)
        #expect(found(policy, .business).count == 1)
        #expect(found(policy, .enterprise) == [])
        #expect(found(TierPolicy(), .business) == [])
    }
}
