import JobQueue
import Postgres
import TestSupport
import Testing

/// Limits of running jobs, measured from the history: at no instant are more leases open than allowed.
@Suite(.database)
struct LimitTests {
    private let queue = QueueFixture()

    /// The most leases that were open at once in each group of the history, by when they began and ended.
    private func most(by group: Statement) async throws -> Int {
        try await queue.count(
            """
            with step as (
                select \(group) as place, started_at as moment, 1 as change
                from usher.attempt join usher.job using (job_id) join usher.lane using (lane_id)
                union all
                select \(group), ended_at, -1
                from usher.attempt join usher.job using (job_id) join usher.lane using (lane_id)
            )
            select max(running) from (
                select sum(change) over (partition by place order by moment, change rows unbounded preceding) as running
                from step) s
            """
        )
    }

    private func drain(with workers: Int) async throws {
        try await withThrowingTaskGroup { tasks in
            for number in 0..<workers {
                tasks.addTask {
                    let worker = try await queue.register("w\(number)")
                    while try await queue.count("select count(*) from usher.ready") > 0 {
                        let jobs = try await queue.claim(worker, 16)
                        for job in jobs { try await queue.settle(worker, job, .done(result: "ok")) }
                    }
                }
            }
            try await tasks.waitForAll()
        }
    }

    @Test(.timeLimit(.minutes(10)))
    func `eight workers never run more than a tenant, a tier and all may`() async throws {
        for number in 1...12 { try await queue.fill("t\(number)", jobs: 12, running: 2) }
        try await queue.run("update usher.lane set tier = case when lane_id % 2 = 0 then 'gold' else 'free' end")
        try await queue.run("insert into usher.running_limit values ('tier', 'free', 3), ('all', '', 7)")
        try await drain(with: 8)
        #expect(try await queue.count("select count(*) from usher.ended where state = 'done'") == 144)
        #expect(try await most(by: "lane.name") <= 2)
        #expect(try await most(by: "coalesce(nullif(lane.tier, 'gold'), lane.name)") <= 3)
        #expect(try await most(by: "'all'") <= 7)
        #expect(try await queue.count("select value from usher.queue_counter where name = 'lost_wake_ups'") == 0)
    }

    @Test func `where less is allowed than runs, no slot is kept for a person beyond it`() async throws {
        try await queue.fill("acme", jobs: 6)
        let worker = try await queue.register()
        #expect(try await queue.claim(worker, 6).count == 6)
        try await queue.fill("beta", jobs: 4, priority: 9)
        try await queue.run("insert into usher.running_limit values ('all', '', 2)")
        let urgent = try await queue.store.exchange(worker: worker, settling: [], claiming: 1, reserved: 3)
        #expect(urgent.claimed.isEmpty)
    }

    @Test func `a tenant at its limit keeps nobody else's urgent work out of the reserve`() async throws {
        try await queue.fill("acme", jobs: 205, running: 1, priority: 9)
        let worker = try await queue.register()
        #expect(try await queue.claim(worker, 4).count == 1)
        try await queue.fill("beta", jobs: 1, priority: 9)
        let urgent = try await queue.store.exchange(worker: worker, settling: [], claiming: 0, reserved: 2)
        #expect(urgent.claimed.map(\.lane) == ["beta"])
    }

    @Test func `a tenant that moves to a tier with room goes on at once`() async throws {
        try await queue.run(
            """
            with named as (
                insert into usher.tier (name, revision, weight, max_running)
                select name, 1, 1, 9 from unnest(array['free', 'gold']) as t (name) returning name
            )
            insert into usher.policy (tier, revision, document, checksum, author, reason)
            select name, 1, '{}', repeat('0', 64), 'test', 'test' from named
            """
        )
        try await queue.fill("acme", jobs: 3)
        try await queue.run(
            "insert into usher.tenant (tenant, tier, lane_id) select 'acme', 'free', lane_id from usher.lane"
        )
        try await queue.run("insert into usher.running_limit values ('tier', 'free', 1)")
        let worker = try await queue.register()
        #expect(try await queue.claim(worker, 9).count == 1)
        #expect(try await queue.claim(worker, 9).isEmpty)
        try await queue.run("update usher.tenant set tier = 'gold'")
        #expect(try await queue.claim(worker, 9).count == 2)
        #expect(try await queue.count("select coalesce(max(value), 0) from usher.queue_counter") == 0)
    }

    @Test func `a lane at its limit goes on when a slot comes free, one whose limit is raised at once`() async throws {
        try await queue.fill("acme", jobs: 5, running: 2)
        let worker = try await queue.register()
        let first = try await queue.claim(worker, 10)
        #expect(first.count == 2)
        #expect(try await queue.claim(worker, 10).isEmpty)
        try await queue.settle(worker, first[0], .done(result: "ok"))
        #expect(try await queue.claim(worker, 10).count == 1)
        try await queue.run("update usher.lane set max_running = 4")
        try await queue.run("insert into usher.lane_wake (lane_id) values (1)")
        #expect(try await queue.claim(worker, 10).count == 2)
    }

    @Test func `a tier at its limit holds none of the other tiers up, and goes on when it has room`() async throws {
        for name in ["a", "b", "c"] { try await queue.fill(name, jobs: 4) }
        try await queue.run("update usher.lane set tier = 'free' where name <> 'c'")
        try await queue.run("insert into usher.running_limit values ('tier', 'free', 3)")
        let worker = try await queue.register()
        let first = try await queue.claim(worker, 100)
        #expect(first.filter { $0.lane == "c" }.count == 4)
        #expect(first.count == 7)
        #expect(try await queue.claim(worker, 100).isEmpty)
        let free = try #require(first.first { $0.lane != "c" })
        try await queue.settle(worker, free, .done(result: "ok"))
        #expect(try await queue.claim(worker, 100).count == 1)
        try await queue.run("delete from usher.running_limit")
        #expect(try await queue.claim(worker, 100).count == 4)
    }

    @Test func `a person's job goes before its tenant's others and finds a slot when only reserved ones are left`()
        async throws
    {
        try await queue.fill("big", jobs: 20)
        try await queue.fill("acme", jobs: 3)
        try await queue.fill("acme", jobs: 1, priority: 8, from: 500)
        let worker = try await queue.register()
        let only = try await queue.store.exchange(worker: worker, settling: [], claiming: 0, reserved: 2).claimed
        #expect(only.map(\.subjectID) == [2500])
        #expect(try await queue.store.exchange(worker: worker, settling: [], claiming: 0, reserved: 2).claimed.isEmpty)
    }
}
