import TLSPolicy

/// An edge that answers as RFC 5246 and RFC 8446 have a server answer, without a network.
struct ModelEdge: Hashable, Sendable {
    var minimum: TLSVersion
    var suites: [CipherSuite]
    var isTLS13On: Bool
    /// The kinds of key it has a certificate for.
    var keys: Set<CipherSuite.Authentication>
    var leaf: CertificateFacts

    /// Whether a client of exactly this version and suite gets through; the truth of the tests.
    func accepts(_ version: TLSVersion, _ suite: CipherSuite) -> Bool {
        version >= minimum && suite.isUsable(at: version) && suites.contains(suite)
            && keys.contains(suite.authentication)
    }

    func accepts(_ version: TLSVersion) -> Bool {
        version == .v1_3 ? isTLS13On : CipherSuite.settable.contains { accepts(version, $0) }
    }

    func answer(_ probe: ProbePlan.Probe) -> ProbePlan.Answer {
        switch probe {
        case .hello(.v1_3, _): isTLS13On ? .chosen(.v1_3, 0x1301) : .refusedVersion("alert 70")
        case .hello(let version, let offered): hello(version, offered)
        case .handshake(let version, let offered):
            accepts(version) && (version == .v1_3 || offered.contains { accepts(version, $0) })
                ? .completed : .refused("alert 40")
        }
    }

    /// The version is agreed on first, whatever suites there are.
    private func hello(_ newest: TLSVersion, _ offered: [CipherSuite]) -> ProbePlan.Answer {
        guard let version = TLSVersion.allCases.last(where: { $0 <= newest && $0 >= minimum && $0 < .v1_3 }) else {
            return .refusedVersion("alert 70")
        }
        let suite = suites.first { accepts(version, $0) && offered.contains($0) }
        return suite.map { .chosen(version, $0.codePoint) } ?? .refused("alert 40")
    }

    /// Everything a plan sees of it.
    func look(_ expectation: ProofExpectation) -> EdgeSighting {
        var plan = ProbePlan(expectation)
        while let probe = plan.next {
            let answer = answer(probe)
            let isShown = if case .chosen = answer { true } else { answer == .completed }
            plan.record(answer, leaf: isShown ? leaf : nil)
        }
        return plan.seen
    }

    /// Every minimum, switch, class of list and set of keys.
    static let all: [ModelEdge] = {
        var edges: [ModelEdge] = []
        for minimum in TLSVersion.allCases {
            for isTLS13On in [true, false] {
                for suites in lists {
                    for keys: Set<CipherSuite.Authentication> in [[.rsa], [.ecdsa], [.rsa, .ecdsa]] {
                        edges.append(
                            ModelEdge(
                                minimum: minimum,
                                suites: suites,
                                isTLS13On: isTLS13On,
                                keys: keys,
                                leaf: leaf()
                            )
                        )
                    }
                }
            }
        }
        return edges
    }()

    static let lists: [[CipherSuite]] = [
        CipherSuite.settable,
        TLSProfile.modern1.ciphers ?? [],
        TLSProfile.compatible1.ciphers ?? [],
        named("ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-CHACHA20-POLY1305"),
        named("ECDHE-RSA-AES256-GCM-SHA384"),
        named("AES128-SHA", "AES256-GCM-SHA384"),
        named("ECDHE-ECDSA-AES128-SHA", "ECDHE-RSA-AES256-SHA384"),
        named("DES-CBC3-SHA", "AES256-SHA256"),
        named("DES-CBC3-SHA"),
    ]

    private static func named(_ names: String...) -> [CipherSuite] { names.compactMap(CipherSuite.named) }

    /// Facts of a leaf that nothing is wrong with.
    static func leaf(
        _ fingerprint: String = "aa",
        names: [String] = ["shop.usher.de", "*.shop.usher.de"]
    )
        -> CertificateFacts
    {
        CertificateFacts(
            names: names,
            notBefore: 0,
            notAfter: 2_000,
            key: .ecdsa(bits: 256),
            signature: .sha256WithRSA,
            isAuthority: false,
            serial: "01",
            fingerprint: fingerprint,
            issuer: "CN=Test"
        )
    }
}

extension ProofExpectation {
    /// What an edge that is set as this one must show.
    init(_ edge: ModelEdge, leaf: String? = nil) {
        self.init(
            name: "shop.usher.de",
            settings: EdgeSettings(
                minimumTLS: edge.minimum,
                suites: edge.suites,
                tls13: edge.isTLS13On ? .on : .off
            ),
            keys: edge.keys,
            leaf: leaf
        )
    }
}
