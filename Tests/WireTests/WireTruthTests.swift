import NIOCore
import NIOPosix
import TLSPolicy
import Testing

/// The verdicts of `TLSPolicy` against handshakes: what it calls feasible shakes hands, what it does not, fails.
@Suite struct WireTruthTests {
    @Test func `this build of BoringSSL lacks four suites and no version`() {
        let lacking = Set(BoringEdge.blind.map(\.name))
        #expect(
            lacking == ["ECDHE-ECDSA-AES256-SHA384", "ECDHE-RSA-AES256-SHA384", "AES128-SHA256", "AES256-SHA256"]
        )
    }

    @Test func `verdicts hold on the wire, version by version and suite by suite`() async throws {
        // What hangs on a suite that the library lacks is OpenSSL's to confirm.
        let visible = try WireCase.all.filter { try $0.isVisible(without: BoringEdge.blind) }
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
        let edge = try BoringEdge(group: group)
        var seen: [BoringEdge.Settings: Set<WireOffer>] = [:]
        var counts = (feasible: 0, infeasible: 0)
        for item in visible {
            var handshakes: Handshakes = [:]
            for key in item.served {
                let settings = BoringEdge.Settings(item.effective, key: key)
                let accepted = if let known = seen[settings] { known } else { try await edge.handshakes(settings) }
                seen[settings] = accepted
                handshakes[key] = accepted
            }
            compare(item, handshakes, without: BoringEdge.blind)
            try check(item, handshakes)
            if try item.verdict().isEmpty { counts.feasible += 1 } else { counts.infeasible += 1 }
        }
        try await group.shutdownGracefully()
        #expect(counts.feasible > 500 && counts.infeasible > 500, "\(counts), \(seen.count) servers")
    }

    /// The combinations that hang on a suite BoringSSL lacks, one of each kind of server, every sixth of them.
    @Test func `what BoringSSL cannot show holds with OpenSSL`() async throws {
        let edge = try OpenSSLEdge()
        defer { edge.remove() }
        let blind = try await edge.blind()
        #expect(blind.map(\.name) == ["DES-CBC3-SHA"], "and BoringSSL has it, so that no suite goes unseen")
        let offers = WireOffer.all(without: blind)
        var servers: Set<[BoringEdge.Settings]> = []
        let hidden = try WireCase.all.filter { item in
            guard try !item.isVisible(without: BoringEdge.blind), try item.isVisible(without: blind) else {
                return false
            }
            return servers.insert(item.served.map { BoringEdge.Settings(item.effective, key: $0) }).inserted
        }
        for (index, item) in hidden.enumerated() where index.isMultiple(of: 6) {
            let accepted = try await edge.handshakes(item.effective, keys: item.served, offers: offers)
            var handshakes: Handshakes = [:]
            for key in item.served { handshakes[key] = accepted.filter { $0.suite?.authentication ?? key == key } }
            compare(item, handshakes, without: blind)
            try check(item, handshakes)
        }
        #expect(hidden.count > 20, "\(hidden.count)")
    }

    /// Offer by offer, by the kind of leaf.
    private func compare(_ item: WireCase, _ handshakes: Handshakes, without blind: Set<CipherSuite>) {
        for (key, accepted) in handshakes {
            let predicted = WireOffer.all(without: blind).filter {
                $0.isAccepted(by: item.effective, key: key)
            }
            let wrong = accepted.symmetricDifference(predicted)
            if !wrong.isEmpty {
                Issue.record("\(item), \(key) leaf: \(wrong.map(\.description).sorted())")
            }
        }
    }

    private func check(_ item: WireCase, _ handshakes: Handshakes) throws {
        let verdict = try item.verdict()
        let problems = WireFindings(wireCase: item, handshakes: handshakes).disagreements(with: verdict)
        if !problems.isEmpty { Issue.record("\(item): \(verdict): \(problems)") }
    }
}

extension BoringEdge.Settings {
    init(_ effective: EffectivePolicy, key: CipherSuite.Authentication) {
        self.init(
            minimum: effective.effectiveMinimumTLS,
            tls13: effective.effectiveTLS13 == .on,
            suites: effective.offeredSuites,
            key: key
        )
    }
}
