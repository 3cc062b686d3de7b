import CLibPQ

/// What somebody said with NOTIFY.
struct Notification {
    let channel: String
    let payload: String
}

extension Session {
    /// Waits for notifications and returns those that have arrived, at least one.
    func notifications(fileID: String = #fileID, line: Int = #line) throws(PostgresError) -> [Notification] {
        let location = SourceLocation(fileID: fileID, line: line)
        while true {
            var found: [Notification] = []
            while let notification = PQnotifies(raw) {
                defer { PQfreemem(notification) }
                let channel = String(cString: notification.pointee.relname)
                found.append(Notification(channel: channel, payload: String(cString: notification.pointee.extra)))
            }
            if !found.isEmpty { return found }
            _ = try wait(.read, nil, location)
            guard PQconsumeInput(raw) == 1 else {
                throw PostgresError(connection: raw, statement: nil, location: location)
            }
        }
    }
}
