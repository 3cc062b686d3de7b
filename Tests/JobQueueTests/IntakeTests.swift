import Foundation
import JobQueue
import Logging
import Postgres
import Synchronization
import TestSupport
import Testing

@Suite(.database)
struct IntakeTests {
    private func refusal(_ queue: QueueFixture, _ statement: Statement) async throws -> PostgresError? {
        do {
            _ = try await queue.pool.session { db throws(PostgresError) in try db.execute(statement) }
            return nil
        } catch {
            return error
        }
    }

    private func run(_ queue: QueueFixture, _ statement: Statement) async throws {
        if let error = try await refusal(queue, statement) { throw error }
    }

    /// A tenant on a tier with a pending quota.
    private func tenant(_ queue: QueueFixture, pending: Int) async throws {
        try await queue.pool.transaction { db throws(PostgresError) in
            try db.execute(
                """
                insert into usher.policy (tier, revision, document, checksum, author, reason)
                values ('tiny', 1, '{}', repeat('a', 64), 'test', 'test')
                """
            )
            try db.execute(
                """
                insert into usher.tier (name, revision, weight, max_running, pending_quota)
                values ('tiny', 1, 1, 4, \(pending)::integer)
                """
            )
            try db.execute("select usher.set_tier('acme', 'tiny', 'e', 1)")
        }
    }

    @Test func `jobs of any kind are claimed as they were queued`() async throws {
        let queue = QueueFixture()
        for lane in ["a", "b"] { try await queue.fill(lane, jobs: 0) }
        try await run(queue, "select usher.enqueue_job('bench', 'a', '{\"n\": 1}', priority => 3)")
        try await run(queue, "select usher.enqueue_jobs('bench', array['a', 'b', 'b'])")
        let worker = try await queue.register()
        let jobs = try await queue.claim(worker, 10)
        #expect(jobs.count == 4)
        #expect(jobs.first { $0.payload.contains("1") }?.lane == "a")
        #expect(try await queue.count("select count(*) from usher.misplaced") == 0)
    }

    @Test func `a key asked twice is one call, and another call under it is refused`() async throws {
        let queue = QueueFixture()
        try await queue.fill("a", jobs: 0)
        for _ in 1...2 {
            try await run(queue, "select usher.enqueue_job('bench', 'a', idempotency_key => 'one')")
            try await run(queue, "select usher.enqueue_jobs('bench', array['a', 'a'], idempotency_key => 'many')")
        }
        #expect(try await queue.count("select count(*) from usher.ready") == 3)
        let other: Statement = "select usher.enqueue_jobs('bench', array['a'], idempotency_key => 'many')"
        #expect(try await refusal(queue, other)?.sqlState == "UE030")
    }

    @Test func `a pending quota is exact for callers at once`() async throws {
        let queue = QueueFixture()
        try await tenant(queue, pending: 10)
        let refused = try await withThrowingTaskGroup { tasks in
            for _ in 1...24 {
                tasks.addTask { try await refusal(queue, "select usher.enqueue_job('bench', 'acme')") }
            }
            return try await tasks.reduce(into: [PostgresError]()) { if let error = $1 { $0.append(error) } }
        }
        #expect(refused.count == 14)
        #expect(refused.allSatisfy { $0.sqlState == "53400" })
        #expect(refused.first?.detail?.contains("\"limit\": 10") == true)
        #expect(try await queue.count("select count(*) from usher.ready") == 10)
    }

    @Test func `work above the limit of depth or age is refused with numbers and a time to come back`() async throws {
        let queue = QueueFixture()
        try await queue.fill("a", jobs: 5)
        try await run(queue, "select usher.set_admission_limit('', 6, null, 'test')")
        try await run(queue, "select usher.enqueue_job('bench', 'a')")
        try await run(queue, "update usher.admission_limit set measured_at = '-infinity'")
        let deep = try await refusal(queue, "select usher.enqueue_jobs('bench', array['a'])")
        #expect(deep?.sqlState == "UE035")
        #expect(deep?.detail?.contains("\"ready\": 6") == true)
        #expect(deep?.hint == "come back in about 60 s")
        try await run(queue, "update usher.ready set since = now() - interval '1 h'")
        try await run(queue, "select usher.set_admission_limit('', null, '10 minutes', 'test')")
        #expect(try await refusal(queue, "select usher.enqueue_job('bench', 'a')")?.sqlState == "UE035")
        try await run(queue, "select usher.set_admission_limit('', null, null, 'test')")
        try await run(queue, "select usher.enqueue_job('bench', 'a')")
        #expect(try await queue.count("select count(*) from usher.audit where action = 'set_admission_limit'") == 3)
    }

    @Test func `a batch ends once, whoever looks, and not before its last job`() async throws {
        let queue = QueueFixture()
        try await queue.fill("a", jobs: 0)
        try await run(queue, "select usher.enqueue_jobs('bench', array['a', 'a', 'a'], batch_name => 'three')")
        try await run(queue, "select usher.enqueue_jobs('bench', '{}', batch_name => 'none')")
        let worker = try await queue.register()
        for job in try await queue.claim(worker, 2) { try await queue.settle(worker, job, .done(result: "ok")) }
        func close() async throws -> Int {
            try await withThrowingTaskGroup { tasks in
                for _ in 1...4 { tasks.addTask { try await queue.count("select usher.close_batches()") } }
                return try await tasks.reduce(0, +)
            }
        }
        #expect(try await close() == 1, "the one without jobs")
        let last = try #require(try await queue.claim(worker, 2).first)
        try await queue.settle(worker, last, .failed(queue.failure))
        #expect(try await close() == 1)
        #expect(try await close() == 0)
        let event: Statement = """
            select count(*) from usher.batch_event
            where batch_id = 1 and (total, done, failed, cancelled) = (3, 2, 1, 0)
            """
        #expect(try await queue.count(event) == 1)
        #expect(try await queue.count("select (usher.batch_progress(1) ->> 'ended')::int") == 3)
    }

    @Test func `only while somebody sleeps is work called out, and then once`() async throws {
        let queue = QueueFixture()
        try await queue.fill("a", jobs: 0)
        func called() async throws -> Int {
            try await queue.count("select coalesce(pg_sequence_last_value('usher.nap'), 0)")
        }
        try await run(queue, "select usher.enqueue_job('bench', 'a')")
        #expect(try await called() == 0)
        try await run(queue, "select usher.fall_asleep()")
        let slept = try await called()
        try await run(queue, "select usher.enqueue_jobs('bench', array['a'])")
        #expect(try await called() >= slept + 10, "the next call comes later")
        try await run(queue, "select usher.wake_up()")
        try await run(queue, "select usher.enqueue_job('bench', 'a')")
        #expect(try await called() == 0)
    }

    @Test func `a worker that sleeps is called when work comes`() async throws {
        let queue = QueueFixture()
        try await queue.fill("a", jobs: 0)
        let handler = StartTimes()
        let worker = Worker(
            // Polling alone would take half a minute.
            settings: WorkerSettings(name: "sleeper", pollInterval: .seconds(60)),
            store: queue.store,
            handler: handler,
            intake: PostgresIntake(pool: queue.pool, settings: TestDatabase.current.settings, logger: .quiet),
            logger: .quiet
        )
        let task = Task { try await worker.run() }
        #expect(
            try await eventually {
                try await queue.count("select coalesce(pg_sequence_last_value('usher.nap'), 0)") > 0
            }
        )
        for number in 1...3 {
            let sent = ContinuousClock.now
            try await run(queue, "select usher.enqueue_job('bench', 'a')")
            #expect(try await eventually { handler.starts.count == number })
            #expect(try #require(handler.starts.last) - sent < .seconds(10))
        }
        task.cancel()
        _ = try? await task.value
    }
}

@Suite struct SleepScheduleTests {
    @Test func `a worker with free slots asks to be called, looks again, and is quiet then`() {
        var schedule = SleepSchedule()
        #expect(schedule.claimed(8, of: 8) == .nothing)
        #expect(schedule.claimed(3, of: 8) == .sleep)
        #expect(schedule.claimed(0, of: 5) == .look(after: .milliseconds(5)))
        #expect(schedule.claimed(0, of: 5) == .look(after: .milliseconds(20)))
        #expect(schedule.claimed(0, of: 5) == .sleepOn)
        #expect(schedule.claimed(0, of: 5) == .sleepOn)
        #expect(schedule.claimed(1, of: 5) == .sleep, "work came: the same again")
        #expect(schedule.claimed(5, of: 5) == .rise)
        #expect(schedule.claimed(5, of: 5) == .nothing)
    }
}

/// Notes when each job began.
private final class StartTimes: JobHandler {
    private let moments = Mutex<[ContinuousClock.Instant]>([])

    var starts: [ContinuousClock.Instant] { moments.withLock { $0 } }

    func run(_ job: ClaimedJob) async -> Settlement {
        moments.withLock { $0.append(.now) }
        return Settlement(of: job, outcome: .done(result: "ok"))
    }
}
