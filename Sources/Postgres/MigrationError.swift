/// Why the database was not migrated; nothing of the file named was kept.
package enum MigrationError: Error, Sendable {
    case unreadable(path: String, reason: String)
    case malformed(file: String, line: Int, problem: String)
    case sameVersion(String, String)
    /// The file was changed after it had been applied.
    case edited(file: String)
    /// An applied migration has no file any more.
    case missing(version: String, name: String)
    /// A file that was not applied has a lower version than one that was.
    case outOfOrder(file: String, newest: String)
    case unknownVersion(String)
    /// The file has no `-- migrate:down` section.
    case irreversible(file: String)
    /// The file ended the transaction it runs in.
    case endedTransaction(file: String)
    /// A statement of the file failed; line and column of the file, counted from 1, if the server said where.
    case failed(file: String, line: Int?, column: Int?, error: PostgresError)
    /// The database could not be asked at all.
    case database(PostgresError)
}

extension MigrationError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unreadable(let path, let reason): "\(path): \(reason)"
        case .malformed(let file, let line, let problem): "\(file):\(line): \(problem)"
        case .sameVersion(let first, let second): "\(first) and \(second) have the same version; number one anew"
        case .edited(let file):
            "\(file) was changed after it had been applied; restore it and write the change as a new file"
        case .missing(let version, let name):
            "\(version)_\(name).sql was applied but is not in the folder; restore it"
        case .outOfOrder(let file, let newest):
            "\(file) is numbered below \(newest), which was applied already; number it above"
        case .unknownVersion(let version): "there is no migration \(version)"
        case .irreversible(let file): "\(file) has no `-- migrate:down` section, so it cannot be undone"
        case .endedTransaction(let file): "\(file) ends the transaction it runs in; remove its commit or rollback"
        case .failed(let file, let line, let column, let error):
            [file, line?.description, column?.description].compactMap(\.self).joined(separator: ":")
                + ": \(error.summary)"
        case .database(let error): error.description
        }
    }
}

extension PostgresError {
    /// Code, message and hint, without the statement, which may be a whole file.
    fileprivate var summary: String {
        var error = self
        error.statement = nil
        return error.description
    }
}
