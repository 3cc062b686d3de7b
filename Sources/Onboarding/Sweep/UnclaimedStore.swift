import Cloudflare
import Foundation
import Postgres

/// Hostnames that the zone has and nobody claims, as a sweep keeps them.
struct UnclaimedStore: Sendable {
    let pool: PostgresPool

    /// Hostnames asked for by their id after one reading, at most: the rest is asked for after the next.
    static let confirmations = 50

    /// Keeps what a page shows of hostnames that nobody claims.
    ///
    /// A name that is claimed is not listed even while its creation is under way: its own job adopts it.
    func store(_ page: [CustomHostname], readAt moment: Timestamp) async throws {
        let rows = try JSONText(sweeping: page)
        _ = try await pool.session { db throws(PostgresError) in
            try db.execute(
                """
                insert into usher.unclaimed as u (provider_id, name, observed, first_seen_at, seen_at)
                select s.provider_id, s.name, s.observed, \(moment), \(moment)
                from jsonb_to_recordset(\(rows)) as s (provider_id text, name text, observed jsonb)
                where not exists (select from usher.hostname h
                                  where h.provider_id = s.provider_id and h.released_at is null)
                  and not exists (select from usher.hostname h where h.name = s.name and h.released_at is null)
                on conflict (provider_id) do update set name = excluded.name, observed = excluded.observed,
                                                        seen_at = excluded.seen_at
                where u.seen_at < excluded.seen_at
                """
            )
        }
    }

    /// Forgets those somebody has claimed since.
    func dropClaimed() async throws {
        _ = try await pool.session { db throws(PostgresError) in
            try db.execute(
                """
                delete from usher.unclaimed u
                where exists (select from usher.hostname h where h.name = u.name and h.released_at is null)
                   or exists (select from usher.hostname h
                              where h.provider_id = u.provider_id and h.released_at is null)
                """
            )
        }
    }

    /// Ids that a whole reading did not show: to be asked for, one by one, before they count as gone.
    func unseen(since start: Timestamp) async throws -> [String] {
        try await pool.session { db throws(PostgresError) in
            try db.query(
                """
                select provider_id from usher.unclaimed where seen_at < \(start)
                order by seen_at limit \(Self.confirmations)
                """,
                as: String.self
            )
        }
    }

    /// Forgets one that the provider said is gone.
    func remove(_ providerID: String) async throws {
        _ = try await pool.session { db throws(PostgresError) in
            try db.execute("delete from usher.unclaimed where provider_id = \(providerID)")
        }
    }
}
