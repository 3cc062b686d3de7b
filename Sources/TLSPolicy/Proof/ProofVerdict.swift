/// One thing that handshakes must show and have not.
package struct ProofMismatch: Hashable, Sendable, Codable {
    package let name: String
    package let wanted: String
    package let seen: String
}

extension ProofMismatch: CustomStringConvertible {
    package var description: String { "\(name): wanted \(wanted), seen \(seen)" }
}

/// What a proof came to.
package enum ProofResult: String, CaseIterable, Hashable, Sendable, Codable {
    /// Everything was seen as it must be.
    case proved
    case mismatch
    /// The edge gave no answer that means anything.
    case unreachable
}

/// What handshakes for a hostname must show, what they showed, and what to make of it.
package struct Proof: Hashable, Sendable {
    package let wanted: [ProofExpectation]
    package let seen: [EdgeSighting]
    package let mismatches: [ProofMismatch]

    /// - Parameters:
    ///   - seen: One for each of `wanted`, in its order.
    ///   - now: Seconds since 1970, against which certificates are held.
    package init(wanted: [ProofExpectation], seen: [EdgeSighting], now: Int64) {
        self.wanted = wanted
        self.seen = seen
        mismatches = zip(wanted, seen).flatMap { judge($0, seen: $1, now: now) }
    }

    package var result: ProofResult {
        if seen.contains(where: { $0.trouble != nil }) || seen.count < wanted.count { return .unreachable }
        return mismatches.isEmpty ? .proved : .mismatch
    }
}

/// Everything that was not seen as it must be; empty if the proof holds.
///
/// - Parameter now: Seconds since 1970.
package func judge(_ expectation: ProofExpectation, seen: EdgeSighting, now: Int64) -> [ProofMismatch] {
    func mismatch(_ wanted: String, _ found: String) -> ProofMismatch {
        ProofMismatch(name: expectation.name, wanted: wanted, seen: found)
    }
    if let trouble = seen.trouble { return [mismatch("an answer from the edge", trouble)] }
    var mismatches: [ProofMismatch] = []
    for wanted in expectation.versions {
        guard let version = seen[wanted.version] else {
            if wanted.demand != .either { mismatches.append(mismatch(wanted.text, "nothing: it was not looked at")) }
            continue
        }
        mismatches += wanted.shortfalls(of: version).map(mismatch)
    }
    if seen.leaves.isEmpty && expectation.versions.contains(where: { $0.demand == .accepted }) {
        mismatches.append(mismatch("a certificate", "none"))
    }
    for leaf in seen.leaves { mismatches += expectation.shortfalls(of: leaf, now: now).map(mismatch) }
    return mismatches
}

extension ProofExpectation.Version {
    fileprivate var text: String { "TLS \(version) \(demand.rawValue)" }

    /// Pairs of what is wanted and what was seen.
    fileprivate func shortfalls(of seen: EdgeSighting.Version) -> [(String, String)] {
        let extra = seen.suites.filter { !allowed.contains($0) }
        switch demand {
        case .refused:
            guard seen.isAccepted else { return [] }
            return [(text, seen.suites.isEmpty ? "accepted" : "accepted with \(CipherSuite.list(seen.suites))")]
        case .accepted where !seen.isAccepted:
            return [(text, "refused: \(seen.note ?? "no reason given")")]
        case .accepted, .either:
            let missing = suites.filter { !seen.suites.contains($0) }
            var shortfalls: [(String, String)] = []
            if !missing.isEmpty {
                shortfalls.append(("TLS \(version) with \(CipherSuite.list(missing)) accepted", "refused"))
            }
            if !extra.isEmpty {
                let list = CipherSuite.list(extra)
                shortfalls.append(("no other suite accepted at TLS \(version)", "\(list) accepted"))
            }
            return shortfalls
        }
    }
}

extension ProofExpectation {
    fileprivate func shortfalls(of served: CertificateFacts, now: Int64) -> [(String, String)] {
        var shortfalls: [(String, String)] = []
        if let leaf, served.fingerprint != leaf {
            shortfalls.append(("the certificate \(leaf)", "\(served.fingerprint), issued by \(served.issuer)"))
        }
        if !served.covers(name) {
            let names = served.names.prefix(5).joined(separator: ", ")
            shortfalls.append(("a certificate for \(name)", "one for \(names.isEmpty ? "no name" : names)"))
        }
        if now < served.notBefore { shortfalls.append(("a valid certificate", "one that is not yet valid")) }
        if now > served.notAfter { shortfalls.append(("a valid certificate", "one that has expired")) }
        return shortfalls
    }
}

extension CipherSuite {
    fileprivate static func list(_ suites: [CipherSuite]) -> String {
        suites.map(\.name).joined(separator: ", ")
    }
}
