package import TLSPolicy

/// Looks at what an edge does for one name, by handshakes.
package protocol EdgeProver: Sendable {
    /// Never fails: what stands in the way is part of what was seen.
    func look(_ expectation: ProofExpectation) async -> EdgeSighting
}

/// Whether a hostname is called enforced only after handshakes have shown it.
package enum Proving: Sendable {
    case byHandshake(any EdgeProver)
    /// The operator has turned proof off.
    case off
}

extension Proof {
    /// Looks at one name after the other.
    ///
    /// - Parameter now: Seconds since 1970, against which certificates are held.
    package init(of wanted: [ProofExpectation], by prover: any EdgeProver, now: Int64) async {
        var seen: [EdgeSighting] = []
        for expectation in wanted {
            let sighting = await prover.look(expectation)
            seen.append(sighting)
            // Who does not answer for one name will not for the next.
            if sighting.trouble != nil { break }
        }
        self.init(wanted: wanted, seen: seen, now: now)
    }
}
