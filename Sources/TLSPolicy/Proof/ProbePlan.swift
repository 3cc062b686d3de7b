/// Which connections show what an edge does for one name, decided one after another from the answers.
///
/// A hello offers every suite that is left; the edge takes one, which is then left out, until it refuses: that refusal
/// shows all others refused at once. A hello that is refused for its version shows every older version refused too, as
/// a server takes the newest version it shares with the client (RFC 5246 appendix E.1); one that is refused for its
/// suites does not.
///
/// | to show | connections |
/// |---|---|
/// | n suites accepted at a version, and no other | n + 1 |
/// | all versions below the minimum refused | 1 |
/// | a version accepted by a whole handshake, and its leaf | 1 for each version |
/// | TLS 1.3 refused | 1 |
/// | modern@1 or pci@1, both keys | 10: 7 + 1 + 2 |
/// | strict@1 | 2: 1 + 1 |
/// | a list of every suite from TLS 1.0, both keys | 36: 20 + 6 + 6 + 4 |
/// | no list, from TLS 1.0 | 7: 3 + 4 |
package struct ProbePlan: Sendable {
    /// One connection to make.
    package enum Probe: Hashable, Sendable {
        /// A hello of ours, to see what is chosen: up to this version, with these suites; none at TLS 1.3.
        case hello(TLSVersion, [CipherSuite])
        /// A whole handshake at exactly this version, with one of these suites; any at TLS 1.3.
        case handshake(TLSVersion, [CipherSuite])
    }

    /// What came of a connection.
    package enum Answer: Hashable, Sendable {
        /// The server chose this version and this suite, by its number.
        case chosen(TLSVersion, UInt16)
        /// The handshake came to its end.
        case completed
        /// The server said no, in these words.
        case refused(String)
        /// The server said that it has none of the versions.
        case refusedVersion(String)
        /// Our library has none of the suites, so no connection was made.
        case notPossible
        /// Nothing that means yes or no: nobody answered, or not in TLS.
        case silence(String)
    }

    private enum Step: Hashable, Sendable {
        case suites(TLSVersion, left: [CipherSuite], found: [CipherSuite])
        case tls13
        case handshakes([TLSVersion])
        case end
    }

    private let expectation: ProofExpectation
    private var step = Step.suites(.v1_2, left: offered(at: .v1_2), found: [])
    /// What has been seen so far.
    package private(set) var seen: EdgeSighting

    package init(_ expectation: ProofExpectation, address: String? = nil) {
        self.expectation = expectation
        seen = EdgeSighting(name: expectation.name, address: address)
    }

    /// The next connection to make; `nil` when all is seen.
    package var next: Probe? {
        switch step {
        case .suites(let version, let left, _): .hello(version, left)
        case .tls13: expectation[.v1_3]?.demand == .refused ? .hello(.v1_3, []) : .handshake(.v1_3, [])
        case .handshakes(let versions): versions.first.map { .handshake($0, seen[$0]?.suites ?? []) }
        case .end: nil
        }
    }

    /// Takes what came of the connection that `next` asked for, and the leaf certificate if one was shown.
    package mutating func record(_ answer: Answer, leaf: CertificateFacts? = nil) {
        if answer != .notPossible { seen.connections += 1 }
        if let leaf, !seen.leaves.contains(where: { $0.fingerprint == leaf.fingerprint }) { seen.leaves.append(leaf) }
        if case .silence(let reason) = answer { return stop(reason) }
        switch step {
        case .suites(let version, let left, let found): record(answer, version, left, found)
        case .tls13: recordTLS13(answer)
        case .handshakes(let versions): recordHandshake(answer, versions)
        case .end: break
        }
    }

    private static func offered(at version: TLSVersion) -> [CipherSuite] {
        CipherSuite.settable.filter { $0.minimumTLS <= version }
    }
}

// MARK: - What an answer means at each step

extension ProbePlan {
    private mutating func record(
        _ answer: Answer,
        _ version: TLSVersion,
        _ left: [CipherSuite],
        _ found: [CipherSuite]
    ) {
        switch answer {
        case .chosen(let chosen, let number):
            guard chosen <= version, let suite = left.first(where: { $0.codePoint == number }) else {
                return stop("the server chose TLS \(chosen) and suite \(number), which were not offered")
            }
            if chosen == version { return go(on: version, left.filter { $0 != suite }, found + [suite]) }
            // An older version than the one looked at: that one has no more to give.
            close(version, found, "answered with TLS \(chosen)")
            for skipped in TLSVersion.allCases where chosen < skipped && skipped < version {
                seen.see(skipped, isAccepted: false, [], "answered with TLS \(chosen)")
            }
            go(on: chosen, Self.offered(at: chosen).filter { $0 != suite }, [suite])
        case .refused(let note):
            close(version, found, note)
            let older = TLSVersion.allCases.last { $0 < version }
            step = older.map { .suites($0, left: Self.offered(at: $0), found: []) } ?? .tls13
        case .refusedVersion(let note):
            close(version, found, note)
            for older in TLSVersion.allCases where older < version { seen.see(older, isAccepted: false, [], note) }
            step = .tls13
        case .completed, .notPossible, .silence:
            stop("an answer that does not belong to a hello")
        }
    }

    private mutating func go(on version: TLSVersion, _ left: [CipherSuite], _ found: [CipherSuite]) {
        step = .suites(version, left: left, found: found)
        // Nothing left to be refused, or worth being seen: on with the next version, as after a refusal.
        if left.isEmpty || expectation[version]?.isOpen == true { record(.refused(""), version, left, found) }
    }

    private mutating func close(_ version: TLSVersion, _ found: [CipherSuite], _ note: String) {
        seen.see(version, isAccepted: !found.isEmpty, found, found.isEmpty ? note : nil)
    }

    private mutating func recordTLS13(_ answer: Answer) {
        switch answer {
        case .completed, .chosen: seen.see(.v1_3, isAccepted: true)
        case .refused(let note), .refusedVersion(let note): seen.see(.v1_3, isAccepted: false, [], note)
        case .notPossible, .silence: break
        }
        step = .handshakes(
            expectation.versions.filter { $0.demand == .accepted && seen[$0.version]?.suites.isEmpty == false }
                .map(\.version)
        )
    }

    private mutating func recordHandshake(_ answer: Answer, _ versions: [TLSVersion]) {
        if case .refused(let note) = answer, let version = versions.first {
            seen.see(version, isAccepted: false, [], "the hello was answered, but the handshake failed: \(note)")
        }
        step = .handshakes(Array(versions.dropFirst()))
    }

    private mutating func stop(_ reason: String) {
        if case .suites(let version, _, let found) = step, !found.isEmpty {
            close(version, found, "")
        }
        seen.trouble = reason
        step = .end
    }
}
