/// How good a cipher suite is, coarsely: enough to say whether a list that changed became weaker.
package enum CipherStrength: Int, CaseIterable, Comparable, Hashable, Sendable {
    /// 3DES: 64-bit blocks (CVE-2016-2183).
    case broken
    /// No forward secrecy, or SHA-1.
    case legacy
    /// Forward secret, CBC with SHA-2.
    case compatible
    /// Forward secret and AEAD.
    case modern

    package static func < (left: CipherStrength, right: CipherStrength) -> Bool {
        left.rawValue < right.rawValue
    }
}

extension CipherSuite {
    package var strength: CipherStrength {
        if encryption == .tripleDES { return .broken }
        if !hasForwardSecrecy || mac == .sha1 { return .legacy }
        return mac == .aead ? .modern : .compatible
    }

    /// Classes the replacement of one list by another, both as names of what is offered.
    ///
    /// A list that only loses suites is stronger, one that only gains some is weaker, however good they are. One that
    /// does both is weaker, unless nothing it gains is below the best that was there. A name nobody knows has no
    /// strength to rely on.
    static func change(from before: Set<String>, to after: Set<String>) -> ChangeClass {
        let gained = after.subtracting(before)
        let lost = before.subtracting(after)
        if gained.isEmpty { return lost.isEmpty ? .neutral : .strengthen }
        let best = before.compactMap { named($0)?.strength }.max()
        let worstGained = gained.map { named($0)?.strength ?? .broken }.min()
        guard !lost.isEmpty, let best, let worstGained, worstGained >= best else { return .weaken }
        let losesWeaker = lost.contains { (named($0)?.strength ?? .broken) < worstGained }
        return losesWeaker ? .strengthen : .neutral
    }
}
