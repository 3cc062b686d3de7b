import Foundation
import JobQueue
import Postgres
import TestSupport
import Testing

/// Filters by chance over jobs by chance: what the database selects is what a naive evaluator selects, never more.
@Suite(.database)
struct FilterPropertyTests {
    private let world = OperateWorld()
    private static let rounds = Int(ProcessInfo.processInfo.environment["USHER_FUZZ"] ?? "") ?? 150

    @Test func `the selection is exactly what the conditions say`() async throws {
        let jobs = try await makeJobs()
        var generator = FilterGenerator(random: SeededRandom())
        let seed = generator.random.seed
        var selected = 0
        for _ in 0..<Self.rounds {
            let text = generator.filter()
            let answer = try await selection(text)
            let understood = try #require(answer, "seed \(seed): \(text)")
            #expect(understood.jobs == naive(understood.conditions, jobs), "seed \(seed): \(text)")
            selected += understood.jobs.count
        }
        #expect(selected > 0, "seed \(seed)")
    }

    @Test func `a broken filter is refused, or selects what it says`() async throws {
        let jobs = try await makeJobs()
        var generator = FilterGenerator(random: SeededRandom())
        let seed = generator.random.seed
        for _ in 0..<Self.rounds {
            let text = generator.broken(generator.filter()).replacing("\u{0}", with: "\u{1}")
            guard let understood = try await selection(text) else { continue }
            #expect(understood.jobs == naive(understood.conditions, jobs), "seed \(seed): \(text)")
        }
    }

    private func naive(_ conditions: [ModelCondition], _ jobs: [ModelJob]) -> [Int64] {
        jobs.filter { job in conditions.allSatisfy { $0.holds(for: job) } }
            .compactMap { $0["job"].flatMap(Int64.init) }.sorted(by: >)
    }

    /// What the database makes of a filter; `nil` if it refuses it in the way it should.
    private func selection(_ text: String) async throws -> (conditions: [ModelCondition], jobs: [Int64])? {
        let answer: (JSONText, [Int64])
        do throws(PostgresError) {
            answer = try await world.pool.session { db throws(PostgresError) in
                try db.one(
                    """
                    select f, array(select usher.matching_jobs(f)) from (select usher.parse_filter(\(text)) as f) as p
                    """,
                    as: (JSONText, [Int64]).self
                )
            }
        } catch {
            #expect(error.sqlState?.rawValue == "UE050", "\(text): \(error)")
            return nil
        }
        return (try JSONDecoder().decode([ModelCondition].self, from: Data(answer.0.text.utf8)), answer.1)
    }

    /// Sixty jobs in every state, and what the evaluator is to know of them.
    private func makeJobs() async throws -> [ModelJob] {
        try await world.addTenants(3)
        try await world.execute(
            """
            insert into usher.batch (name, origin) values ('a', 'enqueue'), ('b', 'enqueue')
            """
        )
        try await world.pool.transaction { db throws(PostgresError) in
            try db.executeScript(Self.jobs)
        }
        return try await world.pool.session { db throws(PostgresError) in
            try db.query(
                """
                select jsonb_strip_nulls(jsonb_build_object('job', p.job_id::text, 'state', p.state,
                    'error_class', p.error_class, 'code', p.code, 'tenant', p.tenant, 'tier', t.tier, 'kind', p.kind,
                    'hostname', h.name, 'batch', p.batch_id::text, 'attempts', p.attempts::text,
                    'enqueued_at', to_char(p.enqueued_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
                    'ended_at', to_char(p.ended_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')))
                from usher.job_place p join usher.tenant t using (tenant)
                left join usher.hostname h on h.hostname_id = p.subject_id
                """,
                as: JSONText.self
            )
        }.map { try JSONDecoder().decode(ModelJob.self, from: Data($0.text.utf8)) }
    }

    private static let jobs = """
        insert into usher.tier (name, revision, weight, max_running) values ('pro', 1, 1, 100);
        insert into usher.policy (tier, revision, document, checksum, author, reason)
        values ('pro', 1, '{}', repeat('a', 64), 'test', 'test');
        select usher.set_tier('t3', 'pro', 'e2', 2);
        insert into usher.hostname (tenant, name, wish)
        select 't' || 1 + n % 3, 'h' || n || '.shop.com', '{}' from generate_series(1, 20) as n;
        insert into usher.worker (name, expires_at) values ('w', now() + interval '1 day');
        insert into usher.job (job_id, kind, lane_id, subject_id, batch_id, priority, enqueued_at)
        select n, case when n % 5 = 0 then 'other' else 'onboard' end,
               (select lane_id from usher.tenant where tenant = 't' || 1 + n % 3),
               case when n <= 20 then (select hostname_id from usher.hostname where name = 'h' || n || '.shop.com') end,
               (array[1, 2, null])[1 + n % 3], 0, timestamptz '2026-03-01T12:00:00Z' + n * interval '1 second'
        from generate_series(1, 60) as n;
        insert into usher.ready (job_id, lane_id, priority, attempts)
        select job_id, lane_id, 0, job_id % 4 from usher.job where job_id % 6 = 0;
        insert into usher.deferred (job_id, lane_id, priority, attempts, due_at, reason, actor)
        select job_id, lane_id, 0, job_id % 4, now() + interval '1 day',
               case when job_id % 4 = 1 then 'retry' else 'validation' end, 'us' from usher.job where job_id % 6 = 1;
        insert into usher.lease (job_id, attempt_id, worker_id, lane_id, priority, attempts, losses, deadline_at)
        select job_id, job_id, (select min(worker_id) from usher.worker), lane_id, 0, job_id % 4, 0,
               now() + interval '1 day'
        from usher.job where job_id % 6 = 2;
        insert into usher.ended (job_id, state, outcome, error_class, code, message, actor, attempts, ended_at)
        select job_id, (array['failed', 'done', 'cancelled'])[job_id % 6 - 2], 'x',
               case when job_id % 6 = 3 then (array['provider_down', 'rejected'])[1 + job_id % 2] end,
               case when job_id % 6 = 3 then (array['521', 'a b', 'it''s', null])[1 + job_id % 4] end,
               'no', 'us', job_id % 4, timestamptz '2026-03-01T13:00:00Z' + job_id * interval '1.5 second'
        from usher.job where job_id % 6 > 2;
        select setval('usher.job_id', 1000);
        """
}
