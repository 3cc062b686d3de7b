import JobQueue
import Logging
import Postgres
import TestSupport
import Testing

@Suite(.database)
struct StatisticsTests {
    private let queue = QueueFixture()

    private func total(_ outcome: String, _ errorClass: String = "") async throws -> Int {
        try await queue.count(
            """
            select coalesce(sum(attempts), 0)::bigint from usher.stat_total
            where kind = 'test' and outcome = \(outcome) and error_class = \(errorClass)
            """
        )
    }

    @Test func `every attempt is counted once, by what it came to`() async throws {
        try await queue.fill("acme", jobs: 6)
        let worker = try await queue.register()
        let jobs = try await queue.claim(worker, 6)
        try #require(jobs.count == 6)
        for job in jobs.prefix(3) { try await queue.settle(worker, job, .done(result: "done")) }
        try await queue.settle(worker, jobs[3], .failed(queue.failure))
        try await queue.settle(worker, jobs[4], .retry(after: .seconds(60), queue.failure))
        // Too late: it has been settled.
        try await queue.settle(worker, jobs[0], .failed(queue.failure))
        let late = try await queue.register("late")
        try await queue.settle(late, jobs[1], .done(result: "done"))
        try await QueueDepth.refresh(in: queue.pool)
        #expect(try await total("done") == 3)
        #expect(try await total("failed", "transient") == 1)
        #expect(try await total("retry", "transient") == 1)
        #expect(try await total("stale") == 1)
        #expect(try await queue.count("select count(*) from usher.stat_delta") == 0)
        #expect(
            try await queue.count("select sum(attempts)::bigint from usher.stat_minute")
                == (try await queue.count("select sum(attempts)::bigint from usher.stat_total"))
        )
        let metrics = try await QueueMetrics.read(from: queue.pool)
        #expect(metrics.count(QueueMetrics.settled) == 5)
        #expect(metrics.count(QueueMetrics.stale) == 1)
        #expect(metrics.claims == 6)
    }

    @Test func `folding while others settle loses nothing`() async throws {
        try await queue.fill("acme", jobs: 200)
        let queue = queue
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            for number in 0..<3 {
                tasks.addTask {
                    let worker = try await queue.register("\(number)")
                    while true {
                        let jobs = try await queue.claim(worker, 10)
                        if jobs.isEmpty { break }
                        for job in jobs { try await queue.settle(worker, job, .done(result: "done")) }
                    }
                }
                tasks.addTask {
                    for _ in 0..<50 {
                        _ = try await queue.count("select usher.fold_statistics(7)")
                    }
                }
            }
            try await tasks.waitForAll()
        }
        while try await queue.count("select usher.fold_statistics()") > 0 {}
        let attempts = try await queue.count("select count(*) from usher.attempt")
        #expect(try await queue.count("select sum(attempts)::bigint from usher.stat_total") == attempts)
        #expect(try await queue.count("select sum(attempts)::bigint from usher.stat_minute") == attempts)
        #expect(try await total("done") == 200)
    }

    @Test func `the depth is what is there, by tier and reason`() async throws {
        try await queue.fill("acme", jobs: 5)
        let worker = try await queue.register()
        let jobs = try await queue.claim(worker, 3)
        try await queue.settle(
            worker,
            jobs[0],
            .deferred(for: .seconds(60), reason: "dns", actor: .tenant, message: nil)
        )
        try await QueueDepth.refresh(in: queue.pool)
        let depth = try await queue.pool.session { db throws(PostgresError) in try QueueDepth.read(db) }
        #expect([depth.ready, depth.running, depth.deferred] == [2, 2, 1])
        #expect(depth.readyIsExact && depth.deferredIsExact)
        #expect(depth.reasons == ["dns": 1])
        #expect(depth.tiers["-"]?.ready == 2)
        #expect(depth.tiers["-"]?.running == 2)
    }

    @Test func `of a deep queue the depth is an estimate, and says so`() async throws {
        try await queue.fill("acme", jobs: 1)
        _ = try await queue.pool.session { db throws(PostgresError) in
            try db.executeScript(
                """
                insert into usher.ready (job_id, lane_id, priority) select n, 1, 0 from generate_series(1001, 6000) n;
                insert into usher.deferred (job_id, lane_id, priority, due_at, reason, actor)
                select n, 1, 0, now(), case when n % 4 = 0 then 'dns' else 'retry' end, 'us'
                from generate_series(7001, 27000) n;
                analyze usher.ready; analyze usher.deferred
                """
            )
        }
        #expect(try await queue.count("select usher.refresh_queue_depth(1000)::integer") == 1)
        let depth = try await queue.pool.session { db throws(PostgresError) in try QueueDepth.read(db) }
        #expect(!depth.readyIsExact && !depth.deferredIsExact)
        #expect((4000...6000).contains(depth.ready))
        #expect((18_000...22_000).contains(depth.deferred))
        #expect(depth.reasons.keys.sorted() == ["dns", "retry"])
        #expect((8_000...22_000).contains(depth.reasons["retry"] ?? 0))
    }

    @Test func `nobody looks twice within a second, and a dear look not for twenty times as long`() async throws {
        func refreshed() async throws -> Bool {
            try await queue.count("select usher.refresh_queue_depth()::integer") == 1
        }
        #expect(try await refreshed())
        #expect(try await refreshed() == false)
        for (age, took_ms, expected) in [("2 seconds", 10, true), ("2 seconds", 500, false), ("11 seconds", 500, true)]
        {
            _ = try await queue.pool.session { db throws(PostgresError) in
                try db.execute(
                    """
                    update usher.queue_depth
                    set taken_at = now() - \(age)::text::interval, took_ms = \(took_ms)::integer
                    """
                )
            }
            #expect(try await refreshed() == expected)
        }
    }

    @Test func `a worker's upkeep fires, works, folds and looks until it is told to stop`() async throws {
        try await queue.fill("acme", jobs: 2)
        let worker = try await queue.register()
        for job in try await queue.claim(worker, 1) { try await queue.settle(worker, job, .done(result: "done")) }
        let entry = ScheduleEntry(
            name: "retention",
            work: .retention,
            cron: try CronExpression("* * * * *"),
            timezone: "UTC",
            missed: .once,
            isEnabled: true
        )
        let store = ScheduleStore(pool: queue.pool, logger: .quiet)
        _ = try await store.apply([entry], reason: "test", dryRun: false)
        _ = try await queue.pool.session { db throws(PostgresError) in
            try db.execute("update usher.schedule set next_at = next_at - interval '5 minutes'")
        }
        let upkeep = Upkeep(pool: queue.pool, pause: .milliseconds(20), logger: .quiet)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await upkeep.run() }
            let isDone = try await eventually {
                let runs = try await queue.count("select count(*) from usher.schedule_run where state = 'done'")
                let depth = try await queue.count("select ready from usher.queue_depth")
                let folded = try await queue.count("select count(*) from usher.stat_total")
                return runs == 1 && depth == 1 && folded == 1
            }
            #expect(isDone)
            tasks.cancelAll()
            try await tasks.waitForAll()
        }
    }

    @Test func `jobs in two places or none are found among the newest`() async throws {
        try await queue.fill("acme", jobs: 4)
        #expect(try await queue.count("select usher.misplaced_among(100000)") == 0)
        _ = try await queue.pool.session { db throws(PostgresError) in
            try db.executeScript(
                """
                delete from usher.ready where job_id = 1;
                insert into usher.deferred (job_id, lane_id, priority, due_at, reason, actor)
                values (2, 1, 0, now(), 'x', 'us');
                insert into usher.ready (job_id, lane_id, priority) values (nextval('usher.job_id'), 1, 0)
                """
            )
        }
        #expect(try await queue.count("select usher.misplaced_among(100000)") == 3)
        #expect(try await queue.count("select usher.misplaced_among(1)") == 1)
    }
}
