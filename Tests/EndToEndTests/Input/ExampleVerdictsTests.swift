import TLSPolicy
import Testing
import usher

/// What the demo's input says of each hostname is what the policy makes of it, before anything is called.
@Suite struct ExampleVerdictsTests {
    private static let now: Int64 = 1_800_000_000

    private let rows = BatchFile.read(ExampleFiles.path("onboarding.csv")).rows
    private let tiers = TierFile.read(ExampleFiles.path("tiers.yaml")).tiers

    @Test func `the tiers contradict nothing`() {
        #expect(tiers.count == 4)
        #expect(tiers.flatMap { judge($0.policy) }.isEmpty)
    }

    @Test func `exactly the infeasible rows are infeasible`() throws {
        #expect(rows.count > 60)
        for row in rows {
            let effective = try effective(row)
            let contradictions = judge(
                effective,
                hostname: row.hostname,
                certificates: row.wish.customCertificate ? [Self.leaf(row.hostname)] : [],
                capabilities: .enterprise,
                now: Self.now
            )
            #expect((row.expectation == .infeasible) != contradictions.isEmpty, "line \(row.line): \(contradictions)")
        }
    }

    @Test func `exactly the partial rows are covered in part`() throws {
        for row in rows {
            let isPartial = try effective(row).coverage != .full
            #expect((row.expectation == .partial) == isPartial, "line \(row.line)")
        }
    }

    private func effective(_ row: OnboardingRow) throws -> EffectivePolicy {
        let tier = try #require(tiers.first { $0.name == row.tier })
        let revision = PolicyRevision(tier: tier.name, revision: 1, policy: tier.policy)
        return resolve(revision, wish: row.wish, zone: ZoneSettings())
    }

    /// The certificate the demo makes: RSA for hosts named `rsa.…`, else P-256.
    private static func leaf(_ hostname: Hostname) -> CertificateFacts {
        let isRSA = "\(hostname)".hasPrefix("rsa.")
        return CertificateFacts(
            names: ["\(hostname)"],
            notBefore: now - 86_400,
            notAfter: now + 90 * 86_400,
            key: isRSA ? .rsa(bits: 2_048) : .ecdsa(bits: 256),
            signature: .ecdsaWithSHA256,
            isAuthority: false,
            serial: "01",
            fingerprint: String(repeating: "0", count: 64),
            issuer: "CN=demo"
        )
    }
}
