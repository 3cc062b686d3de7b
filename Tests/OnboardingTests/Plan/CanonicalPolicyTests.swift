import Foundation
import Onboarding
import TLSPolicy
import Testing

@Suite struct CanonicalPolicyTests {
    /// As it was stored before tiers could say more than this; its checksum is in databases.
    private static let stored = """
        {"ciphers":["ECDHE-ECDSA-AES128-GCM-SHA256","ECDHE-RSA-AES128-GCM-SHA256"],"custom_certificate":"allowed",\
        "expiry_alert_days":[30,14,7,1],"http2":"on","limits":{"hostnames":200,"pending":100,"running":4},\
        "min_tls":"1.2","mtls":false,"profile":"house@1","tls_1_3":"on","weight":8,\
        "wildcard":{"require_zone_min":"1.2"}}
        """
    private static let checksum = "f9c20a26485ed7220bcda8d6506d7967f6ab14e44c71ab43958f675142b8d880"

    @Test func `a revision stored earlier reads, and has the same document and checksum as ever`() throws {
        let policy = try JSONDecoder().decode(TierPolicy.self, from: Data(Self.stored.utf8))
        let written = TierPolicy(
            profile: "house@1",
            minimumTLS: .v1_2,
            ciphers: CipherSuite.parse(["ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256"]).suites,
            tls13: .on,
            http2: .on,
            customCertificate: .allowed,
            wildcard: .requireZoneMinimum(.v1_2),
            limits: TierLimits(hostnames: 200, pending: 100, running: 4),
            weight: 8
        )
        #expect(policy == written)
        let canonical = try CanonicalPolicy(policy)
        #expect(canonical.text == Self.stored)
        #expect(canonical.checksum == Self.checksum)
    }

    @Test func `whatever is set beyond that makes another checksum`() throws {
        let plain = TierPolicy()
        var others = [plain]
        for edit in [
            { $0.certificateAuthority = .google }, { $0.downgrade = DowngradePlan() },
            { $0.downgrade = DowngradePlan(ciphers: .relax) }, { $0.guards = Guards() },
            { $0.guards = Guards(maximumDeletePercent: 2) },
            { $0.rollout = RolloutSteps(steps: [.percent(100)]) },
            { $0.rollout = RolloutSteps(steps: [.hostnames(100), .percent(100)]) },
        ] as [(inout TierPolicy) -> Void] {
            var other = plain
            edit(&other)
            others.append(other)
        }
        #expect(try Set(others.map { try CanonicalPolicy($0).checksum }).count == others.count)
    }
}
