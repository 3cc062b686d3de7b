/// Why a name is not taken as a cipher suite; each kind of mistake has its own message.
package enum CipherProblem: Error, Hashable, Sendable {
    /// The IANA registry's spelling; `suggestion` is the provider's, if it has the suite.
    case ianaSpelling(String, suggestion: String?)
    case wrongCase(String, suggestion: String)
    /// A suite of TLS 1.3, which cannot be chosen.
    case tls13(String)
    /// Named twice in one list.
    case duplicate(String)
    /// `suggestion` is the nearest name, if one is near.
    case unknown(String, suggestion: String?)
}

extension CipherProblem {
    /// The name as it was given.
    package var name: String {
        switch self {
        case .ianaSpelling(let name, _), .wrongCase(let name, _), .tls13(let name), .duplicate(let name),
            .unknown(let name, _):
            name
        }
    }

    /// The spelling that was probably meant.
    package var suggestion: String? {
        switch self {
        case .ianaSpelling(_, let suggestion), .unknown(_, let suggestion): suggestion
        case .wrongCase(_, let suggestion): suggestion
        case .tls13, .duplicate: nil
        }
    }

    /// What is wrong, in a sentence without its full stop.
    package var message: String {
        switch self {
        case .ianaSpelling(let name, nil): "\(name.quoted) is an IANA name of a suite the provider does not have"
        case .ianaSpelling(let name, _): "\(name.quoted) is the IANA name; the provider takes OpenSSL's"
        case .wrongCase(let name, _): "\(name.quoted) is in the wrong case; names are matched exactly"
        case .tls13(let name):
            "\(name.quoted) is a suite of TLS 1.3; all of these are on where TLS 1.3 is, and none is chosen"
        case .duplicate(let name): "\(name.quoted) is in the list twice"
        case .unknown(let name, _): "\(name.quoted) is no cipher suite of the provider"
        }
    }

    /// What to write instead.
    package var remedy: String {
        switch self {
        case .tls13, .duplicate: "take it out of the list"
        case .ianaSpelling, .wrongCase, .unknown:
            suggestion.map { "write \($0)" } ?? "take it out, or choose one of the 20 documented names"
        }
    }
}

extension CipherProblem: CustomStringConvertible {
    package var description: String { "\(message): \(remedy)" }
}

extension String {
    /// The text in quotes, cut short where somebody sends a novel, with control characters escaped.
    var quoted: String {
        var text = "\""
        for scalar in unicodeScalars.prefix(80) { text += scalar.escaped(asASCII: false) }
        return text + (unicodeScalars.dropFirst(80).isEmpty ? "\"" : "…\"")
    }
}
