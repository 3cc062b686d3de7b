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
    ///   - watch: The longest pause while nobody waits.
    ///   - limit: How long the turn is held at most: a reader that dies is replaced after that.
    func takeTurn(first: Duration, patience: Duration, watch: Duration, limit: Duration) async throws -> Bool {
        try await pool.session { db throws(PostgresError) in
            try db.execute("insert into usher.zone (zone_id) values (\(zoneID)) on conflict do nothing")
            return try db.execute(
                """
                update usher.zone z set turn_until = clock_timestamp() + \(limit)
                where z.zone_id = \(zoneID)
                  and coalesce(z.turn_until < clock_timestamp(), true)
                  and coalesce(z.swept_at <= clock_timestamp() - \(first), true)
                  and (exists (
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
                    -- The provider said that something changed, or nobody has looked for long.
                    or z.hinted_at > z.swept_at
                    or z.swept_at <= clock_timestamp() - \(watch))
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
    /// An enforced hostname that shows something else than before, with no job of ours at work on it, is noted as
    /// drifted.
    func store(_ page: [CustomHostname], readAt moment: Timestamp) async throws -> [Int64] {
        let rows = try JSONText(sweeping: page)
        return try await pool.session { db throws(PostgresError) in
            try db.query(
                """
                with page as (
                    select s.*, h.hostname_id, h.observed as before,
                           -- Where it stands now may say who must act now.
                           (h.observed ->> 'status', h.observed ->> 'ssl_status')
                               is distinct from (s.observed ->> 'status', s.observed ->> 'ssl_status')
                               or h.observed_at <= h.applied_at as has_news,
                           h.standing in ('enforced', 'partial')
                               and (s.is_held or usher.observed_promise(h.observed)
                                                 is distinct from usher.observed_promise(s.observed))
                               and not exists (select from usher.live l where l.subject_id = h.hostname_id) as drifted
                    from jsonb_to_recordset(\(rows))
                        as s (provider_id text, needs_look boolean, is_held boolean, observed jsonb, validation jsonb)
                    join usher.hostname h on h.provider_id = s.provider_id and h.released_at is null
                ), stored as (
                    update usher.hostname h set
                        observed = p.observed,
                        observed_at = \(moment),
                        validation = coalesce(p.validation, h.validation),
                        validation_seen_at = case when p.validation is not null then \(moment)
                                                  else h.validation_seen_at end
                    from page p
                    where h.hostname_id = p.hostname_id and (h.observed_at is null or h.observed_at < \(moment))
                    returning h.hostname_id, h.standing, p.needs_look, p.has_news, p.drifted, p.before, p.observed
                ), noted as (
                    insert into usher.drift (hostname_id, before, after, seen_at)
                    select hostname_id, before, observed, \(moment) from stored where drifted and before is not null
                )
                select hostname_id, standing = 'waiting' and (needs_look or has_news) from stored
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
                  and coalesce(applied_at < \(start), true) and observed_at < \(start)
                returning hostname_id
                """,
                as: Int64.self
            )
        }
    }

    /// Notes as drifted the enforced hostnames that a whole reading did not show; answers how many.
    ///
    /// If many are missing at once, the reading was of another zone or went wrong: then nothing is noted, and the
    /// answer is `nil`.
    func noteVanished(since start: Timestamp) async throws -> Int? {
        try await pool.transaction { db throws(PostgresError) in
            let (missing, all) = try db.one(
                """
                select count(*) filter (where observed_at < \(start) and coalesce(applied_at < \(start), true)),
                       count(*)
                from usher.hostname where standing in ('enforced', 'partial') and released_at is null
                """,
                as: (Int, Int).self
            )
            if missing > max(10, all / 5) { return nil }
            if missing == 0 { return 0 }
            return try db.execute(
                """
                with unseen as (
                    update usher.hostname h set intent = 'edit'
                    where h.standing in ('enforced', 'partial') and h.released_at is null
                      and h.observed_at < \(start) and coalesce(h.applied_at < \(start), true)
                      and not exists (select from usher.live l where l.subject_id = h.hostname_id)
                    returning h.hostname_id, h.observed
                )
                insert into usher.drift (hostname_id, before, seen_at)
                select hostname_id, observed, clock_timestamp() from unseen
                """
            )
        }
    }

    /// Gives one drifted hostname its job; false if none is left.
    func placeDrifted() async throws -> Bool {
        try await pool.transaction { db throws(PostgresError) in
            try db.one("select usher.place_drifted() is not null", as: Bool.self)
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

/// One hostname of a page, as it is sent to the database.
private struct SweptRow: Encodable {
    var providerID: String
    var name: String
    var needsLook: Bool
    var isHeld: Bool
    var observed: Observation
    var validation: ValidationRecords?

    private enum CodingKeys: String, CodingKey {
        case providerID = "provider_id"
        case name
        case needsLook = "needs_look"
        case isHeld = "is_held"
        case observed
        case validation
    }

    init(_ hostname: CustomHostname) {
        providerID = hostname.id
        name = hostname.hostname.lowercased()
        observed = Observation(hostname)
        validation = ValidationRecords(hostname)
        // While it is on its way by itself its job has nothing to do.
        needsLook = !observed.isUnderWay
        isHeld = observed.isHeld
    }
}

extension JSONText {
    /// The rows of a page.
    init(sweeping page: [CustomHostname]) throws {
        self.init(String(decoding: try JSONEncoder().encode(page.map(SweptRow.init)), as: UTF8.self))
    }
}
