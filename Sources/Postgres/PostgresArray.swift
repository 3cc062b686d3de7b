/// A value that can be an element of a one-dimensional array of the server.
package protocol PostgresArrayElement: Sendable {
    static var postgresArrayType: PostgresType { get }
    /// The whole array in the server's text format.
    static func postgresText(of elements: [Self]) -> String
    /// Reads a whole array; `nil` if the text is no such array.
    static func elements(ofPostgresText text: String) -> [Self]?
}

extension Array: PostgresEncodable where Element: PostgresArrayElement {
    package static var postgresType: PostgresType { Element.postgresArrayType }
    package var postgresText: String? { Element.postgresText(of: self) }
}

extension Array: PostgresDecodable where Element: PostgresArrayElement {
    package init?(postgresText: String) {
        guard let elements = Element.elements(ofPostgresText: postgresText) else { return nil }
        self = elements
    }
}

extension PostgresArrayElement where Self: PostgresCodable {
    package static func postgresText(of elements: [Self]) -> String {
        ArrayText.written(elements.map(\.postgresText))
    }

    package static func elements(ofPostgresText text: String) -> [Self]? {
        guard let texts = ArrayText.read(text) else { return nil }
        var elements: [Self] = []
        elements.reserveCapacity(texts.count)
        for text in texts {
            guard let element = text.map(Self.init(postgresText:)) ?? postgresNull else { return nil }
            elements.append(element)
        }
        return elements
    }
}

extension PostgresArrayElement where Self: RawRepresentable, RawValue: PostgresArrayElement {
    package static var postgresArrayType: PostgresType { RawValue.postgresArrayType }
}

extension Optional: PostgresArrayElement where Wrapped: PostgresArrayElement & PostgresCodable {
    package static var postgresArrayType: PostgresType { Wrapped.postgresArrayType }
}

/// The server's text form of a one-dimensional array (PostgreSQL documentation 8.15.6).
enum ArrayText {
    /// Quotes each element that is not null, which is always allowed.
    static func written(_ elements: [String?]) -> String {
        var text: [UInt8] = [UInt8(ascii: "{")]
        for (index, element) in elements.enumerated() {
            if index > 0 { text.append(UInt8(ascii: ",")) }
            guard let element else {
                text.append(contentsOf: "NULL".utf8)
                continue
            }
            text.append(UInt8(ascii: "\""))
            for byte in element.utf8 {
                if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { text.append(UInt8(ascii: "\\")) }
                text.append(byte)
            }
            text.append(UInt8(ascii: "\""))
        }
        text.append(UInt8(ascii: "}"))
        return String(decoding: text, as: UTF8.self)
    }

    /// Reads the elements; `nil` for an array of more dimensions and for what is no array.
    static func read(_ text: String) -> [String?]? {
        var reader = ArrayReader(text)
        return reader.elements()
    }
}

/// Walks over the bytes of an array's text.
private struct ArrayReader {
    private var bytes: Substring.UTF8View

    init(_ text: String) {
        // Bounds other than 1… are written in front, as `[0:2]={…}`; Swift has no use for them.
        let start = text.utf8.first == UInt8(ascii: "[") ? text.utf8.firstIndex(of: UInt8(ascii: "=")) : nil
        bytes = text[...].utf8
        if let start { bytes = bytes[bytes.index(after: start)...] }
    }

    mutating func elements() -> [String?]? {
        guard bytes.popFirst() == UInt8(ascii: "{") else { return nil }
        var elements: [String?] = []
        if bytes.first == UInt8(ascii: "}") { return bytes.count == 1 ? elements : nil }
        while true {
            guard let element = element() else { return nil }
            elements.append(element)
            switch bytes.popFirst() {
            case UInt8(ascii: ","): continue
            case UInt8(ascii: "}"): return bytes.isEmpty ? elements : nil
            default: return nil
            }
        }
    }

    private mutating func element() -> String?? {
        switch bytes.first {
        case UInt8(ascii: "\""): return quoted().map { .some($0) }
        case UInt8(ascii: "{"), nil: return nil
        default:
            let end = bytes.firstIndex { $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: "}") } ?? bytes.endIndex
            let word = String(Substring(bytes[..<end]))
            bytes = bytes[end...]
            return .some(word == "NULL" ? nil : word)
        }
    }

    private mutating func quoted() -> String? {
        _ = bytes.popFirst()
        var content: [UInt8] = []
        while let byte = bytes.popFirst() {
            switch byte {
            case UInt8(ascii: "\""): return String(decoding: content, as: UTF8.self)
            case UInt8(ascii: "\\"): if let escaped = bytes.popFirst() { content.append(escaped) }
            default: content.append(byte)
            }
        }
        return nil
    }
}
