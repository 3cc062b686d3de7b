package import Postgres

extension History {
    /// Has the database keep what its tables do not, which is when wishes grew.
    ///
    /// To be called before anything is queued.
    package static func recordGrowth(in pool: PostgresPool) async throws {
        try await pool.transaction { db throws(PostgresError) in
            try db.executeScript(
                """
                create table public.growth (job_id bigint not null, at timestamptz not null default clock_timestamp());
                create function public.note_growth() returns trigger language plpgsql as $$
                begin
                    insert into public.growth (job_id) values (new.job_id);
                    return null;
                end $$;
                create trigger growth_is_noted after update on usher.live
                    for each row when (new.rerun) execute function public.note_growth();
                """
            )
        }
    }

    /// Reads all that the tables tell, in one snapshot.
    package static func read(from pool: PostgresPool, committed: Set<Int64> = []) async throws -> History {
        try await pool.transaction(deadline: .seconds(120)) { db throws(PostgresError) in
            _ = try db.execute("set transaction isolation level repeatable read")
            var history = History()
            history.committed = committed
            history.jobs = try db.jobs()
            history.ends = try db.ends()
            history.attempts = try db.attempts()
            history.stale = try db.query(
                "select attempt_id, worker_id from usher.stale_settlement",
                as: (Int64, Int64).self
            ).map { Stale(attempt: $0.0, worker: $0.1) }
            history.growths = try db.growths()
            history.unfinished = try db.unfinished()
            history.limits = Dictionary(
                uniqueKeysWithValues: try db.query(
                    "select name, max_running from usher.lane",
                    as: (String, Int).self
                ).map { ($0.0, $0.1) }
            )
            history.batches = try db.batches()
            return history
        }
    }
}

extension Session {
    fileprivate func jobs() throws(PostgresError) -> [History.Job] {
        try query(
            "select job_id, lane.name, batch_id from usher.job join usher.lane using (lane_id)",
            as: (Int64, String, Int64?).self
        ).map { History.Job(id: $0.0, lane: $0.1, batch: $0.2) }
    }

    fileprivate func ends() throws(PostgresError) -> [History.End] {
        try query(
            "select job_id, state, outcome, (extract(epoch from ended_at) * 1000000)::bigint from usher.ended",
            as: (Int64, String, String, Int64).self
        ).map { History.End(job: $0.0, state: $0.1, outcome: $0.2, at: $0.3) }
    }

    fileprivate func attempts() throws(PostgresError) -> [History.Attempt] {
        try query(
            """
            select attempt_id, job_id, worker_id, (extract(epoch from started_at) * 1000000)::bigint,
                   (extract(epoch from ended_at) * 1000000)::bigint, outcome
            from usher.attempt
            """,
            as: (Int64, Int64, Int64, Int64, Int64, String).self
        ).map { row in
            History.Attempt(id: row.0, job: row.1, worker: row.2, startedAt: row.3, endedAt: row.4, outcome: row.5)
        }
    }

    /// None, if nobody asked for them to be kept.
    fileprivate func growths() throws(PostgresError) -> [History.Growth] {
        guard try one("select to_regclass('public.growth') is not null", as: Bool.self) else { return [] }
        return try query(
            "select job_id, (extract(epoch from at) * 1000000)::bigint from public.growth",
            as: (Int64, Int64).self
        ).map { History.Growth(job: $0.0, at: $0.1) }
    }

    fileprivate func unfinished() throws(PostgresError) -> Set<Int64> {
        Set(
            try query(
                """
                select job_id from usher.ready union select job_id from usher.deferred
                union select job_id from usher.lease
                """,
                as: Int64.self
            ).map { $0 }
        )
    }

    fileprivate func batches() throws(PostgresError) -> [History.Batch] {
        let rows = try query(
            """
            select b.batch_id, b.total, s.key, s.value::integer
            from usher.batch b
            left join lateral jsonb_each_text(usher.batch_progress(b.batch_id) -> 'states') s on true
            """,
            as: (Int64, Int, String?, Int?).self
        )
        return Dictionary(grouping: rows) { $0.0 }.map { id, rows in
            let states = rows.compactMap { row in row.2.flatMap { state in row.3.map { (state, $0) } } }
            return History.Batch(
                id: id,
                total: rows[0].1,
                states: Dictionary(uniqueKeysWithValues: states.filter { $0.1 > 0 })
            )
        }
    }
}
