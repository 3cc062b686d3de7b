/// What went wrong between this process and PostgreSQL, with where in the source it was asked for.
package struct PostgresError: Error, Sendable {
    /// The sort of trouble, for callers that switch.
    package enum Kind: Hashable, Sendable {
        /// The server refused a statement; see `sqlState`.
        case server
        /// No connection could be made, or it was lost. Nothing of an open transaction was kept.
        case connection
        /// The connection was lost while COMMIT was under way: the transaction may have been kept or not.
        case commitUnknown
        /// The caller's deadline passed.
        case deadline
        /// The caller's task was cancelled.
        case cancelled
        /// The connection or pool was closed, or found lost, before any of the work began.
        case closed
        /// The connection string cannot be understood.
        case configuration
        /// A parameter cannot be sent, counted from 1, or the text of the statement, which is 0.
        case encoding(parameter: Int)
        /// A value cannot be read as the Swift type asked for.
        case decoding(column: String, wanted: String)
        /// The result has another number of rows or columns than the caller can use.
        case shape
        /// The body used the transaction against its rules: it hid a failed statement, or ended it by itself.
        case transactionMisuse
    }

    package var kind: Kind
    package var message: String
    package var sqlState: SQLState?
    /// The server's second line; not part of `description`, as it may quote a row's values.
    package var detail: String?
    package var hint: String?
    /// The server's call stack of SQL functions; not part of `description`.
    package var context: String?
    /// The SQL text with `$1` … for parameters, never their values.
    package var statement: String?
    /// Where in `statement` the trouble is, in characters, counted from 1.
    package var position: Int?
    package var table: String?
    package var constraint: String?
    package var column: String?
    package var location: SourceLocation

    package init(_ kind: Kind, _ message: String, statement: String? = nil, location: SourceLocation) {
        self.kind = kind
        self.message = message
        self.statement = statement
        self.location = location
    }

    /// Whether the same work, run again from its start, may succeed.
    ///
    /// `commitUnknown` is not: only the caller knows whether doing the work twice is harmless.
    package var isRetryable: Bool {
        switch kind {
        case .server: sqlState?.isTransient ?? false
        case .connection, .deadline: true
        default: false
        }
    }
}

/// The place in the source that asked for a statement.
package struct SourceLocation: Hashable, Sendable, CustomStringConvertible {
    package let fileID: String
    package let line: Int

    package init(fileID: String = #fileID, line: Int = #line) {
        self.fileID = fileID
        self.line = line
    }

    package var description: String { "\(fileID):\(line)" }
}

extension PostgresError: CustomStringConvertible {
    /// One line that is safe to show and to log: no parameter, no row's content, no password.
    package var description: String {
        var parts = [[name, sqlState?.rawValue].compactMap(\.self).joined(separator: " ") + ": " + safeMessage]
        if let constraint { parts.append("constraint \(constraint)") }
        if let column { parts.append("column \(column)") }
        if let hint { parts.append("hint: \(hint)") }
        if let statement { parts.append("in: \(Self.shortened(statement))") }
        parts.append("at \(location)")
        return parts.joined(separator: "; ")
    }

    private var name: String {
        switch kind {
        case .server: "postgres error"
        case .connection: "postgres connection failed"
        case .commitUnknown: "outcome of commit unknown"
        case .deadline: "postgres deadline passed"
        case .cancelled: "postgres call cancelled"
        case .closed: "postgres connection closed"
        case .configuration: "postgres settings wrong"
        case .encoding(let parameter): "postgres parameter $\(parameter) not sent"
        case .decoding(let column, let wanted): "postgres column \(column) is no \(wanted)"
        case .shape: "postgres result has another shape"
        case .transactionMisuse: "postgres transaction misused"
        }
    }

    /// The message without what it quotes of a value: class 22 (data exception) repeats the bad input after a colon.
    private var safeMessage: String {
        guard sqlState?.classCode == "22", let end = message.firstRange(of: ": \"")?.lowerBound else { return message }
        return message[..<end] + ": (value withheld)"
    }

    private static func shortened(_ statement: String) -> String {
        let line = statement.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        return line.count <= 200 ? line : line.prefix(200) + "…"
    }
}
