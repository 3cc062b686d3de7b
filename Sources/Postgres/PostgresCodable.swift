/// A Swift value that can be a parameter of a statement.
package protocol PostgresEncodable: Sendable {
    /// The type the parameter is declared with, so that the server has nothing to guess.
    static var postgresType: PostgresType { get }
    /// The value in the server's text format; `nil` is null.
    var postgresText: String? { get }
}

/// A Swift value that can be read from a column of a result.
package protocol PostgresDecodable: Sendable {
    /// Reads the server's text format; `nil` if the text is no such value.
    init?(postgresText: String)
    /// What null is read as; `nil`, the default, if null is no value of the type.
    static var postgresNull: Self? { get }
}

/// A value that goes both ways.
package typealias PostgresCodable = PostgresDecodable & PostgresEncodable

extension PostgresDecodable {
    package static var postgresNull: Self? { nil }
}

extension Optional: PostgresEncodable where Wrapped: PostgresEncodable {
    package static var postgresType: PostgresType { Wrapped.postgresType }
    package var postgresText: String? { flatMap(\.postgresText) }
}

extension Optional: PostgresDecodable where Wrapped: PostgresDecodable {
    package init?(postgresText: String) {
        guard let value = Wrapped(postgresText: postgresText) else { return nil }
        self = .some(value)
    }

    package static var postgresNull: Self? { .some(.none) }
}

// Enumerations of strings or integers only need to declare the conformance.
extension PostgresEncodable where Self: RawRepresentable, RawValue: PostgresEncodable {
    package static var postgresType: PostgresType { RawValue.postgresType }
    package var postgresText: String? { rawValue.postgresText }
}

extension PostgresDecodable where Self: RawRepresentable, RawValue: PostgresDecodable {
    package init?(postgresText: String) {
        guard let rawValue = RawValue(postgresText: postgresText) else { return nil }
        self.init(rawValue: rawValue)
    }
}
