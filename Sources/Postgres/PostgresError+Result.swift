import CLibPQ

extension PostgresError {
    /// The error that a failed result reports.
    init(_ result: borrowing ResultHandle, on connection: OpaquePointer, statement: String?, location: SourceLocation) {
        let state = result.errorField("C").map(SQLState.init(rawValue:))
        let lost = PQstatus(connection) == CONNECTION_BAD || state?.endsConnection == true
        let fallback = String(cString: PQresultErrorMessage(result.raw)).trimmed
        self.init(
            lost ? .connection : .server,
            result.errorField("M") ?? fallback,
            statement: statement,
            location: location
        )
        sqlState = state
        detail = result.errorField("D")
        hint = result.errorField("H")
        context = result.errorField("W")
        position = result.errorField("P").flatMap { Int($0) }
        table = result.errorField("t")
        constraint = result.errorField("n")
        column = result.errorField("c")
    }

    /// The error that libpq last noted on a connection.
    init(connection: OpaquePointer, statement: String?, location: SourceLocation) {
        let message = String(cString: PQerrorMessage(connection)).trimmed
        self.init(
            .connection,
            message.isEmpty ? "the connection was lost" : message,
            statement: statement,
            location: location
        )
    }

    init(_ interruption: Interruption, statement: String?, location: SourceLocation) {
        switch interruption {
        case .deadline: self.init(.deadline, "no answer in time", statement: statement, location: location)
        case .cancelled: self.init(.cancelled, "the task was cancelled", statement: statement, location: location)
        case .noSocket: self.init(.connection, "the connection was lost", statement: statement, location: location)
        }
    }
}

extension String {
    /// Without white space at either end: libpq ends its messages with a line feed.
    var trimmed: String {
        guard let first = firstIndex(where: { !$0.isWhitespace }), let last = lastIndex(where: { !$0.isWhitespace })
        else { return "" }
        return String(self[first...last])
    }
}
