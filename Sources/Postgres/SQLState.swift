/// A five-character code that says what went wrong (PostgreSQL documentation, appendix A).
package struct SQLState: RawRepresentable, Hashable, Sendable, ExpressibleByStringLiteral {
    package let rawValue: String

    package init(rawValue: String) {
        self.rawValue = rawValue
    }

    package init(stringLiteral value: String) {
        self.rawValue = value
    }

    /// The first two characters: the kind of trouble.
    package var classCode: Substring { rawValue.prefix(2) }

    package static let readOnlyTransaction: SQLState = "25006"
    package static let foreignKeyViolation: SQLState = "23503"
    package static let uniqueViolation: SQLState = "23505"
    package static let checkViolation: SQLState = "23514"
    package static let serializationFailure: SQLState = "40001"
    package static let deadlockDetected: SQLState = "40P01"
    package static let undefinedTable: SQLState = "42P01"
    package static let duplicateDatabase: SQLState = "42P04"
    package static let lockNotAvailable: SQLState = "55P03"
    /// Also what `statement_timeout` ends with.
    package static let queryCancelled: SQLState = "57014"
    package static let adminShutdown: SQLState = "57P01"
    package static let crashShutdown: SQLState = "57P02"
    /// The server is starting up or shutting down.
    package static let cannotConnectNow: SQLState = "57P03"

    /// Whether the server ends the connection with this code.
    var endsConnection: Bool {
        [.adminShutdown, .crashShutdown, .cannotConnectNow, "57P04", "57P05"].contains(self) || classCode == "08"
    }

    /// Whether the same transaction, run again, may succeed: conflicts, locks, lack of resources, fail-over.
    var isTransient: Bool {
        ["08", "40", "53"].contains(classCode) || endsConnection
            || [.lockNotAvailable, .queryCancelled, .readOnlyTransaction].contains(self)
    }
}

extension SQLState: CustomStringConvertible {
    package var description: String { rawValue }
}
