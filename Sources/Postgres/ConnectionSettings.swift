import CLibPQ

/// Where the database is and how patient to be with it.
package struct ConnectionSettings: Sendable {
    /// A `postgresql://` URL, a `key=value` string, or nothing; it may hold a password.
    private let connectionString: String
    /// Seconds to wait for each address in turn, unless the connection string says another `connect_timeout`.
    package var connectTimeoutSeconds = 10
    /// What the server gives one statement, unless the caller's deadline is nearer.
    package var statementTimeout: Duration = .seconds(30)
    /// What a whole transaction or session gets if its caller names no deadline; `nil` is for ever.
    package var defaultDeadline: Duration? = .seconds(60)
    /// Shown in `pg_stat_activity`, unless the connection string says another `application_name`.
    package var applicationName = "usher"

    /// Takes a connection string as libpq defines it; what it leaves out comes from the `PG*` variables.
    ///
    /// Several hosts (`postgresql://a,b/db?target_session_attrs=read-write`) are tried in order by libpq itself.
    /// PostgreSQL documentation 34.1.1 and 34.15.
    package init(url: String = "") {
        connectionString = url
    }

    /// Connects, which blocks the calling thread for at most `connect_timeout` for each address.
    ///
    /// Not `PQconnectPoll`, which leaves that timeout to its caller: a first host that swallows packets would then
    /// keep the others from being tried.
    func connect(location: SourceLocation) throws(PostgresError) -> ConnectionHandle {
        guard isReadable else {
            // libpq's own message quotes the string, and with it the password.
            let message =
                "the connection string (not shown: it may hold a password) is neither a URL like "
                + "postgresql://user@host:5432/database nor key=value pairs that libpq knows"
            throw PostgresError(.configuration, message, location: location)
        }
        let keywords = keywords
        let connection = withCStrings(keywords.map(\.name)) { names in
            withCStrings(keywords.map(\.value)) { values in
                PQconnectdbParams(names + [nil], values + [nil], 1)
            }
        }
        guard let connection else { throw PostgresError(.connection, "out of memory", location: location) }
        let handle = ConnectionHandle(raw: connection)
        guard PQstatus(handle.raw) == CONNECTION_OK else {
            throw PostgresError(connection: handle.raw, statement: nil, location: location)
        }
        return handle
    }

    /// Parameters for libpq: those before `dbname` yield to the connection string, those after it do not.
    ///
    /// A peer that vanished without a word is noticed after 25 seconds when idle, 15 when data is under way.
    private var keywords: [(name: String, value: String)] {
        [
            ("connect_timeout", String(connectTimeoutSeconds)),
            ("fallback_application_name", applicationName),
            ("keepalives_idle", "10"),
            ("keepalives_interval", "5"),
            ("keepalives_count", "3"),
            ("tcp_user_timeout", "15000"),
            ("dbname", connectionString),
            ("client_encoding", "UTF8"),
        ]
    }

    /// When work that starts now has to be done.
    func instant(_ deadline: Duration?) -> ContinuousClock.Instant? {
        (deadline ?? defaultDeadline).map { .now.advanced(by: $0) }
    }

    /// Sent once to each new connection; the codecs rely on the formats.
    ///
    /// Not as startup `options`: PgBouncer refuses those it does not track.
    func startupScript(_ pooling: Pooling) -> String {
        switch pooling {
        case .direct:
            """
            set timezone to 'UTC'; set datestyle to 'ISO'; set intervalstyle to 'iso_8601'; set bytea_output to 'hex';
            set client_min_messages to 'notice'; set statement_timeout to \(statementTimeout.wholeMilliseconds)
            """
        // What PgBouncer keeps for each of its clients; anything else would stay with whoever comes next.
        case .pooled: "set timezone to 'UTC'; set datestyle to 'ISO'"
        }
    }

    /// What a pooled connection says at the start of each implicit transaction, and takes back at its end.
    func prelude(_ pooling: Pooling) -> Statement? {
        guard pooling == .pooled else { return nil }
        return "select set_config('statement_timeout', \(String(statementTimeout.wholeMilliseconds)), true)"
    }
}

extension ConnectionSettings: CustomStringConvertible, CustomReflectable {
    /// The settings that may be shown: never a password, nor the string it came in.
    package var description: String {
        guard isReadable else { return "(unreadable connection string)" }
        if !isConnectionString {
            return connectionString.isEmpty ? "(from PG* variables)" : "dbname=\(connectionString)"
        }
        return parsed().joined(separator: " ")
    }

    package var customMirror: Mirror { Mirror(self, children: ["settings": description]) }

    private var isReadable: Bool { !isConnectionString || !parsed().isEmpty }

    /// libpq takes any other string for the name of a database.
    private var isConnectionString: Bool {
        connectionString.contains("=") || connectionString.hasPrefix("postgresql://")
            || connectionString.hasPrefix("postgres://")
    }

    /// The parts of the connection string except passwords; empty if libpq cannot read it.
    private func parsed() -> [String] {
        var error: UnsafeMutablePointer<CChar>?
        let options = PQconninfoParse(connectionString, &error)
        PQfreemem(error)
        defer { PQconninfoFree(options) }
        var parts: [String] = []
        var next = options
        while let option = next?.pointee, let keyword = option.keyword {
            // libpq marks what must not be displayed with a star (PostgreSQL documentation 34.1, `dispchar`).
            let isSecret = option.dispchar.map { String(cString: $0) == "*" } ?? true
            if let value = option.val, !isSecret {
                parts.append("\(String(cString: keyword))=\(String(cString: value))")
            }
            next = next?.successor()
        }
        return options != nil && parts.isEmpty ? ["(defaults)"] : parts
    }
}

extension Duration {
    /// Milliseconds, rounded up, at least 1: the server takes 0 for "no limit".
    var wholeMilliseconds: Int {
        max(1, Int((self / .milliseconds(1)).rounded(.up)))
    }
}
