/// Any JSON value (RFC 8259).
///
/// The simulator reads and writes the wire through this value and not through the client's own types: a wire type
/// shared by both sides would hide an error common to both.
package enum APIValue: Hashable, Sendable {
    case null
    case bool(Bool)
    case number(Double)
    case string(String)
    case array([APIValue])
    case object([String: APIValue])

    /// The member of an object; `nil` if it is missing or this is no object.
    package subscript(key: String) -> APIValue? {
        get { object?[key] }
        set {
            guard case .object(var members) = self else { return }
            members[key] = newValue
            self = .object(members)
        }
    }

    /// The element of an array; `nil` if there is none at that place.
    package subscript(index: Int) -> APIValue? {
        guard let array, array.indices.contains(index) else { return nil }
        return array[index]
    }

    /// The string, if this is one.
    package var string: String? {
        guard case .string(let value) = self else { return nil }
        return value
    }

    /// The number, if this is one that has no fraction.
    package var integer: Int? {
        guard case .number(let value) = self else { return nil }
        return Int(exactly: value)
    }

    /// The number, if this is one.
    package var number: Double? {
        guard case .number(let value) = self else { return nil }
        return value
    }

    /// The truth value, if this is one.
    package var bool: Bool? {
        guard case .bool(let value) = self else { return nil }
        return value
    }

    /// The elements, if this is an array.
    package var array: [APIValue]? {
        guard case .array(let value) = self else { return nil }
        return value
    }

    /// The members, if this is an object.
    package var object: [String: APIValue]? {
        guard case .object(let value) = self else { return nil }
        return value
    }

    /// The strings, if this is an array of nothing else.
    package var strings: [String]? {
        guard let array else { return nil }
        let strings = array.compactMap(\.string)
        return strings.count == array.count ? strings : nil
    }

    static func integer(_ value: Int) -> APIValue { .number(Double(value)) }

    /// A string, or the empty string with which the provider writes an absent value.
    static func stringOrEmpty(_ value: String?) -> APIValue { .string(value ?? "") }

    /// An object of those members that have a value.
    static func members(_ members: [String: APIValue?]) -> APIValue { .object(members.compactMapValues { $0 }) }
}

// Not by `nil`: an optional value's `nil` would then silently become a JSON null.
extension APIValue: ExpressibleByStringLiteral, ExpressibleByStringInterpolation, ExpressibleByBooleanLiteral,
    ExpressibleByIntegerLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    package init(stringLiteral value: String) { self = .string(value) }
    package init(booleanLiteral value: Bool) { self = .bool(value) }
    package init(integerLiteral value: Int) { self = .integer(value) }
    package init(arrayLiteral elements: APIValue...) { self = .array(elements) }
    package init(dictionaryLiteral elements: (String, APIValue)...) {
        self = .object(Dictionary(elements, uniquingKeysWith: { _, last in last }))
    }
}
