import CLibPQ

/// What one statement of a pipeline came to; it cannot leave the closure that has the session.
package final class StatementResult {
    private let handle: ResultHandle
    private let statement: Statement
    private let location: SourceLocation

    init(_ handle: consuming ResultHandle, statement: Statement, location: SourceLocation) {
        self.handle = handle
        self.statement = statement
        self.location = location
    }

    /// How many rows the statement touched.
    package var affectedRows: Int { handle.affectedRows }

    /// Reads each row, as in `rows(as: (Int64, String?).self)`.
    package func rows<each Column: PostgresDecodable>(
        as type: (repeat each Column).Type
    ) throws(PostgresError) -> [(repeat each Column)] {
        try handle.rows(as: type, statement: statement, location: location)
    }
}

extension Session {
    /// Runs statements in one round trip.
    ///
    /// Outside of a transaction they are one all the same: if one fails, none is kept, and the error thrown is its.
    /// PostgreSQL documentation 34.5 and 55.2.4 (one Sync ends one implicit transaction).
    package func pipeline(
        _ statements: [Statement],
        fileID: String = #fileID,
        line: Int = #line
    ) throws(PostgresError) -> [StatementResult] {
        if statements.isEmpty { return [] }
        let location = SourceLocation(fileID: fileID, line: line)
        guard let prelude, !isInTransaction else { return try exchange(statements, location) }
        return Array(try exchange([prelude] + statements, location).dropFirst())
    }

    private func exchange(
        _ statements: [Statement],
        _ location: SourceLocation
    ) throws(PostgresError) -> [StatementResult] {
        let texts = statements.map(\.sql)
        try ready(texts[0], location)
        for (statement, sql) in zip(statements, texts) {
            try validate(statement, sql, location)
        }
        guard PQenterPipelineMode(raw) == 1 else {
            throw PostgresError(connection: raw, statement: nil, location: location)
        }
        // Left in pipeline mode, as after an error below that is none of a statement's, a connection is closed.
        for (statement, sql) in zip(statements, texts) {
            try send(statement, sql, location)
        }
        guard PQpipelineSync(raw) == 1 else {
            throw PostgresError(connection: raw, statement: nil, location: location)
        }
        try flush(nil, location)
        let results = try receive(statements, texts, location)
        _ = PQexitPipelineMode(raw)
        return try results.get()
    }

    /// Reads up to the answer to the sync; the first failure stands for all, as the server skips what follows it.
    private func receive(
        _ statements: [Statement],
        _ texts: [String],
        _ location: SourceLocation
    ) throws(PostgresError) -> Result<[StatementResult], PostgresError> {
        var results: [StatementResult] = []
        var failure: PostgresError?
        for (statement, sql) in zip(statements, texts) {
            while let result = try nextResult(sql, location) {
                if failure == nil { failure = error(of: result, sql, location) }
                results.append(StatementResult(result, statement: statement, location: location))
            }
        }
        guard let sync = try nextResult(nil, location), sync.status == PGRES_PIPELINE_SYNC else {
            throw failure ?? PostgresError(connection: raw, statement: nil, location: location)
        }
        return failure.map(Result.failure) ?? .success(results)
    }
}
