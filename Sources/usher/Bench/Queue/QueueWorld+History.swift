import Postgres

/// A moment of the queue's history: what was claimed and queued before it does not count.
struct HistoryMark: Sendable {
    var attemptID: Int
}

extension QueueWorld {
    func mark() async throws -> HistoryMark {
        HistoryMark(
            attemptID: try await count("select case when is_called then last_value else 0 end from usher.attempt_id")
        )
    }

    /// Jobs a second, from the first claim to the last end since the mark by the database's clock.
    ///
    /// - Throws: ``Failure`` unless each of so many jobs was done, once.
    func drainRate(of jobs: Int, since mark: HistoryMark) async throws -> Double {
        let (attempts, done, seconds) = try await pool.session { db throws(PostgresError) in
            try db.one(
                """
                select count(*), count(distinct a.job_id) filter (where e.state = 'done'),
                       extract(epoch from max(a.ended_at) - min(a.started_at))::float8
                from usher.attempt a left join usher.ended e using (job_id)
                where a.attempt_id > \(mark.attemptID)
                """,
                as: (Int, Int, Double).self
            )
        }
        guard attempts == jobs && done == jobs else {
            throw Failure("\(jobs) jobs were queued, \(attempts) attempts made and \(done) jobs done")
        }
        return Double(jobs) / seconds
    }

    /// The lanes of all claims since the mark, in the order of the claims.
    func claimHistory(since mark: HistoryMark) async throws -> [Int] {
        try await pool.session { db throws(PostgresError) in
            try db.one(
                """
                select coalesce(array_agg(j.lane_id::bigint order by a.attempt_id), '{}')
                from usher.attempt a join usher.job j using (job_id) where a.attempt_id > \(mark.attemptID)
                """,
                as: [Int].self
            )
        }
    }

    /// The lanes of these tenants by their ids.
    func lanes(of prefix: String) async throws -> [Int] {
        try await pool.session { db throws(PostgresError) in
            try db.one(
                """
                select coalesce(array_agg(lane_id::bigint order by lane_id), '{}')
                from usher.lane where name ~ \("^\(prefix)-")
                """,
                as: [Int].self
            )
        }
    }
}
