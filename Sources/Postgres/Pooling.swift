import CLibPQ

/// Whether the server at the other end is PostgreSQL itself, or a pooler that lends its connections out.
///
/// Behind PgBouncer in transaction mode the next transaction may run on another server connection: settings made by
/// SET, LISTEN and session-level locks would be missing there and haunt whoever comes next. So a pooled connection does
/// without them; what a transaction needs it says inside that transaction.
enum Pooling: Sendable {
    case direct
    case pooled
}

extension Session {
    /// Asks who is at the other end: a pooler answers with the process of whichever server connection it lends, and has
    /// given us a number of its own making at the start (its key for cancel requests).
    func pooling(_ location: SourceLocation) throws(PostgresError) -> Pooling {
        let process = try one("select pg_backend_pid()", as: Int.self, fileID: location.fileID, line: location.line)
        return process == Int(PQbackendPID(raw)) ? .direct : .pooled
    }
}
