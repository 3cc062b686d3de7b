import CLibPQ

/// The right to run statements on a connection, lent to a synchronous closure on the connection's own thread.
///
/// It can be neither kept nor awaited across: while a transaction is open, no other work of the program can slip in
/// between, and no network call but the database's own can be made.
package struct Session: ~Copyable {
    let raw: OpaquePointer
    let waiter: SocketWaiter
    /// What begins each implicit transaction, where the connection cannot keep settings of its own; see `Pooling`.
    var prelude: Statement?

    /// Runs a statement and returns how many rows it touched.
    @discardableResult
    package func execute(
        _ statement: Statement,
        fileID: String = #fileID,
        line: Int = #line
    ) throws(PostgresError) -> Int {
        try run(statement, SourceLocation(fileID: fileID, line: line)).affectedRows
    }

    /// Runs a statement and reads each row, as in `query("select …", as: (Int64, String?).self)`.
    package func query<each Column: PostgresDecodable>(
        _ statement: Statement,
        as type: (repeat each Column).Type,
        fileID: String = #fileID,
        line: Int = #line
    ) throws(PostgresError) -> [(repeat each Column)] {
        let location = SourceLocation(fileID: fileID, line: line)
        return try run(statement, location).rows(as: type)
    }

    /// Runs a statement that yields at most one row, and reads it.
    package func first<each Column: PostgresDecodable>(
        _ statement: Statement,
        as type: (repeat each Column).Type,
        fileID: String = #fileID,
        line: Int = #line
    ) throws(PostgresError) -> (repeat each Column)? {
        let rows = try query(statement, as: type, fileID: fileID, line: line)
        guard rows.count <= 1 else {
            let location = SourceLocation(fileID: fileID, line: line)
            throw PostgresError(
                .shape,
                "\(rows.count) rows where at most one was expected",
                statement: statement.sql,
                location: location
            )
        }
        return rows.first
    }

    /// Runs several statements without parameters, as a migration has them, in one message.
    package func executeScript(
        _ sql: String,
        fileID: String = #fileID,
        line: Int = #line
    ) throws(PostgresError) {
        let location = SourceLocation(fileID: fileID, line: line)
        try ready(sql, location)
        try validate(Statement(verbatim: sql), sql, location)
        guard PQsendQuery(raw, sql) == 1 else {
            throw PostgresError(connection: raw, statement: sql, location: location)
        }
        _ = try collect(sql, location)
    }
}

extension Session {
    /// Where the connection stands between BEGIN and COMMIT.
    var transactionStatus: PGTransactionStatusType { PQtransactionStatus(raw) }

    /// Whether the next user of the connection finds it as a new one.
    var isIdle: Bool {
        PQstatus(raw) == CONNECTION_OK && transactionStatus == PQTRANS_IDLE && PQpipelineStatus(raw) == PQ_PIPELINE_OFF
    }

    private func run(_ statement: Statement, _ location: SourceLocation) throws(PostgresError) -> StatementResult {
        if prelude != nil, !isInTransaction {
            return try pipeline([statement], fileID: location.fileID, line: location.line)[0]
        }
        let sql = statement.sql
        try ready(sql, location)
        try validate(statement, sql, location)
        try send(statement, sql, location)
        guard let result = try collect(sql, location) else {
            throw PostgresError(connection: raw, statement: sql, location: location)
        }
        return StatementResult(result, statement: statement, location: location)
    }
}
