extension ResultHandle {
    /// Reads each row; the error names the column, the type wanted and the row.
    func rows<each Column: PostgresDecodable>(
        as type: (repeat each Column).Type,
        statement: Statement,
        location: SourceLocation
    ) throws(PostgresError) -> [(repeat each Column)] {
        var wantedColumns = 0
        for _ in repeat (each Column).self { wantedColumns += 1 }
        guard wantedColumns == columnCount else {
            let message = "\(columnCount) columns where \(wantedColumns) were expected"
            throw PostgresError(.shape, message, statement: statement.sql, location: location)
        }
        var rows: [(repeat each Column)] = []
        rows.reserveCapacity(rowCount)
        for row in 0..<rowCount {
            var column = 0
            rows.append((repeat try value(row, &column, as: (each Column).self, statement, location)))
        }
        return rows
    }

    private func value<Value: PostgresDecodable>(
        _ row: Int,
        _ column: inout Int,
        as type: Value.Type,
        _ statement: Statement,
        _ location: SourceLocation
    ) throws(PostgresError) -> Value {
        defer { column += 1 }
        let text = text(row: row, column: column)
        if let value = text.map(Value.init(postgresText:)) ?? Value.postgresNull { return value }
        throw PostgresError(
            .decoding(column: columnName(column), wanted: "\(Value.self)"),
            text == nil ? "null in row \(row + 1)" : "a value of another form in row \(row + 1)",
            statement: statement.sql,
            location: location
        )
    }
}
