import JobQueue
import Postgres
import TestSupport
import Testing

@Suite(.database)
struct RetentionTests {
    private let queue = QueueFixture()
    private var retention: Retention { Retention(pool: queue.pool) }

    private func execute(_ script: String) async throws {
        _ = try await queue.pool.session { db throws(PostgresError) in try db.executeScript(script) }
    }

    private func count(_ table: String) async throws -> Int {
        try await queue.count(Statement(verbatim: "select count(*) from usher.\(table)"))
    }

    /// A full partition of old jobs, and the counters beyond it: a thousand that ended well, ten that failed, two that
    /// are not done; each that ended had one attempt.
    private func fillOldPartition(ago: String = "200 days") async throws {
        try await execute(
            """
            insert into usher.lane (name) values ('acme');
            insert into usher.job (job_id, kind, lane_id, priority, enqueued_at)
            select n, 'test', 1, 0, now() - interval '\(ago)' from generate_series(1, 1012) n;
            insert into usher.ended (job_id, state, outcome, error_class, message, actor, attempts, ended_at)
            select n, case when n > 1000 then 'failed' else 'done' end, 'x', 'transient', 'no', 'us', 1,
                   now() - interval '\(ago)'
            from generate_series(1, 1010) n;
            insert into usher.ready (job_id, lane_id, priority) values (1011, 1, 0), (1012, 1, 0);
            select setval('usher.job_id', 4000001), setval('usher.attempt_id', 4000001);
            select usher.ensure_partitions();
            """
        )
        let log = try await queue.pool.session { db throws(PostgresError) in
            try db.one(
                "select coalesce(to_regclass('usher.attempt_log'), 'usher.attempt'::regclass)::text",
                as: String.self
            )
        }
        try await execute(
            """
            insert into \(log) (attempt_id, job_id, number, worker_id, started_at, ended_at, outcome)
            select n, n, 1, 1, now() - interval '\(ago)', now() - interval '\(ago)', 'retry'
            from generate_series(1, 1010) n
            """
        )
    }

    private func told(_ steps: [Retention.Step]) -> [String] {
        steps.map { step in
            "\(step.part.replacing("attempt_log", with: "attempt")) \(step.action) \(step.rows)"
        }
    }

    @Test func `an old partition leaves; what must stay is moved, and can be found as before`() async throws {
        try await fillOldPartition()
        #expect(
            try await told(retention.preview())
                == ["job_0 moved 12", "job_0 dropped 1000", "attempt_0 moved 1010", "attempt_0 dropped 0"]
        )
        #expect(try await count("job") == 1012)
        let steps = try await retention.apply()
        #expect(
            told(steps) == ["job_0 moved 12", "job_0 dropped 1000", "attempt_0 moved 10", "attempt_0 dropped 1000"]
        )
        #expect(steps.first?.reason == "failed and not replayed, not ended")
        #expect(try await [count("job"), count("ended"), count("attempt")] == [12, 10, 10])
        #expect(try await queue.count("select count(*) from usher.misplaced") == 0)
        #expect(try await queue.count("select count(*) from usher.partition_range where first_id = 0") == 0)
        #expect(try await queue.count("select usher.has_stray_rows()::integer") == 0)
        #expect(try await told(retention.log(limit: 9)) == told(steps.reversed()))
        #expect(try await retention.apply().isEmpty)
    }

    @Test func `jobs that were kept leave when nothing keeps them any more`() async throws {
        try await fillOldPartition()
        _ = try await retention.apply()
        try await execute("update usher.ended set replayed_by = 4000000 where job_id <= 1004")
        #expect(try await told(retention.apply()) == ["job_default deleted 4"])
        try await retention.keep("job_failed_open", days: 100, author: "tester", reason: "test")
        #expect(try await told(retention.apply()) == ["job_default deleted 6"])
        #expect(try await [count("job"), count("ended"), count("attempt")] == [2, 0, 0])
        #expect(try await queue.count("select count(*) from usher.audit where action = 'set_retention'") == 1)
    }

    @Test func `a partition waits if much of it must stay`() async throws {
        try await fillOldPartition()
        try await execute(
            """
            insert into usher.job (job_id, kind, lane_id, priority, enqueued_at)
            select n, 'test', 1, 0, now() - interval '200 days' from generate_series(2001, 12001) n;
            insert into usher.deferred (job_id, lane_id, priority, due_at, reason, actor)
            select n, 1, 0, now(), 'x', 'tenant' from generate_series(2001, 12001) n
            """
        )
        let steps = try await retention.apply()
        #expect(told(steps).first == "job_0 waits 10001")
        #expect(try await count("job") == 11_013)
        let health = try await UpkeepHealth.read(from: queue.pool)
        #expect(health.waiting.first == "job_0: at least so many stay: failed and not replayed, not ended")
    }

    @Test func `a partition with anything younger than its rule stays, and so does the one in use`() async throws {
        try await fillOldPartition(ago: "20 days")
        #expect(try await retention.apply().isEmpty)
        try await execute("update usher.retention_policy set keep = '10 days' where subject = 'job_done'")
        #expect(try await told(retention.preview()).first == "job_0 moved 12")
        try await execute("select setval('usher.job_id', 100), setval('usher.attempt_id', 100)")
        #expect(try await retention.apply().isEmpty)
    }

    @Test func `a busy queue is not held up: the partition is tried again`() async throws {
        try await fillOldPartition()
        try await HeldTransaction.during("select from usher.job limit 1") {
            let start = ContinuousClock.now
            let steps = try await retention.apply()
            #expect(ContinuousClock.now - start < .seconds(20))
            #expect(told(steps).first == "job_0 waits 1000")
            #expect(steps.first?.reason == "the queue is busy; tried again")
            #expect(try await count("job") == 1012)
        }
        #expect(try await told(retention.apply()).first == "job_0 moved 12")
    }

    @Test func `other rows leave by age; those with a younger need stay`() async throws {
        try await execute(
            """
            insert into usher.worker (name, started_at, expires_at, ended_at, ending)
            select 'old', now() - interval '50 days', now() - interval '40 days', now() - interval '40 days', 'lost'
            from generate_series(1, 3);
            insert into usher.worker (name, expires_at) values ('alive', now() + interval '1 hour');
            insert into usher.stale_settlement
            values (1, 1, 1, 'done', now() - interval '40 days'), (2, 2, 1, 'done', now());
            insert into usher.idempotency values ('acme', 'k', 'h', '{}', now() - interval '31 days');
            insert into usher.stat_minute values (now() - interval '91 days', 'test', 'done', '', 1, 0, 0);
            insert into usher.lease (job_id, attempt_id, worker_id, lane_id, priority, attempts, losses, deadline_at)
            values (1, 1, 1, 1, 0, 0, 0, now() + interval '1 hour')
            """
        )
        #expect(
            try await told(retention.apply())
                == ["idempotency deleted 1", "stale_settlement deleted 1", "stat_minute deleted 1", "worker deleted 2"]
        )
        #expect(try await count("worker") == 2)
    }

    @Test func `evidence is history until its time is over, and the newest stays`() async throws {
        try await execute(
            """
            insert into usher.tier (name, revision, weight, max_running) values ('free', 1, 1, 1);
            insert into usher.policy (tier, revision, document, checksum, author, reason)
            values ('free', 1, '{}', repeat('a', 64), 'test', 'test');
            select usher.set_tier('acme', 'free', 'e1', 1);
            select usher.enqueue_onboarding('acme', 'shop.acme-usher.com');
            insert into usher.evidence (hostname_id, hostname, tenant, policy, generation, seen_at, wanted, seen,
                                        mismatches, result)
            select 1, 'shop.acme-usher.com', 'acme', 'free@1', 1, now() - days * interval '1 day', '[]', '[]',
                   case result when 'proved' then '[]' else '[{}]' end::jsonb, result
            from (values (2000, 'proved'), (1900, 'proved'), (1000, 'unreachable'), (900, 'unreachable'),
                         (10, 'unreachable')) t (days, result)
            """
        )
        for order in [
            "delete from usher.evidence where seen_at > now() - interval '700 days'",
            "update usher.evidence set tenant = 'x'",
        ] {
            let refused = await #expect(throws: PostgresError.self) { try await execute(order) }
            #expect(refused?.sqlState?.rawValue == "42501")
        }
        try await execute("update usher.retention_policy set keep = '950 days' where subject = 'evidence'")
        #expect(try await told(retention.apply()) == ["evidence deleted 2"])
        #expect(try await queue.count("select count(*) from usher.evidence where result = 'proved'") == 1)
    }

    @Test func `two at once: one works, the other goes on`() async throws {
        try await fillOldPartition()
        try await HeldTransaction.during("select usher.apply_retention()") {
            let steps = try await retention.apply()
            #expect(steps.isEmpty)
        }
        // One drop a transaction: the queue stands still no longer than that takes.
        #expect(try await [count("job"), count("attempt")] == [12, 1010])
    }
}
