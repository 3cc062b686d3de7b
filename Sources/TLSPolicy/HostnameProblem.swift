/// Why a text is not taken as a custom hostname.
package enum HostnameProblem: Error, Hashable, Sendable {
    case empty
    /// Over 253 octets in the form that is sent.
    case tooLong(octets: Int)
    case emptyLabel
    /// Over 63 octets in the form that is sent.
    case labelTooLong(String)
    case hyphenAtEdge(String)
    /// Hyphens in the third and fourth place, which only A-labels have.
    case reservedHyphens(String)
    /// Begins as an A-label does, and is none.
    case invalidALabel(String)
    /// Something other than letters, digits and hyphens.
    case character(Unicode.Scalar, label: String)
    /// A letter whose canonical form (NFC) is another, or cannot be told for sure.
    case decomposed(String)
    /// An IPv4 or IPv6 address.
    case address(String)
    case singleLabel(String)
    /// A top-level domain set aside by RFC 2606.
    case reservedTopLevel(String)
    /// example.com, example.net, example.org, or a name below.
    case exampleDomain(String)
    /// A name under which anybody may register.
    case publicSuffix(String)
    /// Begins with `*.`; a wildcard is asked for beside the name.
    case wildcard(parent: String)
}

extension HostnameProblem {
    /// The rule in one word, for programs: stable, snake case.
    package var kind: String {
        switch self {
        case .empty: "empty"
        case .tooLong: "too_long"
        case .emptyLabel: "empty_label"
        case .labelTooLong: "label_too_long"
        case .hyphenAtEdge: "hyphen_at_edge"
        case .reservedHyphens: "reserved_hyphens"
        case .invalidALabel: "invalid_a_label"
        case .character: "character"
        case .decomposed: "decomposed"
        case .address: "address"
        case .singleLabel: "single_label"
        case .reservedTopLevel: "reserved_top_level"
        case .exampleDomain: "example_domain"
        case .publicSuffix: "public_suffix"
        case .wildcard: "wildcard"
        }
    }

    /// What is wrong and what can be done, in a sentence without its full stop.
    package var message: String {
        switch self {
        case .empty: "the hostname is empty"
        case .tooLong(let octets): "the hostname has \(octets) octets; at most 253 are allowed"
        case .emptyLabel: "the hostname has an empty label: two dots in a row, or one at the front"
        case .labelTooLong(let label): "the label \(label.quoted) is too long; at most 63 octets are allowed as sent"
        case .hyphenAtEdge(let label): "the label \(label.quoted) begins or ends with a hyphen"
        case .reservedHyphens(let label):
            "the label \(label.quoted) has hyphens in its third and fourth place, which only A-labels (xn--) have"
        case .invalidALabel(let label):
            "the label \(label.quoted) is not a valid A-label; write the name in its own script"
        case .character(let scalar, let label):
            "the label \(label.quoted) has the character \(String(scalar).quoted); letters, digits and hyphens only"
        case .decomposed(let label):
            "the label \(label.quoted) has a letter that is not in composed form (NFC); type it as one plain character"
        case .address(let text): "\(text.quoted) is an IP address; a hostname is needed"
        case .singleLabel(let label): "\(label.quoted) has one label; a hostname below a domain is needed"
        case .reservedTopLevel(let top): "the top-level domain \(top.quoted) is reserved and nobody's (RFC 2606)"
        case .exampleDomain(let name): "\(name.quoted) belongs to a domain reserved for documentation (RFC 2606)"
        case .publicSuffix(let name): "\(name.quoted) is a public suffix: anybody registers below it, nobody owns it"
        case .wildcard(let parent):
            "ask for \(parent.quoted) with wildcard = true instead of a name that begins with *."
        }
    }

    /// The code the provider answers with (its table of status codes for custom hostnames).
    package var providerCode: Int? {
        switch self {
        case .reservedTopLevel: 1409
        case .publicSuffix, .singleLabel: 1410
        case .exampleDomain: 1411
        // The provider takes a decomposed letter for non-ASCII text.
        case .decomposed: 1408
        default: 1407
        }
    }

    /// Whether the name is well formed and yet nobody's to claim (`UE003`); else it is invalid (`UE002`).
    package var isReserved: Bool {
        switch self {
        case .reservedTopLevel, .exampleDomain, .publicSuffix: true
        default: false
        }
    }

    /// The SQLSTATE that the database raises for the same name.
    package var sqlState: String { isReserved ? "UE003" : "UE002" }
}

extension HostnameProblem: CustomStringConvertible {
    package var description: String { message }
}
