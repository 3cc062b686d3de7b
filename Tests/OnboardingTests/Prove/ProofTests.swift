import Foundation
import Onboarding
import Postgres
import Simulator
import TLSPolicy
import TestSupport
import Testing

/// Nothing is called enforced before handshakes have shown it.
@Suite(.database)
struct ProofTests {
    private let name = "shop.acme-usher.com"
    private static let ownEdge: @Sendable (SimulatorServer) async throws -> Proving = {
        .byHandshake(try await $0.prover)
    }
    private static let modern = TLSProfile.modern1.ciphers?.map(\.name) ?? []

    @Test func `an edge that does as told is enforced, with evidence`() async throws {
        try await OnboardingWorld.with(proving: Self.ownEdge) { world in
            try await world.tier("gold", Policies.modern)
            try await world.enqueue(name)
            try await world.work()
            #expect(try await world.rows("usher.evidence", "true") == 0, "nothing is looked at before it is served")
            try await world.pass()
            #expect(try await world.standing(name) == "enforced")
            #expect(try await world.rows("usher.evidence", "result = 'proved' and policy = 'gold@1'") == 1)
            let latest = try #require(try await world.latestEvidence(name))
            #expect(latest.result == .proved && latest.mismatches.isEmpty && latest.generation == 1)
            #expect(world.calls(.create) + world.calls(.list) == 2, "a proof costs no call of the provider's")
            #expect(world.calls(.edit) + world.calls(.get) == 0)
        }
    }

    @Test func `TLS 1.3 alone is proved by two connections`() async throws {
        try await OnboardingWorld.with(proving: Self.ownEdge) { world in
            try await world.tier("platinum", Policies.strict)
            try await world.enqueue(name)
            try await world.work()
            try await world.pass()
            #expect(try await world.standing(name) == "enforced")
            #expect(try await world.rows("usher.evidence", "(seen -> 0 ->> 'connections')::int = 2") == 1)
        }
    }

    @Test func `an edge with a weaker minimum is unverified, and the version seen is named`() async throws {
        try await OtherEdge.with { edge in
            try await edge.serve(name, minimum: .v1_1, Self.modern + ["ECDHE-ECDSA-AES128-SHA"])
            try await OnboardingWorld.with(proving: edge.proving) { world in
                try await world.tier("gold", Policies.modern)
                try await world.enqueue(name)
                try await world.work()
                try await world.pass()
                #expect(try await world.standing(name) == "unverified")
                let message = try await world.message(name)
                #expect(message.contains("wanted TLS 1.1 refused, seen accepted with ECDHE-ECDSA-AES128-SHA"))
                #expect(try await world.rows("usher.evidence", "result = 'mismatch'") == 1)
                #expect(try await world.rows("usher.hostname", "observed_generation = 0") == 1)
            }
        }
    }

    @Test func `an edge that follows late is enforced in the end`() async throws {
        try await OtherEdge.with { edge in
            try await OnboardingWorld.with(proving: edge.proving) { world in
                try await world.tier("gold", Policies.modern)
                try await world.enqueue(name)
                try await world.work()
                try await world.pass()
                #expect(try await world.standing(name) == "unverified")
                try await edge.serve(name, minimum: .v1_2, Self.modern)
                try await world.hurry()
                #expect(try await world.standing(name) == "enforced")
                #expect(try await world.rows("usher.evidence", "true") == 2, "both are kept")
            }
        }
    }

    @Test func `patience ends, and an operator is asked`() async throws {
        try await OtherEdge.with { edge in
            try await edge.serve(name, minimum: .v1_2, Array(Self.modern.dropLast()))
            try await OnboardingWorld.with(proving: edge.proving) { world in
                try await world.tier("gold", Policies.modern)
                try await world.enqueue(name)
                try await world.work()
                try await world.pass()
                let left = try #require(Self.modern.last)
                #expect(try await world.message(name).contains("wanted TLS 1.2 with \(left) accepted, seen refused"))
                for _ in 0..<8 { try await world.hurry() }
                #expect(try await world.standing(name) == "unverified")
                let failed = "error_class = 'applied_unverified' and actor = 'operator'"
                #expect(try await world.rows("usher.ended", Statement(verbatim: failed)) == 1)
                #expect(world.calls(.create) + world.calls(.edit) == 1, "it is not written again")
            }
        }
    }

    @Test func `another certificate than the tenant's is unverified`() async throws {
        try await OtherEdge.with { edge in
            try await edge.serve(name, minimum: .v1_2, Self.modern)
            try await OnboardingWorld.with(proving: edge.proving) { world in
                try await world.tier("gold", Policies.modern)
                try await world.enqueue(name, HostnameWish(customCertificate: true))
                let facts = try await world.putCertificate(name)
                try await world.work()
                try await world.pass()
                #expect(try await world.standing(name) == "unverified")
                #expect(try await world.message(name).contains("wanted the certificate \(facts.fingerprint)"))
            }
        }
    }

    @Test func `the tenant's own certificate is proved by its fingerprint`() async throws {
        try await OnboardingWorld.with(proving: Self.ownEdge) { world in
            try await world.tier("gold", Policies.modern)
            try await world.enqueue(name, HostnameWish(customCertificate: true))
            let facts = try await world.putCertificate(name)
            try await world.work()
            try await world.pass()
            #expect(try await world.standing(name) == "enforced")
            let served = "seen -> 0 -> 'leaves' -> 0 ->> 'fingerprint' = '\(facts.fingerprint)'"
            #expect(try await world.rows("usher.evidence", Statement(verbatim: served)) == 1)
        }
    }

    @Test func `a wildcard's child is seen with the zone's settings, its own name with the tier's`() async throws {
        try await OnboardingWorld.with(proving: Self.ownEdge) { world in
            try await world.tier("platinum", Policies.strict)
            try await world.enqueue(name, HostnameWish(wildcard: true))
            try await world.work()
            try await world.pass()
            let message = try await world.message(name)
            #expect(try await world.standing(name) == "partial", "\(message)")
            let seen = """
                seen @? '$[0].versions[*] ? (@.version == "1.2" && @.accepted == false)'
                and seen @? '$[1].versions[*] ? (@.version == "1.2" && @.accepted == true)'
                """
            #expect(try await world.rows("usher.evidence", Statement(verbatim: seen)) == 1)
        }
    }

    @Test func `with proof turned off a hostname is enforced, and says that it was not proved`() async throws {
        try await OnboardingWorld.with { world in
            try await world.tier("gold", Policies.modern)
            try await world.enqueue(name)
            try await world.work()
            try await world.pass()
            #expect(try await world.standing(name) == "enforced")
            #expect(try await world.message(name) == "not proved by a handshake: proof is turned off")
            #expect(try await world.rows("usher.evidence", "true") == 0)
        }
    }

    @Test func `an edge that may not be asked leaves the hostname unverified`() async throws {
        let refusing: @Sendable (SimulatorServer) async throws -> Proving = { simulator in
            .byHandshake(HandshakeProver(edge: .local(try await simulator.edgePort), allowsPrivate: false))
        }
        try await OnboardingWorld.with(proving: refusing) { world in
            try await world.tier("gold", Policies.modern)
            try await world.enqueue(name)
            try await world.work()
            try await world.pass()
            #expect(try await world.standing(name) == "unverified")
            #expect(try await world.message(name).contains("not an address of the public internet"))
            #expect(try await world.rows("usher.evidence", "result = 'unreachable' and address is null") == 1)
        }
    }

    @Test func `a hostname is verified at any time, and told apart from what was proved before`() async throws {
        try await OnboardingWorld.with(proving: Self.ownEdge) { world in
            try await world.tier("gold", Policies.modern)
            try await world.enqueue(name)
            try await world.work()
            try await world.pass()
            let hostname = try Hostname(name)
            let verification = HostnameVerification(pool: world.pool, prover: try await world.simulator.prover)
            guard case .judged(let good) = try await verification.verify(hostname) else {
                Issue.record("it was not judged")
                return
            }
            #expect(good.proof.result == .proved && good.policy == "gold@1")
            try await OtherEdge.with { edge in
                try await edge.serve(name, minimum: .v1_0, Self.modern + ["AES128-SHA"])
                let other = HostnameVerification(pool: world.pool, prover: try await edge.simulator.prover)
                guard case .judged(let bad) = try await other.verify(hostname) else {
                    Issue.record("it was not judged")
                    return
                }
                #expect(bad.proof.result == .mismatch)
                #expect(bad.proof.mismatches.contains { $0.wanted == "TLS 1.0 refused" })
            }
            #expect(try await world.rows("usher.evidence", "true") == 3)
            let line = try await world.exported().first
            #expect(line?.result == .mismatch && line?.owner == "acme")
            #expect(try #require(line?.verifiedAt) < #require(line?.checkedAt), "what was proved before is remembered")
        }
    }

    @Test func `evidence is never changed`() async throws {
        try await OnboardingWorld.with(proving: Self.ownEdge) { world in
            try await world.tier("platinum", Policies.strict)
            try await world.enqueue(name)
            try await world.work()
            try await world.pass()
            for change: Statement in ["update usher.evidence set result = 'proved'", "delete from usher.evidence"] {
                await #expect(throws: PostgresError.self) {
                    try await world.pool.session { db throws(PostgresError) in _ = try db.execute(change) }
                }
            }
            #expect(try await world.rows("usher.evidence", "true") == 1)
        }
    }
}

extension OnboardingWorld {
    fileprivate func latestEvidence(_ name: String) async throws -> EvidenceReport? {
        guard let report = try await HostnameDirectory(pool: pool).report(on: name) else { return nil }
        return try await EvidenceStore(pool: pool).latest(of: report.hostnameID)
    }

    fileprivate func exported() async throws -> [EvidenceLine] {
        var lines: [EvidenceLine] = []
        try await EvidenceExport(pool: pool, pageSize: 1).forEachPage { lines += $0 }
        return lines
    }

    /// A tenant's certificate of its own for the name, sealed to the worker's key.
    fileprivate func putCertificate(_ name: String) async throws -> CertificateFacts {
        let now = VirtualInstant(microseconds: Int64(Date().timeIntervalSince1970 * 1_000_000))
        let issued = try CertificateAuthority(start: now).issue(
            names: [name],
            key: .p256,
            notBefore: now.adding(seconds: -86_400),
            notAfter: now.adding(seconds: 180 * 86_400)
        )
        let sealed = try SealedCertificate(
            chainPEM: issued.chainPEM,
            key: PrivateKeyPEM(text: issued.keyPEM),
            tenant: "acme",
            hostname: name,
            sealingTo: keys.current.publicKey
        )
        _ = try await CertificateStore(pool: pool).put(sealed, tenant: "acme", hostname: name)
        return sealed.facts
    }
}
