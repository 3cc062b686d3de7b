import Cloudflare
import Foundation
import Postgres

/// What is stored of the zone: its settings, and whose turn the next reading is.
struct SweepStore: Sendable {
    let pool: PostgresPool
    let zoneID: String

    /// Takes the turn to read the zone, if somebody's time to be looked at has come; one process wins.
    ///
    /// - Parameters:
    ///   - first: How old a write must be before it can have come to anything, and the least pause between two
    ///     readings.
    ///   - patience: While hostnames are written one after another, a reading waits for so many that it costs little
    ///     beside them, at most this long.
    ///   - limit: How long the turn is held at most: a reader that dies is replaced after that.
    func takeTurn(first: Duration, patience: Duration, limit: Duration) async throws -> Bool {
        try await pool.session { db throws(PostgresError) in
            try db.execute("insert into usher.zone (zone_id) values (\(zoneID)) on conflict do nothing")
            return try db.execute(
                """
                update usher.zone z set turn_until = clock_timestamp() + \(limit)
                where z.zone_id = \(zoneID)
                  and coalesce(z.turn_until < clock_timestamp(), true)
                  and coalesce(z.swept_at <= clock_timestamp() - \(first), true)
                  and exists (
                      select from usher.hostname h
                      where h.standing = 'waiting' and h.released_at is null and h.provider_id is not null
                        and coalesce(h.applied_at, h.claimed_at) <= clock_timestamp() - \(first)
                        -- Not looked at since it was written, or everybody's next look is due.
                        and (h.observed_at <= h.applied_at or z.next_at <= clock_timestamp()))
                  and (coalesce(z.swept_at <= clock_timestamp() - \(patience), true)
                       or (select count(*) from (
                               select from usher.hostname h
                               where h.standing = 'waiting' and h.released_at is null and h.provider_id is not null
                                 and h.applied_at <= clock_timestamp() - \(first) and h.observed_at <= h.applied_at
                               limit \(SweepSchedule.writesPerPage)::integer * z.pages) ripe)
                           >= \(SweepSchedule.writesPerPage)::integer * z.pages)
                """
            ) == 1
        }
    }

    /// Keeps the turn and tells the database's clock before a page is asked for: nothing on the page is older.
    func keepTurn(limit: Duration) async throws -> Timestamp {
        try await pool.session { db throws(PostgresError) in
            try db.one(
                """
                insert into usher.zone (zone_id, turn_until) values (\(zoneID), clock_timestamp() + \(limit))
                on conflict (zone_id) do update set turn_until = excluded.turn_until
                returning clock_timestamp()
                """,
                as: Timestamp.self
            )
        }
    }

    /// Stores what a page shows of our hostnames; answers those that wait and whose state has changed, or is worth a
    /// look.
    ///
    /// Rows of the zone that are not ours are left alone.
    func store(_ page: [CustomHostname], readAt moment: Timestamp) async throws -> [Int64] {
        let rows = try JSONEncoder().encode(page.map(SweptRow.init))
        return try await pool.session { db throws(PostgresError) in
            try db.query(
                """
                update usher.hostname h set
                    observed = s.observed,
                    observed_at = \(moment),
                    validation = coalesce(s.validation, h.validation),
                    validation_seen_at = case when s.validation is not null then \(moment)
                                              else h.validation_seen_at end
                from jsonb_to_recordset(\(JSONText(String(decoding: rows, as: UTF8.self))))
                    as s (provider_id text, needs_look boolean, observed jsonb, validation jsonb)
                -- Where it stands now may say who must act now.
                cross join lateral (
                    select (b.observed ->> 'status', b.observed ->> 'ssl_status')
                           is distinct from (s.observed ->> 'status', s.observed ->> 'ssl_status')
                           or b.observed_at <= b.applied_at as has_news
                    from usher.hostname b where b.provider_id = s.provider_id and b.released_at is null) before
                where h.provider_id = s.provider_id and h.released_at is null
                  and (h.observed_at is null or h.observed_at < \(moment))
                returning h.hostname_id, h.standing = 'waiting' and (s.needs_look or before.has_news)
                """,
                as: (Int64, Bool).self
            ).filter(\.1).map(\.0)
        }
    }

    /// Has the jobs look for themselves whose hostname a whole reading did not show; answers those hostnames.
    ///
    /// An absence is no proof (rows move between pages while others write), so the job asks for its hostname by name.
    func markUnseen(since start: Timestamp) async throws -> [Int64] {
        try await pool.session { db throws(PostgresError) in
            try db.query(
                """
                update usher.hostname set intent = 'edit'
                where standing = 'waiting' and released_at is null and provider_id is not null
                  and applied_at < \(start) and observed_at < \(start)
                returning hostname_id
                """,
                as: Int64.self
            )
        }
    }

    /// How long the hostname that was written last has waited; `nil` if none waits.
    func youngestWait() async throws -> Duration? {
        try await pool.session { db throws(PostgresError) in
            try db.one(
                """
                select clock_timestamp() - max(coalesce(applied_at, claimed_at)) from usher.hostname
                where standing = 'waiting' and released_at is null and provider_id is not null
                """,
                as: Duration?.self
            )
        }
    }

    /// Takes the turn if so many jobs are about to write upon readings older than `age` that one reading of the zone
    /// costs less than a look at each.
    func takeTurn(staleAfter age: Duration, limit: Duration) async throws -> StaleTurn {
        try await pool.session { db throws(PostgresError) in
            let (pays, isHeld) = try db.one(
                """
                select (select count(*) from (select job_id from usher.ready limit 2000) r
                            join usher.live l using (job_id) join usher.hostname h on h.hostname_id = l.subject_id
                        where h.provider_id is not null and h.observed_at < clock_timestamp() - \(age))
                           > 2 * coalesce(max(z.pages), 1),
                       coalesce(bool_or(z.turn_until > clock_timestamp()), false)
                from usher.zone z where z.zone_id = \(zoneID)
                """,
                as: (Bool, Bool).self
            )
            if isHeld { return .held }
            if !pays { return .notWorthIt }
            let taken = try db.execute(
                """
                update usher.zone set turn_until = clock_timestamp() + \(limit)
                where zone_id = \(zoneID) and coalesce(turn_until < clock_timestamp(), true)
                """
            )
            return taken == 1 ? .taken : .held
        }
    }

    /// Whether somebody reads the zone now.
    func isTurnHeld() async throws -> Bool {
        try await pool.session { db throws(PostgresError) in
            try db.one(
                """
                select exists (select from usher.zone
                               where zone_id = \(zoneID) and turn_until > clock_timestamp())
                """,
                as: Bool.self
            )
        }
    }

    /// Gives the turn back after a reading that failed.
    func giveUpTurn() async throws {
        try await pool.session { db throws(PostgresError) in
            _ = try db.execute("update usher.zone set turn_until = null where zone_id = \(zoneID)")
        }
    }

    /// Gives the turn back after a reading of so many pages.
    func finish(pages: Int, nextIn pause: Duration) async throws {
        try await pool.session { db throws(PostgresError) in
            _ = try db.execute(
                """
                update usher.zone set turn_until = null, swept_at = clock_timestamp(), sweeps = sweeps + 1,
                                      pages = \(max(1, pages))::integer,
                                      next_at = clock_timestamp() + \(pause)
                where zone_id = \(zoneID)
                """
            )
        }
    }
}

/// Whether many stale readings are worth one of the whole zone.
enum StaleTurn {
    /// Yes, and it is the asker's to make.
    case taken
    /// Somebody reads the zone already.
    case held
    /// No: look at the one hostname.
    case notWorthIt
}

/// One hostname of a page, as `store` sends it.
private struct SweptRow: Encodable {
    var providerID: String
    var needsLook: Bool
    var observed: Observation
    var validation: ValidationRecords?

    private enum CodingKeys: String, CodingKey {
        case providerID = "provider_id"
        case needsLook = "needs_look"
        case observed
        case validation
    }

    init(_ hostname: CustomHostname) {
        providerID = hostname.id
        observed = Observation(hostname)
        validation = ValidationRecords(hostname)
        // While it is on its way by itself its job has nothing to do.
        needsLook = !observed.isUnderWay
    }
}
