/// The provider's rules for the text of a custom hostname (codes 1407 to 1411).
enum HostnameName {
    private static let reservedTopLevels: Set = ["test", "example", "invalid", "localhost"]
    private static let bannedDomains = ["example.com", "example.net", "example.org"]
    /// A few suffixes that stand for the whole public suffix list, which the simulator does not carry.
    private static let publicSuffixes: Set = ["co.uk", "org.uk", "com.au", "co.jp", "com.br", "co.nz", "github.io"]

    /// The name in lower case.
    ///
    /// - Throws: 1407 to 1411.
    static func checked(_ text: String) throws(APIRefusal) -> String {
        guard !text.isEmpty, text.utf8.count <= 255 else { throw .badHostname }
        guard text.utf8.allSatisfy({ $0 < 0x80 }) else { throw .nonASCIIHostname }
        let name = text.lowercased()
        let labels = name.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        let named = labels.first == "*" ? Array(labels.dropFirst()) : labels
        guard named.allSatisfy(isLabel), !isAddress(labels) else { throw .badHostname }
        guard let top = named.last, !reservedTopLevels.contains(top) else { throw .reservedTopLevel }
        let base = named.joined(separator: ".")
        guard named.count > 1, !publicSuffixes.contains(base) else { throw .publicSuffix }
        guard !bannedDomains.contains(where: { base == $0 || base.hasSuffix("." + $0) }) else { throw .bannedDomain }
        return name
    }

    /// Letters, digits, hyphens inside and the underscores that service names use; at most 63 (RFC 1035 2.3.4).
    private static func isLabel(_ label: String) -> Bool {
        guard (1...63).contains(label.utf8.count), label.first != "-", label.last != "-" else { return false }
        return label.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
            case UInt8(ascii: "-"), UInt8(ascii: "_"): true
            default: false
            }
        }
    }

    private static func isAddress(_ labels: [String]) -> Bool {
        labels.count == 4 && labels.allSatisfy { UInt8($0) != nil }
    }
}
