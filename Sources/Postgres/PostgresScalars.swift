package import Foundation

extension Bool: PostgresCodable, PostgresArrayElement {
    package static var postgresType: PostgresType { .bool }
    package static var postgresArrayType: PostgresType { .boolArray }
    package var postgresText: String? { self ? "t" : "f" }

    package init?(postgresText: String) {
        switch postgresText {
        case "t": self = true
        case "f": self = false
        default: return nil
        }
    }
}

extension PostgresEncodable where Self: FixedWidthInteger {
    package var postgresText: String? { String(self) }
}

extension PostgresDecodable where Self: FixedWidthInteger {
    package init?(postgresText: String) {
        self.init(postgresText, radix: 10)
    }
}

extension Int16: PostgresCodable, PostgresArrayElement {
    package static var postgresType: PostgresType { .int2 }
    package static var postgresArrayType: PostgresType { .int2Array }
}

extension Int32: PostgresCodable, PostgresArrayElement {
    package static var postgresType: PostgresType { .int4 }
    package static var postgresArrayType: PostgresType { .int4Array }
}

extension Int64: PostgresCodable, PostgresArrayElement {
    package static var postgresType: PostgresType { .int8 }
    package static var postgresArrayType: PostgresType { .int8Array }
}

extension Int: PostgresCodable, PostgresArrayElement {
    package static var postgresType: PostgresType { .int8 }
    package static var postgresArrayType: PostgresType { .int8Array }
}

extension Double: PostgresCodable, PostgresArrayElement {
    package static var postgresType: PostgresType { .float8 }
    package static var postgresArrayType: PostgresType { .float8Array }
    /// The shortest digits that read back as the same number; the server knows `inf`, `-inf` and `nan` too.
    package var postgresText: String? { description }

    package init?(postgresText: String) {
        self.init(postgresText)
    }
}

extension String: PostgresCodable, PostgresArrayElement {
    package static var postgresType: PostgresType { .text }
    package static var postgresArrayType: PostgresType { .textArray }
    package var postgresText: String? { self }

    package init?(postgresText: String) {
        self = postgresText
    }
}

extension UUID: PostgresCodable, PostgresArrayElement {
    package static var postgresType: PostgresType { .uuid }
    package static var postgresArrayType: PostgresType { .uuidArray }
    package var postgresText: String? { uuidString.lowercased() }

    package init?(postgresText: String) {
        self.init(uuidString: postgresText)
    }
}

/// A JSON document as the server's `jsonb`; what is inside is the caller's business.
package struct JSONText: Hashable, Sendable, PostgresCodable, PostgresArrayElement {
    package let text: String

    package init(_ text: String) {
        self.text = text
    }

    package static var postgresType: PostgresType { .jsonb }
    package static var postgresArrayType: PostgresType { .jsonbArray }
    package var postgresText: String? { text }

    package init?(postgresText: String) {
        self.init(postgresText)
    }
}
