/// A value the provider reported from a list that it extends without notice.
///
/// An unknown text is kept as it came: it is shown and sent back unchanged, and never taken for a known value.
package enum Reported<Value>: Hashable, Sendable
where Value: RawRepresentable<String> & Hashable & Sendable {
    case known(Value)
    case unknown(String)

    /// Reads a text as the provider wrote it.
    package init(_ text: String) {
        self = Value(rawValue: text).map(Self.known) ?? .unknown(text)
    }

    /// The value, if this program knows it.
    package var value: Value? {
        guard case .known(let value) = self else { return nil }
        return value
    }

    /// The provider's own spelling.
    package var text: String {
        switch self {
        case .known(let value): value.rawValue
        case .unknown(let text): text
        }
    }
}

extension Reported: Codable {
    package init(from decoder: any Decoder) throws {
        self.init(try decoder.singleValueContainer().decode(String.self))
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}

extension Reported: CustomStringConvertible {
    package var description: String { text }
}
