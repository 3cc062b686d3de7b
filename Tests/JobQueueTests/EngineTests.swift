import JobQueue
import Postgres
import TestSupport
import Testing

/// What holds of lanes, leases and wake-ups however claims, settlements and enqueues meet.
@Suite(.database)
struct EngineTests {
    private let queue = QueueFixture()

    private func counter(_ name: String) async throws -> Int {
        try await queue.count("select value from usher.queue_counter where name = \(name)")
    }

    @Test(.timeLimit(.minutes(10)))
    func `no wake-up is lost while lanes are parked and filled at the same time`() async throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("seed \(seed)")
        var random = SeededGenerator(seed: seed)
        let plan = (0..<120).map { _ in
            (lane: Int.random(in: 1...6, using: &random), jobs: Int.random(in: 1...3, using: &random))
        }
        for number in 1...6 { try await queue.fill("t\(number)", jobs: 0, running: 2) }
        let total = plan.map(\.jobs).reduce(0, +)
        try await withThrowingTaskGroup { tasks in
            for part in 0..<2 {
                tasks.addTask {
                    for (index, step) in plan.enumerated() where index % 2 == part {
                        try await queue.fill("t\(step.lane)", jobs: step.jobs, running: 2, from: index * 3)
                    }
                }
            }
            for number in 0..<3 {
                tasks.addTask {
                    let worker = try await queue.register("w\(number)")
                    while try await queue.count("select count(*) from usher.ended") < total {
                        for job in try await queue.claim(worker, 4) {
                            try await queue.settle(worker, job, .done(result: "ok"))
                        }
                    }
                }
            }
            try await tasks.waitForAll()
        }
        _ = try await queue.store.rescue(maximum: 10)
        #expect(try await counter("lost_wake_ups") == 0)
        #expect(try await queue.count("select count(*) from usher.misplaced") == 0)
    }

    @Test func `the sweeper wakes a lane that is parked without cause, and counts it`() async throws {
        try await queue.fill("acme", jobs: 2)
        try await queue.run("delete from usher.lane_wake")
        let worker = try await queue.register()
        #expect(try await queue.claim(worker, 5).isEmpty)
        _ = try await queue.store.rescue(maximum: 10)
        #expect(try await counter("lost_wake_ups") == 1)
        #expect(try await queue.claim(worker, 5).count == 2)
    }

    @Test func `a job that was to be cancelled is not handed to another worker`() async throws {
        try await queue.fill("acme", jobs: 2)
        let worker = try await queue.register()
        let jobs = try await queue.claim(worker, 2)
        try await queue.run("select usher.cancel(\(jobs[0].jobID), 'contract ended')")
        try await queue.store.releaseUnknown(worker: worker, known: [])
        #expect(try await queue.count("select count(*) from usher.ended where state = 'cancelled'") == 1)
        #expect(try await queue.claim(worker, 9).map(\.jobID) == [jobs[1].jobID])
        #expect(try await queue.count("select count(*) from usher.misplaced") == 0)
    }

    @Test func `a stale settlement is counted`() async throws {
        try await queue.fill("acme", jobs: 1)
        let worker = try await queue.register()
        let job = try #require(try await queue.claim(worker, 1).first)
        try await queue.expire(worker)
        _ = try await queue.store.rescue(maximum: 10)
        #expect(try await queue.settle(worker, job, .done(result: "ok")).isEmpty)
        #expect(try await counter("stale_settlements") == 1)
    }

    @Test func `rescue moves at most so many jobs at a time`() async throws {
        try await queue.fill("acme", jobs: 5)
        let worker = try await queue.register()
        #expect(try await queue.claim(worker, 5).count == 5)
        try await queue.expire(worker)
        #expect(try await queue.store.rescue(maximum: 3) == 3)
        #expect(try await queue.store.rescue(maximum: 3) == 2)
        #expect(try await queue.count("select count(*) from usher.ready where attempts = 0 and losses = 1") == 5)
    }

    @Test func `a retry that became ready is found though later jobs were taken before`() async throws {
        try await queue.fill("acme", jobs: 3)
        let worker = try await queue.register()
        let first = try #require(try await queue.claim(worker, 1).first)
        try await queue.settle(worker, first, .retry(after: .seconds(3600), queue.failure))
        #expect(try await queue.claim(worker, 1).first?.jobID != first.jobID)
        try await queue.makeDue()
        #expect(try await queue.claim(worker, 1).first?.jobID == first.jobID, "it is the oldest")
    }

    @Test func `shares are shares of provider calls`() async throws {
        for name in ["dear", "cheap"] { try await queue.fill(name, jobs: 200) }
        let worker = try await queue.register()
        var calls = ["dear": 0, "cheap": 0]
        while calls.values.reduce(0, +) < 240 {
            let jobs = try await queue.claim(worker, 2)
            let ends = jobs.map { job in
                let spent = job.lane == "dear" ? 3 : 1
                calls[job.lane, default: 0] += spent
                return Settlement(of: job, outcome: .done(result: "ok"), providerCalls: spent)
            }
            _ = try await queue.store.exchange(worker: worker, settling: ends, claiming: 0)
        }
        #expect(abs(calls["dear", default: 0] - calls["cheap", default: 0]) <= 6, "\(calls)")
    }

    @Test func `a lane that was idle starts at the present`() async throws {
        try await queue.fill("busy", jobs: 300)
        try await queue.fill("late", jobs: 0)
        let worker = try await queue.register()
        for _ in 0..<20 {
            for job in try await queue.claim(worker, 10) { try await queue.settle(worker, job, .done(result: "ok")) }
        }
        try await queue.fill("late", jobs: 100, from: 300)
        var served: [String: Int] = [:]
        for _ in 0..<10 {
            for job in try await queue.claim(worker, 4) {
                served[job.lane, default: 0] += 1
                try await queue.settle(worker, job, .done(result: "ok"))
            }
        }
        #expect(abs(served["late", default: 0] - 20) <= 6, "\(served)")
    }

    @Test func `a heartbeat tells how far the worker's clock is ahead`() async throws {
        let worker = try await queue.register()
        try await queue.run("select usher.heartbeat(\(worker), '20 s', clock_timestamp() + interval '90 s')")
        #expect(abs(try await queue.count("select skew_ms from usher.worker") - 90_000) < 5000)
    }
}
