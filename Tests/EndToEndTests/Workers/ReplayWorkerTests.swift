import JobQueue
import Postgres
import TestSupport
import Testing
import usher

/// A replay carried on by real workers, of which one after the other is killed.
@Suite(.database)
struct ReplayWorkerTests {
    private static let size = 40

    @Test func `workers that are killed hand a replay on, and each job is replayed once`() async throws {
        try await WorkerWorld.with { world in
            try await world.prepare()
            for number in 0..<Self.size { try await world.enqueue("h\(number).acme-usher.com") }
            try await failAll(in: world)
            let orders = Orders(pool: world.pool, actor: "tester")
            let plan = ReplayPlan(canary: 8, expected: Self.size)
            let replay = try await orders.startReplay(JobQuery("state = dead"), reason: "outage over", plan).replayID
            for number in 0..<2 { try await world.workers.start(number) }
            for round in 0..<4 {
                let goal = min(Self.size, 8 * (round + 1))
                #expect(try await eventually { try await ReplayStatus.read(replay, from: world.pool).queued >= goal })
                await world.workers.kill(round)
                try await world.workers.start(round + 2)
            }
            #expect(try await eventually { try await ReplayStatus.read(replay, from: world.pool).state == "done" })
            let done = ["done": Self.size]
            #expect(try await eventually { try await ReplayStatus.read(replay, from: world.pool).items == done })
            #expect(try await world.count("select count(*) from usher.job where replay_of is not null") == Self.size)
            #expect(try await world.enforced() == Self.size)
            #expect(try await world.count("select count(*) from usher.misplaced") == 0)
        }
    }

    /// What an outage leaves.
    private func failAll(in world: WorkerWorld) async throws {
        try await world.pool.transaction { db throws(PostgresError) in
            try db.executeScript(
                """
                with gone as (delete from usher.ready returning job_id)
                insert into usher.ended (job_id, state, outcome, error_class, message, actor, attempts)
                select job_id, 'failed', 'failed', 'provider_down', 'no', 'provider', 3 from gone;
                delete from usher.live;
                update usher.hostname set standing = 'failed', standing_actor = 'provider', standing_message = 'no';
                """
            )
        }
    }
}
