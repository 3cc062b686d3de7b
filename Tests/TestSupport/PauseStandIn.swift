import Postgres

/// Pauses that hold back nothing, for tests of how they are ordered, where the queue's own are not there.
package enum PauseStandIn {
    /// Adds `usher.pause`, `usher.resume` and `usher.pause_order` to the running test's database unless it has them.
    package static func addIfMissing() async throws {
        let connection = try await TestDatabase.current.connect()
        try await connection.transaction { db throws(PostgresError) in
            guard try db.one("select to_regclass('usher.pause_order') is null", as: Bool.self) else { return }
            try db.executeScript(
                """
                create table usher.pause_order (
                    scope text, name text, until_at timestamptz, reason text, ended_at timestamptz);
                create function usher.pause(scope text, name text, until_at timestamptz, reason text) returns void
                language sql as $$
                    insert into usher.pause_order values ($1, $2, coalesce($3, 'infinity'), $4);
                    select usher.record_audit('pause', $4, jsonb_build_object('scope', $1, 'name', $2));
                $$;
                create function usher.resume(scope text, name text, reason text) returns boolean language sql as $$
                    select usher.record_audit('resume', $3, jsonb_build_object('scope', $1, 'name', $2));
                    with gone as (delete from usher.pause_order p where p.scope = $1 and p.name = $2 returning 1)
                    select exists (select from gone);
                $$;
                """
            )
        }
        await connection.close()
    }
}
