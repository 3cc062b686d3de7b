// The JSON form, as a file of `usher simulate --dns` and as the body of a control call:
//
//     {"standard": {"fixture": "points_here", "after_seconds": 5},
//      "hostnames": {"a.b.com": {"fixture": "never"},
//                    "c.d.com": {"route": "nowhere", "ownership_txt": true, "acme_txt": "set_once", "trouble": "caa"}}}

/// Why a file of fixtures cannot be used; the text names the hostname and the key.
package struct DNSScriptError: Error, Hashable, Sendable, CustomStringConvertible {
    package let description: String
}

extension DNSTable {
    /// Reads a file of fixtures.
    package init(script: APIValue) throws(DNSScriptError) {
        guard let members = script.object else { throw DNSScriptError(description: "DNS fixtures are an object") }
        for key in members.keys where !["standard", "hostnames"].contains(key) {
            throw DNSScriptError(description: "\(key): unknown key; the keys are standard and hostnames")
        }
        var table = DNSTable()
        if let standard = members["standard"] { table.standard = try DNSFixture(script: standard, at: "standard") }
        for (name, fixture) in members["hostnames"]?.object ?? [:] {
            table.exceptions[name.lowercased()] = try DNSFixture(script: fixture, at: name)
        }
        self = table
    }
}

extension DNSFixture {
    private static let keys: Set = [
        "hostname", "fixture", "after_seconds", "route", "ownership_txt", "ownership_http", "acme_txt",
        "acme_delegated", "proxied", "trouble",
    ]

    /// Reads one fixture; a key that is not known is an error.
    package init(script: APIValue, at place: String) throws(DNSScriptError) {
        let unknown = (script.object ?? [:]).keys.filter { !Self.keys.contains($0) }.sorted()
        guard script.object != nil, unknown.isEmpty else {
            throw DNSScriptError(description: "\(place): unknown keys \(unknown), or no object")
        }
        let after = script["after_seconds"]?.number ?? 0
        switch script["fixture"]?.string {
        case "points_here": self = .pointsHere(after: after)
        case "never": self = .never
        case "blocked": self = .blocked
        case "moved": self = .moved
        case nil where script["fixture"] == nil:
            self = .records(try DNSRecords(script: script, at: place), after: after)
        default:
            throw DNSScriptError(description: "\(place): fixture: one of points_here, never, blocked, moved is needed")
        }
    }
}

extension DNSRecords {
    fileprivate init(script: APIValue, at place: String) throws(DNSScriptError) {
        self.init(
            route: try Self.word(script, "route", at: place) ?? .nowhere,
            ownershipText: script["ownership_txt"]?.bool ?? false,
            ownershipFile: script["ownership_http"]?.bool ?? false,
            challenge: try Self.word(script, "acme_txt", at: place) ?? .absent,
            isDelegated: script["acme_delegated"]?.bool ?? false,
            isProxied: script["proxied"]?.bool ?? false,
            trouble: try Self.word(script, "trouble", at: place)
        )
    }

    private static func word<Word: RawRepresentable<String> & CaseIterable>(
        _ script: APIValue,
        _ key: String,
        at place: String
    ) throws(DNSScriptError) -> Word? {
        guard let value = script[key] else { return nil }
        if let word = value.string.flatMap(Word.init(rawValue:)) { return word }
        let words = Word.allCases.map(\.rawValue).joined(separator: ", ")
        throw DNSScriptError(description: "\(place): \(key): one of \(words) is needed, not \(value.text)")
    }
}
