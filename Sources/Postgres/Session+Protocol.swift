import CLibPQ

// The order of libpq's non-blocking calls (PostgreSQL documentation 34.4): send, flush while reading, read while busy.
extension Session {
    /// Throws if there is no point in going on: the task is cancelled or its deadline has passed.
    func check(_ sql: String?, _ location: SourceLocation) throws(PostgresError) {
        do throws(Interruption) {
            try waiter.check()
        } catch {
            throw PostgresError(error, statement: sql, location: location)
        }
    }

    /// Throws if the connection cannot take a statement, or there is no point in sending one.
    func ready(_ sql: String, _ location: SourceLocation) throws(PostgresError) {
        try check(sql, location)
        guard PQstatus(raw) == CONNECTION_OK, transactionStatus != PQTRANS_ACTIVE else {
            let message = "the connection was lost, or left in the middle of an earlier statement"
            throw PostgresError(.connection, message, statement: sql, location: location)
        }
    }

    /// Throws if the text or a parameter has a zero byte.
    ///
    /// C strings end there, and PostgreSQL knows no text with one: sent, it would cut the value short.
    func validate(_ statement: Statement, _ sql: String, _ location: SourceLocation) throws(PostgresError) {
        let texts = [sql] + statement.parameters.map { $0.text ?? "" }
        guard let index = texts.firstIndex(where: { $0.utf8.contains(0) }) else { return }
        throw PostgresError(.encoding(parameter: index), "zero byte", statement: sql, location: location)
    }

    /// Hands a statement to libpq, which may keep part of it until `flush`.
    func send(_ statement: Statement, _ sql: String, _ location: SourceLocation) throws(PostgresError) {
        let parameters = statement.parameters
        let types = parameters.map(\.type.rawValue)
        let sent = withCStrings(parameters.map(\.text)) { values in
            PQsendQueryParams(raw, sql, Int32(values.count), types, values, nil, nil, 0)
        }
        guard sent == 1 else { throw PostgresError(connection: raw, statement: sql, location: location) }
    }

    /// Sends all that libpq holds; reads meanwhile, as the server may wait for us to read before it goes on reading.
    func flush(_ sql: String?, _ location: SourceLocation) throws(PostgresError) {
        while PQflush(raw) == 1 {
            let events = try wait([.read, .write], sql, location)
            // A failure shows in the next result, with the server's last words if it had any.
            if events.contains(.read), PQconsumeInput(raw) == 0 { return }
        }
    }

    /// The next result, or `nil` when the statement has no more.
    func nextResult(_ sql: String?, _ location: SourceLocation) throws(PostgresError) -> ResultHandle? {
        while PQisBusy(raw) == 1 {
            _ = try wait(.read, sql, location)
            if PQconsumeInput(raw) == 0 { break }
        }
        guard let result = PQgetResult(raw) else { return nil }
        return ResultHandle(raw: result)
    }

    /// Reads all results of what was sent; returns the last one, or throws the first error once all are read.
    func collect(_ sql: String, _ location: SourceLocation) throws(PostgresError) -> ResultHandle? {
        try flush(sql, location)
        var last: ResultHandle?
        var failure: PostgresError?
        while let result = try nextResult(sql, location) {
            if let error = error(of: result, sql, location) { failure = failure ?? error }
            if isCopy(result.status) { break }
            last = consume result
        }
        if let failure { throw failure }
        return last
    }

    /// The error that a result stands for, if it does.
    func error(of result: borrowing ResultHandle, _ sql: String?, _ location: SourceLocation) -> PostgresError? {
        switch result.status {
        case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY, PGRES_PIPELINE_SYNC: nil
        case let status where isCopy(status):
            // The connection stays in the copy and is closed by its owner.
            PostgresError(.configuration, "COPY needs a client of its own", statement: sql, location: location)
        default: PostgresError(result, on: raw, statement: sql, location: location)
        }
    }

    private func isCopy(_ status: ExecStatusType) -> Bool {
        [PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH].contains(status)
    }

    func wait(
        _ events: SocketEvents,
        _ sql: String?,
        _ location: SourceLocation
    ) throws(PostgresError) -> SocketEvents {
        do throws(Interruption) {
            return try waiter.wait(for: events, on: PQsocket(raw))
        } catch {
            throw PostgresError(error, statement: sql, location: location)
        }
    }
}
