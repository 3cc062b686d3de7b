/// The name of a custom hostname in its one canonical form: A-labels, lower case, no trailing dot.
///
/// Two spellings of one name (case, script, separators, composed or decomposed letters) give equal values, so that one
/// name cannot be claimed twice. What the provider refuses by its documented rules is refused here, at no cost.
///
/// Internationalised labels follow IDNA2008 (RFC 5890 to 5892) after the mapping of RFC 5895. Not checked: the Bidi
/// rule (RFC 5893), whose data the standard library does not have.
package struct Hostname: Sendable {
    /// The name in ASCII, as it is sent, stored and compared; at most 253 octets.
    package let ascii: String

    /// Brings a name in any spelling to its canonical form.
    ///
    /// - Throws: The first rule the name breaks.
    package init(_ text: String) throws(HostnameProblem) {
        guard text.utf8.count <= Self.longestInput else { throw .tooLong(octets: text.utf8.count) }
        var scalars = IDNA.map(text)
        if scalars.last == "." { scalars.removeLast() }
        guard !scalars.isEmpty else { throw .empty }
        if scalars.starts(with: ["*", "."]) {
            throw .wildcard(parent: String(String.UnicodeScalarView(scalars[2...])))
        }
        var labels: [String] = []
        for label in scalars.split(separator: ".", omittingEmptySubsequences: false) {
            labels.append(try Label.canonical(Array(label)))
        }
        let ascii = labels.joined(separator: ".")
        guard ascii.utf8.count <= 253 else { throw .tooLong(octets: ascii.utf8.count) }
        try Self.checkRegistrable(labels, ascii)
        self.ascii = ascii
    }

    /// The labels from left to right.
    package var labels: [Substring] { ascii.split(separator: ".") }

    /// The name for people: A-labels in their own script.
    package var unicode: String {
        labels.map { label in
            guard label.hasPrefix("xn--"), let scalars = Punycode.decode(label.utf8.dropFirst(4)) else {
                return String(label)
            }
            return String(String.UnicodeScalarView(scalars))
        }.joined(separator: ".")
    }

    /// Characters a certificate's common name has at most (RFC 5280 appendix A, `ub-common-name`).
    package static let longestCommonName = 64

    /// UTF-8 octets beyond which a text is not even read: 253 characters of four octets, and a dot.
    private static let longestInput = 1_016

    /// Refuses what no tenant can own, as the provider does (its codes 1407, 1409, 1410, 1411).
    private static func checkRegistrable(_ labels: [String], _ ascii: String) throws(HostnameProblem) {
        let top = labels[labels.count - 1]
        // No top-level domain is a number (RFC 1123 section 2.1), so this is an IPv4 address, perhaps an odd one.
        if top.utf8.allSatisfy({ (0x30...0x39).contains($0) }) { throw .address(ascii) }
        guard labels.count > 1 else { throw .singleLabel(ascii) }
        if ["test", "example", "invalid", "localhost"].contains(top) { throw .reservedTopLevel(top) }
        if labels[labels.count - 2] == "example", ["com", "net", "org"].contains(top) { throw .exampleDomain(ascii) }
        if PublicSuffix.contains(ascii) { throw .publicSuffix(ascii) }
    }
}

extension Hostname: Hashable, Comparable {
    package static func < (left: Hostname, right: Hostname) -> Bool { left.ascii < right.ascii }
}

extension Hostname: CustomStringConvertible {
    package var description: String { ascii }
}

/// One label, brought to its canonical form.
private enum Label {
    static func canonical(_ scalars: [Unicode.Scalar]) throws(HostnameProblem) -> String {
        guard !scalars.isEmpty else { throw .emptyLabel }
        // RFC 5890 section 2.3.1: an A-label has at most 63 octets, and each scalar takes at least one.
        guard scalars.count <= 63 else { throw .labelTooLong(text(scalars)) }
        if scalars.allSatisfy(\.isASCII) { return try checkedASCII(scalars) }
        if let bad = scalars.first(where: { $0.isASCII && !isLetterDigitHyphen($0) }) {
            throw character(bad, in: scalars)
        }
        try IDNA.check(scalars)
        try checkHyphens(scalars)
        let encoded = "xn--" + Punycode.encode(scalars)
        guard encoded.utf8.count <= 63 else { throw .labelTooLong(encoded) }
        return encoded
    }

    private static func checkedASCII(_ scalars: [Unicode.Scalar]) throws(HostnameProblem) -> String {
        if let bad = scalars.first(where: { !isLetterDigitHyphen($0) }) { throw character(bad, in: scalars) }
        let label = text(scalars)
        guard label.hasPrefix("xn--") else {
            try checkHyphens(scalars)
            return label
        }
        // An A-label is one only if its U-label is valid and gives it back (RFC 5891 section 5.4).
        guard let decoded = Punycode.decode(label.utf8.dropFirst(4)), !decoded.allSatisfy(\.isASCII),
            IDNA.map(text(decoded)) == decoded, "xn--" + Punycode.encode(decoded) == label
        else { throw .invalidALabel(label) }
        do throws(HostnameProblem) {
            try IDNA.check(decoded)
            try checkHyphens(decoded)
        } catch {
            throw .invalidALabel(label)
        }
        return label
    }

    /// RFC 5891 section 4.2.3.1.
    private static func checkHyphens(_ scalars: [Unicode.Scalar]) throws(HostnameProblem) {
        if scalars.first == "-" || scalars.last == "-" { throw .hyphenAtEdge(text(scalars)) }
        if scalars.count >= 4, scalars[2] == "-", scalars[3] == "-" { throw .reservedHyphens(text(scalars)) }
    }

    private static func character(_ scalar: Unicode.Scalar, in scalars: [Unicode.Scalar]) -> HostnameProblem {
        // One colon is a port's; an IPv6 address has more, and nothing but hexadecimal digits beside them.
        let isAddress =
            scalars.filter { $0 == ":" }.count > 1
            && scalars.allSatisfy { $0 == ":" || $0.properties.isASCIIHexDigit }
        return isAddress ? .address(text(scalars)) : .character(scalar, label: text(scalars))
    }

    private static func isLetterDigitHyphen(_ scalar: Unicode.Scalar) -> Bool {
        ("a"..."z").contains(scalar) || ("0"..."9").contains(scalar) || scalar == "-"
    }

    private static func text(_ scalars: [Unicode.Scalar]) -> String {
        String(String.UnicodeScalarView(scalars))
    }
}
