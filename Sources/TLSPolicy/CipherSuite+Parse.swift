/// A list of cipher names as far as it could be read.
package struct CipherList: Hashable, Sendable {
    /// The good names in the order given, each once.
    package let suites: [CipherSuite]
    /// Everything wrong with the others, in the order given.
    package let problems: [CipherProblem]
}

extension CipherSuite {
    /// Reads a name in the provider's spelling, or says what is wrong with it and what was probably meant.
    package static func parse(_ text: String) -> Result<CipherSuite, CipherProblem> {
        if let suite = named(text) { return .success(suite) }
        guard text.utf8.count <= longestName else { return .failure(.unknown(text, suggestion: nil)) }
        let upper = text.uppercased()
        if tls13Names.contains(upper) { return .failure(.tls13(text)) }
        if let suite = named(upper) { return .failure(.wrongCase(text, suggestion: suite.name)) }
        if upper.hasPrefix("TLS_") {
            let meant = settable.first { $0.ianaName == upper }
            return .failure(.ianaSpelling(text, suggestion: meant?.name))
        }
        return .failure(.unknown(text, suggestion: nearest(to: upper)))
    }

    /// Reads a list and reports every name that is wrong or given twice.
    package static func parse(_ names: [String]) -> CipherList {
        var suites: [CipherSuite] = []
        var problems: [CipherProblem] = []
        var seen: Set<CipherSuite> = []
        for name in names {
            switch parse(name) {
            case .success(let suite) where seen.insert(suite).inserted: suites.append(suite)
            case .success: problems.append(.duplicate(name))
            case .failure(let problem): problems.append(problem)
            }
        }
        return CipherList(suites: suites, problems: problems)
    }

    /// Names of the TLS 1.3 suites: the provider's, then the IANA registry's.
    private static let tls13Names: Set<String> = [
        "AEAD-AES128-GCM-SHA256", "AEAD-AES256-GCM-SHA384", "AEAD-CHACHA20-POLY1305-SHA256",
        "TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256",
        "TLS_AES_128_CCM_SHA256", "TLS_AES_128_CCM_8_SHA256",
    ]

    /// Bytes beyond which nothing is compared: twice the longest real name.
    private static let longestName = 96

    /// The name that fewest edits turn the text into, three at most.
    private static func nearest(to text: String) -> String? {
        let octets = Array(text.utf8)[...]
        for edits in 1...3 {
            let near = spellings.first { isWithin(edits, octets, $0.octets) }
            if let near { return near.name }
        }
        return nil
    }

    private static let spellings = settable.map { (name: $0.name, octets: Array($0.name.utf8)[...]) }

    /// Whether so many insertions, deletions and replacements turn one into the other.
    private static func isWithin(_ edits: Int, _ left: ArraySlice<UInt8>, _ right: ArraySlice<UInt8>) -> Bool {
        let common = zip(left, right).prefix { $0 == $1 }.count
        let left = left.dropFirst(common)
        let right = right.dropFirst(common)
        if left.isEmpty || right.isEmpty { return left.count + right.count <= edits }
        guard edits > 0 else { return false }
        return isWithin(edits - 1, left.dropFirst(), right.dropFirst())
            || isWithin(edits - 1, left.dropFirst(), right)
            || isWithin(edits - 1, left, right.dropFirst())
    }
}
