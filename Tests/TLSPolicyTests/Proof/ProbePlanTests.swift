import TLSPolicy
import Testing

/// The plan sees exactly what an edge does, with the connections the table promises.
@Suite struct ProbePlanTests {
    @Test func `a plan sees every version and every suite as they are`() {
        for edge in ModelEdge.all {
            let seen = edge.look(ProofExpectation(edge))
            for version in TLSVersion.allCases {
                let suites = CipherSuite.settable.filter { version < .v1_3 && edge.accepts(version, $0) }
                if seen[version]?.isAccepted != edge.accepts(version) || Set(seen[version]?.suites ?? []) != Set(suites)
                {
                    Issue.record("\(edge) at TLS \(version): \(String(describing: seen[version]))")
                }
            }
            if seen.trouble != nil { Issue.record("\(edge): \(seen.trouble ?? "")") }
        }
        #expect(ModelEdge.all.count == 4 * 2 * 9 * 3)
    }

    @Test func `what is not as expected is seen all the same`() {
        let modern = ModelEdge.all.first { $0.minimum == .v1_2 && $0.keys.count == 2 && $0.suites.count == 6 }
        guard let modern else { return #expect(Bool(false), "there is such an edge") }
        for edge in ModelEdge.all {
            let seen = edge.look(ProofExpectation(modern))
            for version in TLSVersion.allCases where seen[version]?.isAccepted != edge.accepts(version) {
                Issue.record("\(edge) at TLS \(version): \(String(describing: seen[version]))")
            }
        }
    }

    @Test(arguments: [
        (TLSVersion.v1_2, TLSProfile.modern1.ciphers ?? [], 10),
        (.v1_3, [], 2),
        (.v1_0, CipherSuite.settable, 36),
    ])
    func `as few connections as the table says`(minimum: TLSVersion, suites: [CipherSuite], connections: Int) {
        let edge = ModelEdge(
            minimum: minimum,
            suites: suites,
            isTLS13On: true,
            keys: [.rsa, .ecdsa],
            leaf: ModelEdge.leaf()
        )
        #expect(edge.look(ProofExpectation(edge)).connections == connections)
    }

    @Test func `where nobody has chosen a list one suite a version is enough`() {
        let edge = ModelEdge(
            minimum: .v1_0,
            suites: CipherSuite.settable,
            isTLS13On: true,
            keys: [.rsa, .ecdsa],
            leaf: ModelEdge.leaf()
        )
        let open = ProofExpectation(
            name: "shop.usher.de",
            settings: EdgeSettings(ZoneSettings()),
            keys: edge.keys
        )
        let seen = edge.look(open)
        #expect(seen.connections == 7)
        #expect(judge(open, seen: seen, now: 1_000).isEmpty)
        var closed = edge
        closed.minimum = .v1_1
        #expect(judge(open, seen: closed.look(open), now: 1_000).map(\.wanted) == ["TLS 1.0 accepted"])
    }

    @Test func `no edge takes more connections than a prober allows`() {
        let most = ModelEdge.all.map { $0.look(ProofExpectation($0)).connections }.max() ?? 0
        #expect(most <= 80)
    }

    @Test func `silence ends the plan and is told`() {
        let edge = ModelEdge.all[0]
        for silentAt in 0..<10 {
            var plan = ProbePlan(ProofExpectation(edge))
            var made = 0
            while let probe = plan.next {
                plan.record(made == silentAt ? .silence("nobody is there") : edge.answer(probe))
                made += 1
            }
            #expect(made == silentAt + 1)
            #expect(plan.seen.trouble == "nobody is there")
        }
    }

    @Test func `a server that chooses what was not offered proves nothing`() {
        for answer in [ProbePlan.Answer.chosen(.v1_2, 0xFFFF), .chosen(.v1_3, 0x1301), .completed] {
            var plan = ProbePlan(ProofExpectation(ModelEdge.all[0]))
            plan.record(answer)
            #expect(plan.next == nil)
            #expect(plan.seen.trouble != nil)
        }
    }

    @Test func `random answers always end`() {
        var random = SeededRandom()
        for _ in 0..<5_000 {
            var plan = ProbePlan(ProofExpectation(random.pick(ModelEdge.all)))
            while let probe = plan.next {
                switch (probe, Int.random(in: 0..<8, using: &random)) {
                case (.hello(let version, let suites), 0..<6):
                    let chosen = random.pick(TLSVersion.allCases.filter { $0 <= min(version, .v1_2) })
                    plan.record(.chosen(chosen, suites.randomElement(using: &random)?.codePoint ?? 0))
                case (.hello, 6): plan.record(.refused("alert 40"))
                case (.hello, _): plan.record(.refusedVersion("alert 70"))
                case (.handshake, 0..<4): plan.record(.completed)
                case (.handshake, 4..<6): plan.record(.notPossible)
                case (.handshake, _): plan.record(.refused("alert 40"))
                }
                if plan.seen.connections > 72 { break }
            }
            random.expect(plan.seen.connections <= 72)
        }
    }
}
