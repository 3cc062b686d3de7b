import Foundation
import JobQueue
import Logging
import Postgres
import TestSupport

/// A queue in the test's own database, with helpers that act as the world around it.
struct QueueFixture {
    let pool: PostgresPool
    let store: PostgresJobStore

    init(attemptLimit: Duration = .seconds(300)) {
        pool = PostgresPool(TestDatabase.current.settings, size: 8, logger: .quiet)
        store = PostgresJobStore(pool: pool, attemptLimit: attemptLimit)
    }

    /// A lane with so many ready jobs; subjects are 1000 × lane + n.
    func fill(
        _ lane: String,
        jobs: Int,
        weight: Int = 1,
        running: Int = 1000,
        priority: Int = 0,
        from first: Int = 0
    ) async throws {
        try await pool.transaction { db throws(PostgresError) in
            let id = try db.one(
                """
                insert into usher.lane (name, weight, max_running)
                values (\(lane), \(weight)::smallint, \(running)::integer)
                on conflict (name) do update set weight = excluded.weight returning lane_id
                """,
                as: Int.self
            )
            for number in first..<first + jobs {
                _ = try db.query(
                    """
                    select job, created from usher.place_job('test', \(id)::integer, \(Int64(id * 1000 + number)),
                                                             null, \(priority)::smallint, null, null)
                    """,
                    as: (Int64, Bool).self
                )
            }
        }
    }

    func register(_ name: String = "test", lease: Duration = .seconds(60)) async throws -> Int64 {
        try await store.register(name: name, lease: lease)
    }

    func claim(_ worker: Int64, _ count: Int) async throws -> [ClaimedJob] {
        try await store.exchange(worker: worker, settling: [], claiming: count).claimed
    }

    @discardableResult
    func settle(_ worker: Int64, _ job: ClaimedJob, _ outcome: JobOutcome) async throws -> Set<Int64> {
        let settlement = Settlement(of: job, outcome: outcome)
        return try await store.exchange(worker: worker, settling: [settlement], claiming: 0).accepted
    }

    func count(_ statement: Statement) async throws -> Int {
        try await pool.session { db throws(PostgresError) in try db.one(statement, as: Int.self) }
    }

    func run(_ statement: Statement) async throws {
        _ = try await pool.session { db throws(PostgresError) in try db.execute(statement) }
    }

    /// Claims and settles until nothing more is claimed; answers the lanes in the order they were served.
    func drain(_ worker: Int64, by count: Int = 100, calls: Int = 0) async throws -> [String] {
        var served: [String] = []
        while true {
            let jobs = try await claim(worker, count)
            if jobs.isEmpty { return served }
            served += jobs.map(\.lane)
            let ends = jobs.map { Settlement(of: $0, outcome: .done(result: "ok"), providerCalls: calls) }
            _ = try await store.exchange(worker: worker, settling: ends, claiming: 0)
        }
    }

    /// A worker's lease ends now, as if its process had been stopped long ago.
    func expire(_ worker: Int64) async throws {
        _ = try await pool.session { db throws(PostgresError) in
            try db.execute(
                "update usher.worker set expires_at = now() - interval '1 second' where worker_id = \(worker)"
            )
        }
    }

    /// Deferred work becomes due now.
    func makeDue() async throws {
        _ = try await pool.session { db throws(PostgresError) in
            try db.execute("update usher.deferred set due_at = now() - interval '1 second'")
        }
    }

    var failure: JobFailure { JobFailure(errorClass: "transient", code: "1500", message: "no", actor: .provider) }
}

extension QueueFixture {
    /// The project's migrations, found from this file.
    static var migrationsFolder: String {
        var folder = URL(filePath: #filePath)
        for _ in 0..<3 { folder.deleteLastPathComponent() }
        return folder.appending(path: "migrations").path()
    }
}
