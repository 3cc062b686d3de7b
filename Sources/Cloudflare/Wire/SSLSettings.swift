package import TLSPolicy

/// The whole `ssl.settings` object of a custom hostname, as read and as sent.
///
/// The provider replaces this object as a whole (cloudflare-docs pull request 32517), so every key that came in an
/// answer is kept, known or not, and goes out again. A change is made on a copy of what was read:
///
///     var wanted = observed.settings
///     wanted.minimumTLS = .known(.v1_2)
package struct SSLSettings: Hashable, Sendable {
    /// Every key that is set, as the provider spells it.
    package private(set) var values: [String: JSONValue]

    /// Settings for a new hostname; a `nil` is left out and means the zone's value.
    package init(
        minimumTLS: TLSVersion? = nil,
        ciphers: [String]? = nil,
        tls13: Switch? = nil,
        http2: Switch? = nil,
        earlyHints: Switch? = nil
    ) {
        self.values = [:]
        self.minimumTLS = minimumTLS.map(Reported.known)
        self.ciphers = ciphers
        self.tls13 = tls13.map(Reported.known)
        self.http2 = http2.map(Reported.known)
        self.earlyHints = earlyHints.map(Reported.known)
    }

    /// The lowest TLS version the edge accepts; `nil` means the zone's value.
    package var minimumTLS: Reported<TLSVersion>? {
        get { reported(.minimumTLS) }
        set { set(.minimumTLS, newValue?.text) }
    }

    /// Cipher suites for TLS 1.2 and below, in the provider's spelling; `nil` means the provider's default list.
    ///
    /// The provider refuses a list together with a minimum of TLS 1.3 (code 1443).
    package var ciphers: [String]? {
        get {
            guard case .array(let items) = values[Key.ciphers.rawValue] else { return nil }
            return items.compactMap(\.text)
        }
        set { values[Key.ciphers.rawValue] = newValue.map { .array($0.map(JSONValue.string)) } }
    }

    /// Whether TLS 1.3 is offered.
    package var tls13: Reported<Switch>? {
        get { reported(.tls13) }
        set { set(.tls13, newValue?.text) }
    }

    /// Whether HTTP/2 is offered.
    package var http2: Reported<Switch>? {
        get { reported(.http2) }
        set { set(.http2, newValue?.text) }
    }

    /// Whether 103 answers are sent.
    package var earlyHints: Reported<Switch>? {
        get { reported(.earlyHints) }
        set { set(.earlyHints, newValue?.text) }
    }

    /// The keys this program has no name for.
    package var foreign: [String: JSONValue] {
        values.filter { Key(rawValue: $0.key) == nil }
    }

    private enum Key: String {
        case minimumTLS = "min_tls_version"
        case ciphers
        case tls13 = "tls_1_3"
        case http2
        case earlyHints = "early_hints"
    }

    private func reported<Value>(_ key: Key) -> Reported<Value>? {
        values[key.rawValue]?.text.map(Reported.init)
    }

    private mutating func set(_ key: Key, _ text: String?) {
        values[key.rawValue] = text.map(JSONValue.string)
    }
}

extension SSLSettings: Codable {
    /// Reads an object; `null`, `""` and anything else that is no object is "nothing set".
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let values = (try? container.decode([String: JSONValue].self)) ?? [:]
        self.values = values.filter { !$0.value.isAbsent }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(values)
    }
}
