import CLibPQ

/// The one owner of a libpq connection: `PQfinish` runs exactly once, when the owner ends.
struct ConnectionHandle: ~Copyable {
    let raw: OpaquePointer

    deinit {
        PQfinish(raw)
    }
}

/// The one owner of a libpq result: `PQclear` runs exactly once, when the owner ends.
struct ResultHandle: ~Copyable {
    let raw: OpaquePointer

    deinit {
        PQclear(raw)
    }

    var status: ExecStatusType { PQresultStatus(raw) }
    var rowCount: Int { Int(PQntuples(raw)) }
    var columnCount: Int { Int(PQnfields(raw)) }

    /// Rows that an insert, update, delete, merge or select touched; 0 for other commands.
    var affectedRows: Int { Int(String(cString: PQcmdTuples(raw))) ?? 0 }

    /// The command as the server names it, as `COMMIT` or `ROLLBACK`.
    var command: String { String(cString: PQcmdStatus(raw)) }

    func columnName(_ column: Int) -> String {
        PQfname(raw, Int32(column)).map { String(cString: $0) } ?? "?"
    }

    /// The value in text format; `nil` is null.
    func text(row: Int, column: Int) -> String? {
        if PQgetisnull(raw, Int32(row), Int32(column)) == 1 { return nil }
        return PQgetvalue(raw, Int32(row), Int32(column)).map { String(cString: $0) }
    }

    /// One field of an error report (PostgreSQL documentation, "Error and Notice Message Fields").
    func errorField(_ code: Character) -> String? {
        guard let ascii = code.asciiValue else { return nil }
        return PQresultErrorField(raw, Int32(ascii)).map { String(cString: $0) }
    }
}
