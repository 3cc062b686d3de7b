import Foundation
import JobQueue
import Postgres
import TestSupport
import Testing

@Suite(.database)
struct ReplayOrderTests {
    private let world = OperateWorld()
    private let outage = JobQuery("state = dead AND error_class = provider_down AND failed_at > -6h")

    private func start(
        _ query: JobQuery? = nil,
        _ plan: ReplayPlan = ReplayPlan()
    ) async throws(PostgresError) -> StartedReplay {
        try await world.orders.startReplay(query ?? outage, reason: "the provider is well again", plan)
    }

    private func code(_ order: () async throws(PostgresError) -> some Any) async -> String? {
        do throws(PostgresError) {
            _ = try await order()
            return nil
        } catch {
            return error.sqlState?.rawValue
        }
    }

    @Test func `what the preview counts is what is frozen, whatever ends meanwhile`() async throws {
        try await world.makeDead(60)
        try await world.makeDead(5, errorClass: "rejected")
        let preview = try await world.orders.previewReplay(outage)
        #expect(preview.replayed == 60)
        #expect(preview.errors == ["provider_down": 60])
        #expect(preview.tenants == 10)
        let replay = try await start(nil, ReplayPlan(expected: preview.replayed))
        #expect(replay.replayed == 60)
        // These die after the order: they are none of it.
        try await world.makeDead(7, errorClass: "late_down")
        try await world.execute("update usher.ended set error_class = 'provider_down' where error_class = 'late_down'")
        let status = try await world.carryOn(replay.replayID, until: ["done"])
        #expect(status.state == "done")
        #expect(status.queued == 60)
        #expect(status.items == ["done": 60])
        #expect(try await world.orders.previewReplay(outage).replayed == 7)
    }

    @Test func `another number than expected does nothing`() async throws {
        try await world.makeDead(3)
        #expect(await code { () throws(PostgresError) in try await start(nil, ReplayPlan(expected: 4)) } == "UE053")
        #expect(try await world.count("select count(*) from usher.replay_order") == 0)
        #expect(try await world.count("select count(*) from usher.ready") == 0)
    }

    @Test func `a canary goes first and alone, then ever more while it goes well`() async throws {
        try await world.makeDead(300)
        let stepper = ReplayStepper(pool: world.pool, logger: .quiet)
        let replay = try await start(nil, ReplayPlan(canary: 10))
        #expect(try await world.count("select count(*) from usher.ready") == 10)
        #expect(try await stepper.step()?.queued == 0, "no more before the canary is answered")
        #expect(try await world.endReady() == 10)
        let step = try await stepper.step()
        #expect(step?.state == "rate")
        #expect(step?.queued == 25)
        _ = try await world.endReady()
        #expect(try await stepper.step()?.queued == 35, "as many as were answered before")
        #expect(try await stepper.step()?.queued == 0, "no more under way than that")
        #expect(try await world.carryOn(replay.replayID, until: ["done"]).answered == 300)
        #expect(try await stepper.step() == nil)
    }

    @Test func `in no minute more than the rate, and not all of it at once`() async throws {
        try await world.makeDead(200)
        let stepper = ReplayStepper(pool: world.pool, logger: .quiet)
        _ = try await start(nil, ReplayPlan(canary: 0, perMinute: 60))
        #expect(try await world.count("select count(*) from usher.ready") == 10)
        var queued = 10
        for _ in 0..<12 {
            _ = try await world.endReady()
            // Ten seconds pass for the replay's own clock, not for the minute it looks back on.
            try await world.execute("update usher.replay_order set queued_at = queued_at - interval '10 seconds'")
            queued += try await stepper.step()?.queued ?? 0
        }
        #expect(queued == 60)
        try await world.execute("update usher.replay_item set queued_at = queued_at - interval '1 minute'")
        #expect(try await stepper.step()?.queued == 10)
    }

    @Test func `too many failures in the canary halt it`() async throws {
        try await world.makeDead(100)
        let replay = try await start()
        let status = try await world.carryOn(replay.replayID, until: ["halted", "done"], oneFailsOf: 10)
        #expect(status.state == "halted")
        #expect(status.stateReason == "2 of 25 answered jobs failed, above 5 %")
        #expect(status.left == 75)
        #expect(try await world.count("select count(*) from usher.ready") == 0)
    }

    @Test func `one failure of twenty-five is within five per cent, two of forty later are too, three are not`()
        async throws
    {
        try await world.makeDead(200)
        let replay = try await start()
        let status = try await world.carryOn(replay.replayID, until: ["rate"], oneFailsOf: 25)
        #expect(status.failed == 1)
        let halted = try await world.carryOn(replay.replayID, until: ["halted", "done"], oneFailsOf: 5)
        #expect(halted.state == "halted")
        #expect(halted.answered < 200)
        #expect(Double(halted.failed) > 0.05 * Double(halted.answered))
    }

    @Test func `halted, it goes on from where it stood, with a canary and a measure of its own`() async throws {
        try await world.makeDead(120)
        let replay = try await start()
        _ = try await world.carryOn(replay.replayID, until: ["halted"], oneFailsOf: 5)
        #expect(try await world.orders.resumeReplay(replay.replayID, reason: "the fault is mended") == "canary")
        #expect(try await world.count("select count(*) from usher.ready") == 25)
        let status = try await world.carryOn(replay.replayID, until: ["done", "halted"])
        #expect(status.state == "done")
        #expect(status.queued == 120)
        #expect(status.failed == 5)
        // Those that failed again are jobs of their own, which a new replay may take.
        #expect(try await world.orders.previewReplay(JobQuery("error_class = rejected")).replayed == 5)
    }

    @Test func `a job that waits for its tenant is answered, one that is tried again is not`() async throws {
        try await world.makeDead(2)
        let replay = try await start()
        try await world.execute(
            """
            with gone as (delete from usher.ready returning *)
            insert into usher.deferred (job_id, lane_id, priority, attempts, due_at, reason, actor)
            select job_id, lane_id, priority, 1, now() + interval '1 hour',
                   case when job_id % 2 = 0 then 'retry' else 'validation' end,
                   case when job_id % 2 = 0 then 'provider' else 'tenant' end from gone
            """
        )
        _ = try await ReplayStepper(pool: world.pool, logger: .quiet).step()
        let status = try await ReplayStatus.read(replay.replayID, from: world.pool)
        #expect(status.items == ["waiting": 1, "queued": 1])
        #expect(status.state == "canary")
    }

    @Test func `run twice, the second time does nothing more`() async throws {
        try await world.makeDead(40)
        let first = try await start()
        let second = try await start()
        #expect(second.replayed == 0)
        #expect(second.state == "done")
        #expect(second.superseded == 15, "the others are the first one's; those queued are no longer there")
        _ = try await world.carryOn(first.replayID, until: ["done"])
        #expect(try await start().replayed == 0)
        #expect(try await world.count("select count(*) from usher.job where replay_of is not null") == 40)
    }

    @Test func `a hostname with newer work is left alone, with the cause, also when that comes later`() async throws {
        try await world.makeDead(60, tenants: 1)
        try await world.execute("select usher.enqueue_onboarding('t1', 'h1-provider-down.shop.com')")
        try await world.execute(
            """
            update usher.hostname set released_at = now(), standing = 'released'
            where name = 'h2-provider-down.shop.com'
            """
        )
        let preview = try await world.orders.previewReplay(outage)
        #expect(preview.replayed == 58)
        #expect(preview.causes == ["live_job": 1, "released": 1])
        let replay = try await start()
        #expect(replay.superseded == 2)
        // Asked for anew after the order, before its turn.
        try await world.execute("select usher.enqueue_onboarding('t1', 'h60-provider-down.shop.com')")
        let status = try await world.carryOn(replay.replayID, until: ["done"])
        #expect(status.queued == 57)
        #expect(status.skipped == 1)
        #expect(status.causes == ["live_job": 1, "released": 1, "newer_job": 1])
        let total = try await world.count("select total from usher.batch where batch_id = \(replay.batchID)")
        #expect(total == 57, "the batch can end")
    }

    @Test func `of several dead jobs of a hostname the newest is taken`() async throws {
        try await world.makeDead(1)
        try await world.execute(
            """
            with again as (
                insert into usher.job (kind, lane_id, subject_id, priority)
                select kind, lane_id, subject_id, 0 from usher.job returning job_id
            )
            insert into usher.ended (job_id, state, outcome, error_class, message, actor, attempts)
            select job_id, 'failed', 'failed', 'provider_down', 'no', 'provider', 1 from again
            """
        )
        let preview = try await world.orders.previewReplay(outage)
        #expect(preview.replayed == 1)
        #expect(preview.causes == ["newer_job": 1])
    }

    @Test func `a replayed job stands behind new work of its lane, and keeps kind, payload and history`() async throws {
        try await world.makeDead(2, tenants: 1)
        try await world.execute("update usher.job set payload = '{\"a\": 1}', kind = 'other' where job_id = 1")
        try await world.execute("update usher.job set payload = '{\"b\": 2}', subject_id = null where job_id = 2")
        _ = try await start()
        try await world.execute("select usher.enqueue_onboarding('t1', 'new.shop.com')")
        let order = try await world.pool.session { db throws(PostgresError) in
            try db.query(
                """
                select coalesce(j.replay_of, 0), j.kind, j.payload from usher.ready r join usher.job j using (job_id)
                order by r.priority desc, r.job_id
                """,
                as: (Int64, String, JSONText).self
            )
        }
        #expect(order.map(\.0) == [0, 1, 2])
        #expect(order.map(\.1) == ["onboard", "other", "onboard"])
        #expect(order.map(\.2.text) == ["{}", "{\"a\": 1}", "{\"b\": 2}"])
        #expect(try await world.count("select count(*) from usher.ended where replayed_by is not null") == 2)
    }

    @Test func `halt, resume and cancel are obeyed where they make sense, and kept with who and why`() async throws {
        try await world.makeDead(40)
        let replay = try await start().replayID
        #expect(try await world.orders.haltReplay(replay, reason: "a look first") == "halted")
        #expect(
            await code { () throws(PostgresError) in try await world.orders.haltReplay(replay, reason: "x") } == "UE052"
        )
        #expect(
            await code { () throws(PostgresError) in try await world.orders.resumeReplay(99, reason: "x") } == "UE051"
        )
        #expect(
            await code { () throws(PostgresError) in try await world.orders.cancelReplay(replay, reason: "") }
                == "22023"
        )
        #expect(try await world.orders.cancelReplay(replay, reason: "never mind") == "cancelled")
        let status = try await ReplayStatus.read(replay, from: world.pool)
        #expect(status.items == ["queued": 25, "left": 15])
        #expect(try await world.orders.previewReplay(outage).replayed == 15, "free for another order")
        let audit = try await AuditEntry.newest(9, from: world.pool)
        #expect(audit.map(\.action) == ["replay_cancel", "replay_halt", "replay_start"])
        #expect(audit.map(\.reason) == ["never mind", "a look first", "the provider is well again"])
        #expect(audit.allSatisfy { $0.actor == "tester" })
    }

    @Test func `the first form of a replay takes all at once`() async throws {
        try await world.makeDead(80)
        let replay = Replay(pool: world.pool)
        #expect(try await replay.run(ReplayFilter(errorClass: "provider_down"), reason: "well again").replayed == 80)
        #expect(try await world.count("select count(*) from usher.ready") == 80)
        #expect(try await replay.run(ReplayFilter(), reason: "well again").replayed == 0)
    }
}
