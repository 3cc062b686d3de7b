import Onboarding
import TLSPolicy
import Testing

struct SealedCertificateTests {
    let authority: TestAuthority
    let pair = PrivateSealingKey()

    init() throws {
        authority = try TestAuthority()
    }

    private func put(_ chainPEM: String, _ keyPEM: String) throws -> SealedCertificate {
        try SealedCertificate(
            chainPEM: chainPEM,
            key: PrivateKeyPEM(text: keyPEM),
            tenant: "acme",
            hostname: "shop.acme.com",
            sealingTo: pair.publicKey
        )
    }

    @Test func `a good pair is stored with the facts and opens in its own context only`() throws {
        let leaf = try authority.leaf(notAfter: 1_790_000_000)
        let stored = try put(
            "# ours\n" + authority.intermediate.pem + leaf.pem,
            TestKey.curveParameters + leaf.key.traditional
        )

        #expect(stored.chainPEM == (try leaf.pem + authority.intermediate.pem))
        #expect(stored.keyID == pair.id)
        #expect(stored.notBefore == 1_750_000_000)
        #expect(stored.notAfter == 1_790_000_000)
        var facts = try CertificateInspector.chain(fromPEM: leaf.pem).leaf
        facts.chain = ChainFacts(intermediates: 1, keyMatches: true)
        #expect(stored.facts == facts)
        let own = SealingContext(tenant: "acme", hostname: "shop.acme.com", fingerprint: stored.fingerprint)
        let other = SealingContext(tenant: "acme", hostname: "www.acme.com", fingerprint: stored.fingerprint)
        #expect(try pair.open(stored.sealedKey, context: own).reveal() == leaf.key.traditional)
        #expect(throws: SealingError.self) { try pair.open(stored.sealedKey, context: other) }
    }

    @Test func `a bad pair is refused`() throws {
        let leaf = try authority.leaf()

        #expect(throws: CertificateProblem.keyInChain(block: 2)) { try put(leaf.pem + leaf.key.pkcs8, leaf.key.pkcs8) }
        #expect(throws: CertificateProblem.keyMismatch) { try put(leaf.pem, TestKey.p256().pkcs8) }
        #expect(throws: CertificateProblem.keyMissing) { try put(leaf.pem, leaf.pem) }
        #expect(throws: CertificateProblem.noLeaf) { try put(authority.root.pem, authority.root.key.pkcs8) }
    }
}
