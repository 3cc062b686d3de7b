import TLSPolicy
import Testing

/// The verdict over every pair of what is wanted and what an edge does, against a truth of single offers.
@Suite struct ProofVerdictTests {
    @Test func `a proof holds for exactly the edges that do what is wanted`() {
        var counts = (held: 0, failed: 0)
        for wanted in ModelEdge.all {
            let expectation = ProofExpectation(wanted)
            for edge in ModelEdge.all where edge.keys == wanted.keys {
                let mismatches = judge(expectation, seen: edge.look(expectation), now: 1_000)
                if mismatches.isEmpty != Self.agree(wanted, edge) {
                    Issue.record("wanted \(wanted), edge \(edge): \(mismatches)")
                }
                if mismatches.isEmpty { counts.held += 1 } else { counts.failed += 1 }
            }
        }
        #expect(counts.held > 216 && counts.failed > 10_000, "\(counts)")
    }

    @Test func `suites no served key can use are neither demanded nor called wrong`() {
        for wanted in ModelEdge.all where wanted.keys.count == 1 {
            let expectation = ProofExpectation(wanted)
            for version in expectation.versions where version.version < .v1_3 {
                let servable = version.allowed.filter { wanted.keys.contains($0.authentication) }
                #expect(version.suites == servable)
            }
        }
    }

    /// Whether every client of one version and one suite fares the same with both.
    private static func agree(_ one: ModelEdge, _ other: ModelEdge) -> Bool {
        one.isTLS13On == other.isTLS13On
            && TLSVersion.allCases.allSatisfy { version in
                version == .v1_3
                    || CipherSuite.settable.allSatisfy { one.accepts(version, $0) == other.accepts(version, $0) }
            }
    }

    @Test func `a weaker minimum is named with the version seen`() {
        var edge = ModelEdge.all[0]
        edge.minimum = .v1_2
        let expectation = ProofExpectation(edge)
        edge.minimum = .v1_1
        let texts = judge(expectation, seen: edge.look(expectation), now: 1_000).map(\.description)
        #expect(texts.count == 1)
        #expect(texts.first?.hasPrefix("shop.usher.de: wanted TLS 1.1 refused, seen accepted with ") == true)
    }

    @Test func `certificates are held against fingerprint, name and time`() {
        let edge = ModelEdge.all[0]
        func texts(_ leaf: CertificateFacts, now: Int64 = 1_000) -> [String] {
            var served = edge
            served.leaf = leaf
            let expectation = ProofExpectation(edge, leaf: "aa")
            return judge(expectation, seen: served.look(expectation), now: now).map(\.wanted)
        }
        #expect(texts(ModelEdge.leaf()).isEmpty)
        #expect(texts(ModelEdge.leaf("bb")) == ["the certificate aa"])
        #expect(texts(ModelEdge.leaf(names: ["other.usher.de"])) == ["a certificate for shop.usher.de"])
        #expect(texts(ModelEdge.leaf(), now: 2_001) == ["a valid certificate"])
        #expect(texts(ModelEdge.leaf(), now: -1) == ["a valid certificate"])
    }

    @Test func `an edge without an answer is unreachable, not wrong`() {
        let expectation = ProofExpectation(ModelEdge.all[0])
        let silent = EdgeSighting(name: "shop.usher.de", trouble: "no answer in time")
        #expect(Proof(wanted: [expectation], seen: [silent], now: 0).result == .unreachable)
        #expect(Proof(wanted: [expectation], seen: [], now: 0).result == .unreachable)
    }
}
