extension Session {
    /// Runs a statement that yields exactly one row, and reads it.
    package func one<each Column: PostgresDecodable>(
        _ statement: Statement,
        as type: (repeat each Column).Type,
        fileID: String = #fileID,
        line: Int = #line
    ) throws(PostgresError) -> (repeat each Column) {
        if let row = try first(statement, as: type, fileID: fileID, line: line) { return row }
        throw PostgresError(
            .shape,
            "no row where one was expected",
            statement: statement.sql,
            location: SourceLocation(fileID: fileID, line: line)
        )
    }
}
