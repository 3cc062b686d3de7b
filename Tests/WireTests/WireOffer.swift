import TLSPolicy

/// What one client offers: one version, and one suite of it.
struct WireOffer: Hashable, Sendable {
    let version: TLSVersion
    /// `nil` for TLS 1.3, where a client offers what its library has.
    let suite: CipherSuite?

    /// Every offer that TLS itself knows, except with the suites a library is blind to.
    ///
    /// 3DES above TLS 1.0 is left out: the edge turns it off by a rule of its own, which no list of a plain server
    /// can express, and a plain server would accept it.
    static func all(without blind: Set<CipherSuite>) -> [WireOffer] {
        let older = TLSVersion.allCases.filter { $0 < .v1_3 }.flatMap { version in
            CipherSuite.settable
                .filter { !blind.contains($0) && $0.minimumTLS <= version }
                .filter { $0.encryption != .tripleDES || version == .v1_0 }
                .map { WireOffer(version: version, suite: $0) }
        }
        return older + [WireOffer(version: .v1_3, suite: nil)]
    }

    /// Whether `TLSPolicy` lets the edge accept the offer with a leaf of this kind.
    func isAccepted(by effective: EffectivePolicy, key: CipherSuite.Authentication) -> Bool {
        guard version >= effective.effectiveMinimumTLS else { return false }
        guard let suite else { return effective.effectiveTLS13 == .on }
        return suite.authentication == key && suite.isUsable(at: version) && effective.offeredSuites.contains(suite)
    }
}

extension WireOffer: CustomStringConvertible {
    var description: String { "TLS \(version) \(suite?.name ?? "any suite")" }
}

/// The offers a server accepted, by the kind of key of its leaf.
typealias Handshakes = [CipherSuite.Authentication: Set<WireOffer>]

/// What handshakes say about a verdict.
struct WireFindings {
    let wireCase: WireCase
    let handshakes: Handshakes

    /// Leaves that no client of TLS 1.2 or below reached, though such clients are allowed.
    var idleLeaves: Int {
        guard wireCase.effective.effectiveMinimumTLS < .v1_3 else { return 0 }
        return wireCase.keys.count { key in !(handshakes[key] ?? []).contains { $0.suite != nil } }
    }

    /// Versions up to TLS 1.2 that are allowed and that no client got through with.
    var deadVersions: [TLSVersion] {
        let minimum = wireCase.effective.effectiveMinimumTLS
        return TLSVersion.allCases.filter { version in
            minimum <= version && version < .v1_3 && !accepted.contains { $0.version == version }
        }
    }

    private var accepted: Set<WireOffer> { handshakes.values.reduce([]) { $0.union($1) } }

    /// What the verdict claims and the wire does not bear out, or the other way round; empty if they agree.
    func disagreements(with verdict: [Contradiction.Kind]) -> [String] {
        var problems: [String] = []
        func demand(_ claim: String, _ holds: Bool) { if !holds { problems.append(claim) } }
        let minimum = wireCase.effective.effectiveMinimumTLS
        if verdict.isEmpty {
            demand("feasible: every allowed version shakes hands", deadVersions.isEmpty)
            demand("feasible: every leaf is used", idleLeaves == 0)
            demand("feasible: some modern client shakes hands", accepted.contains { $0.version >= .v1_2 })
        }
        if verdict.contains(.tls13OffWithMinimum13) { demand("nobody shakes hands", accepted.isEmpty) }
        if minimum == .v1_3, accepted.isEmpty { demand("named", verdict.contains(.tls13OffWithMinimum13)) }
        let unserved = verdict.count { $0 == .noSuiteForKey }
        demand("\(unserved) leaves are idle, not \(idleLeaves)", unserved == idleLeaves)
        if verdict.contains(.noSuiteAtVersion) { demand("some allowed version is dead", !deadVersions.isEmpty) }
        if !deadVersions.isEmpty { demand("a dead version is named", !verdict.isEmpty) }
        return problems
    }
}
