package import Postgres

/// The state of the server under the queue: its settings, its roles, and what keeps dead rows alive.
package struct ServerHealth: Sendable {
    /// Settings the queue relies on, by name, as the server shows them.
    package let settings: [String: String]
    package let connections: Int
    /// Connections that others than superusers may make.
    package let connectionLimit: Int
    /// Roles of ``roles`` that the cluster does not have.
    package let missingRoles: [String]
    package let login: String
    package let isSuperuser: Bool
    package let horizon: Horizon?
    /// Tables of the queue with far more dead rows than living ones.
    package let bloated: [Bloat]

    /// The oldest holder of a snapshot, which keeps dead rows from being removed.
    package struct Horizon: Sendable {
        package let age_s: Int
        /// A transaction's process and program, a replication slot, or a prepared transaction.
        package let holder: String

        package init(age_s: Int, holder: String) {
            self.age_s = age_s
            self.holder = holder
        }
    }

    /// A table and its rows, as the server last estimated them.
    package struct Bloat: Sendable {
        package let table: String
        package let dead: Int
        package let live: Int

        package init(table: String, dead: Int, live: Int) {
            self.table = table
            self.dead = dead
            self.live = live
        }
    }

    package init(
        settings: [String: String],
        connections: Int,
        connectionLimit: Int,
        missingRoles: [String],
        login: String,
        isSuperuser: Bool,
        horizon: Horizon?,
        bloated: [Bloat]
    ) {
        self.settings = settings
        self.connections = connections
        self.connectionLimit = connectionLimit
        self.missingRoles = missingRoles
        self.login = login
        self.isSuperuser = isSuperuser
        self.horizon = horizon
        self.bloated = bloated
    }

    /// The roles that the migrations make.
    package static let roles = ["usher_owner", "usher_enqueuer", "usher_worker", "usher_operator", "usher_auditor"]
    /// Fewer dead rows than this are the vacuum's daily work.
    package static let tolerableDeadRows = 100_000
}

extension ServerHealth {
    /// Looks at the server.
    package static func read(from pool: PostgresPool) async throws(PostgresError) -> ServerHealth {
        try await pool.session { db throws(PostgresError) in
            let (connections, limit, login, isSuperuser) = try readLogin(db)
            return ServerHealth(
                settings: try readSettings(db),
                connections: connections,
                connectionLimit: limit,
                missingRoles: try db.query(
                    """
                    select r.name from unnest(\(roles)) as r (name)
                    where not exists (select from pg_roles p where p.rolname = r.name) order by 1
                    """,
                    as: String.self
                ),
                login: login,
                isSuperuser: isSuperuser,
                horizon: try readHorizon(db),
                bloated: try readBloat(db)
            )
        }
    }

    private static func readLogin(_ db: borrowing Session) throws(PostgresError) -> (Int, Int, String, Bool) {
        try db.one(
            """
            select (select count(*) from pg_stat_activity where backend_type = 'client backend'),
                   current_setting('max_connections')::integer
                       - current_setting('superuser_reserved_connections')::integer,
                   current_user::text, (select rolsuper from pg_roles where rolname = current_user)
            """,
            as: (Int, Int, String, Bool).self
        )
    }

    private static func readSettings(_ db: borrowing Session) throws(PostgresError) -> [String: String] {
        let rows = try db.query(
            """
            select name, setting from pg_settings
            where name in ('synchronous_commit', 'fsync', 'full_page_writes', 'autovacuum', 'track_counts')
            """,
            as: (String, String).self
        )
        return Dictionary(rows.map { ($0.0, $0.1) }) { first, _ in first }
    }

    private static func readHorizon(_ db: borrowing Session) throws(PostgresError) -> Horizon? {
        try db.first(
            """
            select extract(epoch from clock_timestamp() - since)::integer, holder from (
                select xact_start as since, format('process %s of %s, %s', pid, usename,
                                                   coalesce(nullif(application_name, ''), 'unnamed')) as holder
                from pg_stat_activity
                where backend_xmin is not null and pid <> pg_backend_pid() and backend_type = 'client backend'
                union all
                select prepared, format('prepared transaction %s', gid) from pg_prepared_xacts
                union all
                -- A slot tells no time; one that nobody reads holds on for as long as it is there.
                select clock_timestamp() - interval '1 day',
                       format('replication slot %s, which nobody reads', slot_name)
                from pg_replication_slots where (xmin is not null or catalog_xmin is not null) and not active) t
            where since is not null order by since limit 1
            """,
            as: (Int, String).self
        ).map { Horizon(age_s: $0.0, holder: $0.1) }
    }

    private static func readBloat(_ db: borrowing Session) throws(PostgresError) -> [Bloat] {
        try db.query(
            """
            select relname::text, n_dead_tup, n_live_tup from pg_stat_user_tables
            where schemaname = 'usher' and n_dead_tup > \(tolerableDeadRows) and n_dead_tup > 5 * n_live_tup
            order by n_dead_tup desc
            """,
            as: (String, Int, Int).self
        ).map { Bloat(table: $0.0, dead: $0.1, live: $0.2) }
    }
}
