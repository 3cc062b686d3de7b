import Foundation

/// Reading of fields that the provider leaves out, sets to `null` or `""`, or writes in another type than documented.
///
/// A field that cannot be read is absent; only what identifies a resource is required.
extension KeyedDecodingContainer {
    /// The value, if it is there in the right type.
    func lenient<Value: Decodable>(_ key: Key) -> Value? {
        (try? decodeIfPresent(Value.self, forKey: key)) ?? nil
    }

    /// A text that is not empty; a whole number is taken as its digits.
    func text(_ key: Key) -> String? {
        let value: JSONValue? = lenient(key)
        guard case .integer(let number) = value else { return value?.text }
        return String(number)
    }

    /// A value of an open list; `""` is absent.
    func reported<Value>(_ key: Key) -> Reported<Value>? {
        text(key).map(Reported.init)
    }

    /// An RFC 3339 time, with or without a fraction of a second.
    func time(_ key: Key) -> Date? {
        guard let text = text(key) else { return nil }
        let withFraction = try? Date(text, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true))
        return withFraction ?? (try? Date(text, strategy: .iso8601))
    }

    /// The readable items of an array; none if there is no array.
    func items<Item: Decodable>(_ key: Key) -> [Item] {
        let attempts: [Attempt<Item>]? = lenient(key)
        return (attempts ?? []).compactMap(\.value)
    }

    /// The texts of an array of strings or of objects with a `message`.
    func messages(_ key: Key) -> [String] {
        let messages: [ProviderMessage] = items(key)
        return messages.map(\.message).filter { !$0.isEmpty }
    }
}

/// An array's item that may be of another shape.
private struct Attempt<Item: Decodable>: Decodable {
    let value: Item?

    init(from decoder: any Decoder) throws {
        self.value = try? Item(from: decoder)
    }
}
