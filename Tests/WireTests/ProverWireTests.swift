import Foundation
import Onboarding
import TLSPolicy
import Testing

/// The prover against a server that nobody here wrote.
@Suite struct ProverWireTests {
    @Test func `what OpenSSL serves is proved, version by version and suite by suite`() async throws {
        let edge = try OpenSSLEdge()
        defer { edge.remove() }
        let blind = try await edge.blind()
        var servers: Set<EdgeSettings> = []
        let cases = try WireCase.all.filter { item in
            // With 3DES left out a list is another list.
            guard try item.verdict().isEmpty, !item.effective.offeredSuites.contains(where: blind.contains) else {
                return false
            }
            return item.keys.isEmpty && servers.insert(EdgeSettings(item.effective)).inserted
        }
        #expect(cases.count > 20, "\(cases.count)")
        for item in cases {
            let seen = try await edge.serving(item.effective, keys: [.rsa, .ecdsa]) { address in
                await look(item, at: address)
            }
            let mismatches = judge(expectation(item), seen: seen, now: .now)
            if !mismatches.isEmpty { Issue.record("\(item): \(mismatches)") }
        }
    }

    @Test func `a server with another list, minimum or key is caught`() async throws {
        let edge = try OpenSSLEdge()
        defer { edge.remove() }
        let none = ZoneSettings()
        func item(_ list: String, _ minimum: TLSVersion, _ tls13: Switch = .on) throws -> WireCase {
            let list = try #require(WireList.all.first { $0.name == list })
            return WireCase(list: list, minimum: minimum, tls13: tls13, keys: [], zone: none)
        }
        let wanted = try item("modern@1", .v1_2)
        let others = [
            (try item("compatible@1", .v1_2), "no other suite accepted at TLS 1.2"),
            (try item("ECDSA AEAD", .v1_2), "TLS 1.2 with ECDHE-RSA-AES128-GCM-SHA256"),
            (try item("RSA old, ECDSA 1.2", .v1_0), "TLS 1.0 refused"),
            (try item("modern@1", .v1_2, .off), "TLS 1.3 accepted"),
        ]
        for (served, complaint) in others {
            let seen = try await edge.serving(served.effective, keys: [.rsa, .ecdsa]) { address in
                await look(wanted, at: address)
            }
            let mismatches = judge(expectation(wanted), seen: seen, now: .now)
            #expect(mismatches.contains { $0.wanted.hasPrefix(complaint) }, "\(served): \(mismatches)")
        }
        let seen = try await edge.serving(wanted.effective, keys: [.rsa]) { await look(wanted, at: $0) }
        #expect(
            judge(expectation(wanted), seen: seen, now: .now).contains { $0.wanted.contains("ECDHE-ECDSA") },
            "one leaf where two are served otherwise"
        )
    }

    private func expectation(_ item: WireCase) -> ProofExpectation {
        ProofExpectation(name: "shop.usher.de", settings: EdgeSettings(item.effective), keys: [.rsa, .ecdsa])
    }

    private func look(_ item: WireCase, at address: String) async -> EdgeSighting {
        var limits = ProbeLimits()
        limits.perSecond = 2_000
        limits.connect = .seconds(20)
        limits.answer = .seconds(20)
        limits.total = .seconds(120)
        guard let edge = EdgeAddress(address) else {
            return EdgeSighting(name: "shop.usher.de", trouble: "no server came up: \(address)")
        }
        return await HandshakeProver(edge: edge, allowsPrivate: true, limits: limits).look(expectation(item))
    }
}

extension Int64 {
    /// Seconds since 1970; the leaves of these tests are valid for a day before and after they are made.
    fileprivate static var now: Int64 { Int64(Date().timeIntervalSince1970) }
}
