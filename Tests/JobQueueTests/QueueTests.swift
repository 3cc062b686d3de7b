import JobQueue
import Postgres
import TestSupport
import Testing

@Suite(.database)
struct QueueTests {
    /// Transactions of this test's database that wait for an advisory lock; the view shows those of every database.
    private let waitingAtGate: Statement = """
        select count(*) from pg_locks where locktype = 'advisory' and not granted
        and database = (select oid from pg_database where datname = current_database())
        """

    @Test func `a claimed job that is done has one attempt, one end, and leaves nothing behind`() async throws {
        let queue = QueueFixture()
        try await queue.fill("acme", jobs: 1)
        let worker = try await queue.register()
        let job = try #require(try await queue.claim(worker, 5).first)
        #expect(job.number == 1)
        #expect(job.lane == "acme")
        #expect(try await queue.settle(worker, job, .done(result: "enforced")) == [job.attemptID])
        #expect(try await queue.claim(worker, 5).isEmpty)
        #expect(try await queue.count("select count(*) from usher.ended where state = 'done' and attempts = 1") == 1)
        #expect(try await queue.count("select count(*) from usher.attempt where outcome = 'done'") == 1)
        #expect(try await queue.count("select count(*) from usher.live") == 0)
        #expect(try await queue.count("select count(*) from usher.misplaced") == 0)
    }

    @Test func `a settlement after the lease was taken back is stale, logged and not applied`() async throws {
        let queue = QueueFixture()
        try await queue.fill("acme", jobs: 1)
        let zombie = try await queue.register("zombie")
        let job = try #require(try await queue.claim(zombie, 1).first)
        try await queue.expire(zombie)
        #expect(try await queue.store.rescue(maximum: 10) == 1)
        let heir = try await queue.register("heir")
        let again = try #require(try await queue.claim(heir, 1).first)
        #expect(again.jobID == job.jobID)
        #expect(again.number == 1, "a lost worker spends no attempt")
        #expect(again.losses == 1)

        let late = Settlement(
            of: job,
            outcome: .done(result: "enforced"),
            recording: ["update usher.lane set weight = 99 where usher.holds(\(job.attemptID))"]
        )
        #expect(try await queue.store.exchange(worker: zombie, settling: [late], claiming: 0).accepted.isEmpty)
        #expect(try await queue.count("select count(*) from usher.stale_settlement") == 1)
        #expect(try await queue.count("select count(*) from usher.lane where weight = 99") == 0)
        #expect(try await queue.settle(heir, again, .done(result: "enforced")) == [again.attemptID])
    }

    @Test func `the same settlement sent twice is applied once and is not stale`() async throws {
        let queue = QueueFixture()
        try await queue.fill("acme", jobs: 1)
        let worker = try await queue.register()
        let job = try #require(try await queue.claim(worker, 1).first)
        try await queue.settle(worker, job, .done(result: "enforced"))
        try await queue.settle(worker, job, .done(result: "enforced"))
        #expect(try await queue.count("select count(*) from usher.attempt") == 1)
        #expect(try await queue.count("select count(*) from usher.stale_settlement") == 0)
    }

    @Test func `a heartbeat of a worker that was given up says so`() async throws {
        let queue = QueueFixture()
        let worker = try await queue.register()
        #expect(try await queue.store.heartbeat(worker: worker, lease: .seconds(20)).alive)
        try await queue.expire(worker)
        _ = try await queue.store.rescue(maximum: 10)
        #expect(try await queue.store.heartbeat(worker: worker, lease: .seconds(20)).alive == false)
        #expect(try await queue.claim(worker, 1).isEmpty, "and it gets no work")
    }

    @Test func `a retry spends an attempt, a deferral and a release do not`() async throws {
        let queue = QueueFixture()
        try await queue.fill("acme", jobs: 1)
        let worker = try await queue.register()
        var job = try #require(try await queue.claim(worker, 1).first)
        let outcomes: [(JobOutcome, Int)] = [
            (.deferred(for: .zero, reason: "waiting_tenant", actor: .tenant, message: nil), 1),
            (.released, 1),
            (.retry(after: .zero, queue.failure), 2),
            (.retry(after: .zero, queue.failure), 3),
        ]
        for (outcome, expected) in outcomes {
            try await queue.settle(worker, job, outcome)
            try await queue.makeDue()
            job = try #require(try await queue.claim(worker, 1).first)
            #expect(job.number == expected)
        }
    }

    @Test func `a job that takes workers with it again and again ends as poison`() async throws {
        let queue = QueueFixture()
        try await queue.fill("acme", jobs: 1)
        for _ in 1...5 {
            let worker = try await queue.register()
            #expect(try await queue.claim(worker, 1).count == 1)
            try await queue.expire(worker)
            #expect(try await queue.store.rescue(maximum: 10) == 1)
        }
        #expect(try await queue.count("select count(*) from usher.ended where error_class = 'poison'") == 1)
        #expect(try await queue.count("select count(*) from usher.attempt where outcome = 'worker_lost'") == 5)
    }

    @Test func `an attempt past its deadline is taken back though its worker lives`() async throws {
        let queue = QueueFixture(attemptLimit: .milliseconds(1))
        try await queue.fill("acme", jobs: 1)
        let worker = try await queue.register()
        _ = try await queue.claim(worker, 1)
        var moved = 0
        while moved == 0 { moved = try await queue.store.rescue(maximum: 10) }
        #expect(try await queue.count("select count(*) from usher.attempt where outcome = 'overdue'") == 1)
    }

    @Test func `a newer wish while an attempt runs has the job run once more`() async throws {
        let queue = QueueFixture()
        try await queue.fill("acme", jobs: 1)
        let worker = try await queue.register()
        let job = try #require(try await queue.claim(worker, 1).first)
        try await queue.fill("acme", jobs: 1)
        try await queue.settle(worker, job, .done(result: "enforced"))
        #expect(try await queue.count("select count(*) from usher.ended") == 0)
        let again = try #require(try await queue.claim(worker, 1).first)
        #expect(again.jobID == job.jobID)
        try await queue.settle(worker, again, .done(result: "enforced"))
        #expect(try await queue.count("select count(*) from usher.ended") == 1)
        #expect(try await queue.claim(worker, 1).isEmpty)
    }

    @Test func `a newer wish that is not committed yet is not lost either`() async throws {
        let queue = QueueFixture()
        try await queue.fill("acme", jobs: 1)
        let worker = try await queue.register()
        let job = try #require(try await queue.claim(worker, 1).first)
        let gate = try await TestDatabase.current.connect()
        try await gate.session { db throws(PostgresError) in _ = try db.execute("select pg_advisory_lock(1)") }
        // The wish holds the live row, uncommitted, until the gate opens; the attempt is settled meanwhile.
        async let wish: Void = queue.pool.transaction { db throws(PostgresError) in
            _ = try db.query(
                "select job, created from usher.place_job('test', 1, \(job.subjectID), null, 0::smallint, null, null)",
                as: (Int64, Bool).self
            )
            try db.execute("select pg_advisory_xact_lock(1)")
        }
        #expect(try await eventually { try await queue.count(waitingAtGate) == 1 })
        try await queue.settle(worker, job, .done(result: "enforced"))
        try await gate.session { db throws(PostgresError) in _ = try db.execute("select pg_advisory_unlock(1)") }
        try await wish
        await gate.close()
        #expect(try await queue.claim(worker, 1).first?.jobID == job.jobID)
    }

    @Test func `a wake-up that comes while the job runs is not lost when the job then waits`() async throws {
        let queue = QueueFixture()
        try await queue.fill("acme", jobs: 1)
        let worker = try await queue.register()
        let job = try #require(try await queue.claim(worker, 1).first)
        let subject = try #require(job.subjectID)
        #expect(try await queue.store.wake(subjects: [subject]).isEmpty)
        let wait = JobOutcome.deferred(for: .seconds(3600), reason: "waiting_tenant", actor: .tenant, message: nil)
        try await queue.settle(worker, job, wait)
        #expect(try await queue.count("select count(*) from usher.deferred where due_at < now() + interval '5 s'") == 1)
        try await queue.makeDue()
        let again = try #require(try await queue.claim(worker, 1).first)
        try await queue.settle(worker, again, wait)
        #expect(try await queue.claim(worker, 1).isEmpty, "and it is one wake-up, not for ever")
        #expect(try await queue.store.wake(subjects: [subject]).isEmpty)
        #expect(try await queue.claim(worker, 1).count == 1)
    }

    @Test func `a claim whose answer was lost is handed back by the worker that does not know of it`() async throws {
        let queue = QueueFixture()
        try await queue.fill("acme", jobs: 2)
        let worker = try await queue.register()
        let known = try #require(try await queue.claim(worker, 1).first)
        _ = try await queue.claim(worker, 1)
        try await queue.store.releaseUnknown(worker: worker, known: [known.attemptID])
        #expect(try await queue.count("select count(*) from usher.lease") == 1)
        let again = try #require(try await queue.claim(worker, 1).first)
        #expect(again.number == 1)
        #expect(again.jobID != known.jobID)
    }

    @Test func `a wish that is newer than a cancellation has the job run`() async throws {
        let queue = QueueFixture()
        try await queue.fill("acme", jobs: 1)
        let worker = try await queue.register()
        let job = try #require(try await queue.claim(worker, 1).first)
        _ = try await queue.pool.session { db throws(PostgresError) in
            try db.one("select usher.cancel(\(job.jobID), 'no')", as: String.self)
        }
        try await queue.fill("acme", jobs: 1)
        let wait = JobOutcome.deferred(for: .seconds(3600), reason: "waiting_tenant", actor: .tenant, message: nil)
        try await queue.settle(worker, job, wait)
        #expect(try await queue.count("select count(*) from usher.misplaced") == 0)
        #expect(try await queue.claim(worker, 1).first?.jobID == job.jobID)
    }

    @Test func `a caller's open transaction does not keep its tenant's other jobs from being claimed`() async throws {
        let queue = QueueFixture()
        try await queue.fill("acme", jobs: 2)
        let worker = try await queue.register()
        let gate = try await TestDatabase.current.connect()
        try await gate.session { db throws(PostgresError) in _ = try db.execute("select pg_advisory_lock(1)") }
        async let caller: Void = queue.pool.transaction { db throws(PostgresError) in
            _ = try db.query(
                "select job, created from usher.place_job('test', 1, 77, null, 0::smallint, null, null)",
                as: (Int64, Bool).self
            )
            try db.execute("select pg_advisory_xact_lock(1)")
        }
        #expect(try await eventually { try await queue.count(waitingAtGate) == 1 })
        #expect(try await queue.claim(worker, 5).count == 2)
        try await gate.session { db throws(PostgresError) in _ = try db.execute("select pg_advisory_unlock(1)") }
        try await caller
        await gate.close()
    }

    @Test func `a cancelled job that runs ends when its attempt does, and one that waits ends at once`() async throws {
        let queue = QueueFixture()
        try await queue.fill("acme", jobs: 2)
        let worker = try await queue.register()
        let running = try #require(try await queue.claim(worker, 1).first)
        let waiting = try await queue.count("select job_id from usher.ready")
        for job in [running.jobID, Int64(waiting)] {
            _ = try await queue.pool.session { db throws(PostgresError) in
                try db.one("select usher.cancel(\(job), 'changed our mind')", as: String.self)
            }
        }
        #expect(try await queue.count("select count(*) from usher.ended where state = 'cancelled'") == 1)
        let pulse = try await queue.store.heartbeat(worker: worker, lease: .seconds(20))
        #expect(pulse.cancelRequested == [running.attemptID])
        try await queue.settle(worker, running, .released)
        #expect(try await queue.count("select count(*) from usher.ended where state = 'cancelled'") == 2)
        #expect(try await queue.count("select count(*) from usher.misplaced") == 0)
    }

    @Test func `while a budget is blocked nobody claims`() async throws {
        let queue = QueueFixture()
        try await queue.fill("acme", jobs: 1)
        let worker = try await queue.register()
        let budgets = PostgresBudgetStore(pool: queue.pool)
        try await budgets.declare(Budget(name: "calls", quota: 10, window: .seconds(60), burst: 5))
        try await budgets.block("calls", for: .seconds(60), reason: "429")
        #expect(try await queue.claim(worker, 1).isEmpty)
    }
}
