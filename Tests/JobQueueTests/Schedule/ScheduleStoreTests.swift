import JobQueue
import Logging
import Postgres
import TestSupport
import Testing

@Suite(.database)
struct ScheduleStoreTests {
    private let queue = QueueFixture()
    private var store: ScheduleStore { ScheduleStore(pool: queue.pool, author: "tester", logger: .quiet) }

    private func entry(
        _ name: String,
        _ work: RecurringWork = .sweep,
        cron: String = "0 3 * * *",
        missed: MissedRuns = .once
    ) throws -> ScheduleEntry {
        ScheduleEntry(
            name: name,
            work: work,
            cron: try CronExpression(cron),
            timezone: "Europe/Berlin",
            missed: missed,
            isEnabled: true
        )
    }

    private func apply(_ entries: [ScheduleEntry], dryRun: Bool = false) async throws -> [String: String] {
        let changes = try await store.apply(entries, reason: "test", dryRun: dryRun)
        return Dictionary(uniqueKeysWithValues: changes.map { ($0.name, $0.change) })
    }

    private func execute(_ statement: Statement) async throws {
        _ = try await queue.pool.session { db throws(PostgresError) in try db.execute(statement) }
    }

    /// The entry was due so long ago, and nobody was there.
    private func miss(_ name: String, since: String) async throws {
        try await execute(
            """
            update usher.schedule set next_at = date_trunc('minute', now() - \(since)::text::interval)
            where name = \(name)
            """
        )
    }

    private func tenantLane() async throws {
        try await execute(
            """
            with lane as (insert into usher.lane (name) values ('acme') returning lane_id),
                 tier as (insert into usher.tier (name, revision, weight, max_running) values ('free', 1, 1, 1)),
                 policy as (insert into usher.policy (tier, revision, document, checksum, author, reason)
                            values ('free', 1, '{}', repeat('a', 64), 'test', 'test'))
            insert into usher.tenant (tenant, tier, lane_id) select 'acme', 'free', lane_id from lane
            """
        )
    }

    private var report: RecurringWork {
        .enqueue(
            RecurringJob(
                kind: "report",
                tenant: "acme",
                priority: 3,
                payload: ["pages": .number(2), "full": .flag(true), "to": .text("a@b")]
            )
        )
    }

    @Test func `a file is made the schedule: added, changed, kept and removed`() async throws {
        #expect(try await apply([entry("a"), entry("b")], dryRun: true) == ["a": "added", "b": "added"])
        #expect(try await queue.count("select count(*) from usher.schedule") == 0)
        #expect(try await apply([entry("a"), entry("b")]) == ["a": "added", "b": "added"])
        try await miss("a", since: "1 hour")
        #expect(
            try await apply([entry("a"), entry("b", cron: "0 4 * * *"), entry("c")])
                == ["a": "unchanged", "b": "changed", "c": "added"]
        )
        // What stays as it was keeps its next time, also one that is over.
        #expect(try await queue.count("select count(*) from usher.schedule where next_at < now()") == 1)
        #expect(try await apply([entry("c")]) == ["a": "removed", "b": "removed", "c": "unchanged"])
        #expect(
            try await queue.count(
                "select count(*) from usher.audit where action = 'apply_schedule' and actor = 'tester'"
            ) == 3
        )
    }

    @Test func `however many look, each time fires once`() async throws {
        try await tenantLane()
        _ = try await apply([entry("often", report, cron: "* * * * *", missed: .all(atMost: 20))])
        for round in 1...3 {
            try await miss("often", since: "\(20 * (4 - round)) minutes")
            try await execute("delete from usher.schedule_run")
            let pools = (0..<6).map { _ in PostgresPool(TestDatabase.current.settings, size: 1, logger: .quiet) }
            defer { for pool in pools { pool.close() } }
            let fired = try await withThrowingTaskGroup(of: Int.self) { tasks in
                for pool in pools {
                    tasks.addTask {
                        let store = ScheduleStore(pool: pool, logger: .quiet)
                        var fired = 0
                        for _ in 0..<5 { fired += try await store.fireDue() }
                        while try await store.perform() {}
                        return fired
                    }
                }
                return try await tasks.reduce(0, +)
            }
            #expect(fired == 20)
            #expect(try await queue.count("select count(*) from usher.schedule_run where state = 'done'") == 20)
            #expect(try await queue.count("select count(*) from usher.job where kind = 'report'") == 20 * round)
        }
        #expect(
            try await queue.count(
                "select count(*) from usher.job where payload = '{\"pages\": 2, \"full\": true, \"to\": \"a@b\"}'"
            )
                == 60
        )
        #expect(try await queue.count("select count(*) from usher.ready where priority = 3") == 60)
    }

    @Test func `a worker that dies within the work leaves nothing of it, and another does it`() async throws {
        try await tenantLane()
        _ = try await apply([entry("report", report)])
        try await miss("report", since: "10 seconds")
        #expect(try await store.fireDue() == 1)
        let dying = try await TestDatabase.current.connect()
        let other = queue
        try? await dying.transaction { db throws(PostgresError) in
            let did = try db.one("select usher.perform_scheduled() is not null", as: Bool.self)
            #expect(did)
            // Its connection is cut before it has committed.
            _ = try db.execute("select pg_terminate_backend(pg_backend_pid())")
        }
        await dying.close()
        #expect(try await other.count("select count(*) from usher.job") == 0)
        #expect(try await store.perform())
        #expect(try await other.count("select count(*) from usher.job") == 1)
        #expect(try await store.perform() == false)
    }

    @Test func `while one does a run, nobody else does it too`() async throws {
        try await tenantLane()
        _ = try await apply([entry("report", report)])
        _ = try await store.run("report", reason: "test")
        try await HeldTransaction.during("select usher.perform_scheduled()") {
            let didWork = try await store.perform()
            #expect(!didWork)
        }
        #expect(try await store.perform() == false)
        #expect(try await queue.count("select count(*) from usher.job") == 1)
    }

    @Test func `what fails is tried five times, and told`() async throws {
        _ = try await apply([entry("report", report)])
        let run = try await store.run("report", reason: "test")
        for _ in 1...5 {
            #expect(try await store.perform(run: run))
            // Not again before its time.
            #expect(try await store.perform(run: run) == false)
            try await execute("update usher.schedule_run set again_at = now()")
        }
        #expect(try await store.perform() == false)
        let outcome = try await store.outcome(of: run)
        #expect(outcome.state == "failed")
        #expect(outcome.message == "unknown tenant")
    }

    @Test func `hostnames whose evidence is old are looked at again, once`() async throws {
        _ = try await queue.pool.session { db throws(PostgresError) in
            try db.executeScript(
                """
                insert into usher.tier (name, revision, weight, max_running) values ('free', 1, 1, 9);
                insert into usher.policy (tier, revision, document, checksum, author, reason)
                values ('free', 1, '{}', repeat('a', 64), 'test', 'test');
                select usher.set_tier('acme', 'free', 'e1', 1);
                select usher.enqueue_onboarding('acme', n || '.acme-usher.com') from generate_series(1, 4) n;
                insert into usher.ended (job_id, state, outcome, attempts)
                select job_id, 'done', 'enforced', 1 from usher.ready;
                delete from usher.ready;
                delete from usher.live;
                update usher.hostname set standing = case hostname_id when 4 then 'failed' else 'enforced' end,
                                          provider_id = name;
                insert into usher.evidence (hostname_id, hostname, tenant, policy, generation, seen_at, wanted, seen,
                                            mismatches, result)
                select hostname_id, name, 'acme', 'free@1', 1,
                       now() - case hostname_id when 3 then 6 else 8 end * interval '1 day', '[]', '[]', '[]', 'proved'
                from usher.hostname
                """
            )
        }
        _ = try await apply([entry("evidence", .evidence(olderThanDays: 7))])
        for _ in 1...2 {
            let run = try await store.run("evidence", reason: "test")
            #expect(try await store.perform(run: run))
            #expect(try await store.outcome(of: run).state == "done")
            #expect(try await queue.count("select count(*) from usher.live") == 2)
            #expect(try await queue.count("select sum(subject_id)::bigint from usher.live") == 3)
        }
        #expect(try await queue.count("select count(*) from usher.hostname where standing = 'enforced'") == 3)
    }

    @Test func `a sweep has the zone read next`() async throws {
        try await execute("insert into usher.zone (zone_id) values ('z')")
        _ = try await apply([entry("sweep")])
        let run = try await store.run("sweep", reason: "test")
        #expect(try await store.perform(run: run))
        #expect(try await queue.count("select count(*) from usher.zone where hinted_at is not null") == 1)
    }

    @Test func `a paused entry does not fire, and one that goes on runs what it missed by its rule`() async throws {
        _ = try await apply([entry("a", cron: "* * * * *", missed: .skip)])
        try await store.pause("a", reason: "test")
        try await miss("a", since: "1 hour")
        #expect(try await store.fireDue() == 0)
        #expect(try await apply([entry("a", cron: "* * * * *", missed: .skip)]) == ["a": "unchanged"])
        try await store.resume("a", reason: "test")
        #expect(try await store.fireDue() == 1)
        #expect(try await queue.count("select count(*) from usher.schedule_run where state = 'skipped'") == 1)
        #expect(try await queue.count("select count(*) from usher.schedule where next_at > now()") == 1)
    }

    @Test func `a stale look fires nothing: another next time, revision, or the future`() async throws {
        _ = try await apply([entry("a")])
        let fire = { (revision: Int, expected: Statement) async throws -> Int in
            try await queue.count(
                """
                select usher.fire_schedule('a', \(revision)::integer, \(expected), array[\(expected)], null,
                                           now() + interval '1 day')
                """
            )
        }
        let next: Statement = "(select next_at from usher.schedule)"
        #expect(try await fire(1, next) == 0)
        try await miss("a", since: "1 minute")
        #expect(try await fire(2, next) == 0)
        #expect(try await fire(1, "now() - interval '1 hour'") == 0)
        #expect(try await fire(1, next) == 1)
        #expect(try await queue.count("select count(*) from usher.schedule_run") == 1)
    }

    @Test func `an entry nobody knows is an error with a code`() async throws {
        let error = try await #require(throws: PostgresError.self) { try await store.pause("nobody", reason: "test") }
        #expect(error.sqlState?.rawValue == "UE060")
        #expect(try await queue.count("select count(*) from usher.audit") == 0)
    }
}
