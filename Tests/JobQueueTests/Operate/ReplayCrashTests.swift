import Foundation
import JobQueue
import Postgres
import TestSupport
import Testing

/// A replay of many dead jobs whose steppers are killed again and again.
///
/// `USHER_REPLAY=10000 swift test --filter ReplayCrashTests` for the size of a real outage.
@Suite(.database)
struct ReplayCrashTests {
    private let world = OperateWorld()
    private static let size = Int(ProcessInfo.processInfo.environment["USHER_REPLAY"] ?? "") ?? 1000

    @Test func `interrupted at every turn and run twice, each job is replayed once`() async throws {
        try await world.makeDead(Self.size, tenants: 50)
        let query = JobQuery("state = dead AND failed_at > -6h")
        let preview = try await world.orders.previewReplay(query)
        #expect(preview.replayed == Self.size)
        let plan = ReplayPlan(expected: Self.size)
        let replay = try await world.orders.startReplay(query, reason: "outage over", plan)
        var kills = 0
        var status = try await ReplayStatus.read(replay.replayID, from: world.pool)
        while status.state != "done" && kills < 500 {
            try await killInStep()
            kills += 1
            #expect(try await isSound(replay), "after kill \(kills)")
            // Two at once, as two workers would: one of them finds nothing to take.
            async let first = ReplayStepper(pool: world.pool, logger: .quiet).step()
            async let second = ReplayStepper(pool: world.pool, logger: .quiet).step()
            _ = try await (first, second)
            try await world.endReady(oneFailsOf: 50)
            status = try await ReplayStatus.read(replay.replayID, from: world.pool)
        }
        #expect(status.state == "done")
        #expect(status.queued == Self.size)
        #expect(status.answered == Self.size)
        #expect(try await world.orders.startReplay(query, reason: "again", ReplayPlan()).replayed == status.failed)
        #expect(kills >= 4)
    }

    /// A worker that dies in the middle of a step: its work is done, and never committed.
    private func killInStep() async throws {
        let victim = try await TestDatabase.current.connect()
        await #expect(throws: PostgresError.self) {
            try await victim.transaction { db throws(PostgresError) in
                _ = try db.execute("select usher.replay_step()")
                let backend = try db.one("select pg_backend_pid()", as: Int.self)
                _ = try db.execute("select pg_terminate_backend(\(backend)::integer)")
            }
        }
        await victim.close()
    }

    /// What the order says is what there is.
    private func isSound(_ replay: StartedReplay) async throws -> Bool {
        try await world.count(
            """
            select count(*) from usher.replay_order o
            where o.queued = (select count(*) from usher.job where batch_id = o.batch_id)
              and o.queued = (select count(distinct replay_of) from usher.job where batch_id = o.batch_id)
              and o.queued = (select count(*) from usher.ended e join usher.replay_item i using (job_id)
                              where i.replay_id = o.replay_id and e.replayed_by = i.new_job_id)
              and o.selected - o.queued = (select count(*) from usher.replay_item i
                                           where i.replay_id = o.replay_id and i.state = 'pending')
              and not exists (select from usher.misplaced)
              and o.replay_id = \(replay.replayID)
            """
        ) == 1
    }
}
