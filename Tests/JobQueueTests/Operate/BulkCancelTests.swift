import JobQueue
import Postgres
import TestSupport
import Testing

@Suite(.database)
struct BulkCancelTests {
    private let world = OperateWorld()

    /// Ready jobs of the tenants `t1` and `t2`.
    private func enqueue(_ count: Int) async throws {
        try await world.addTenants(2)
        try await world.execute(
            """
            select usher.enqueue_onboarding('t' || 1 + n % 2, 'c' || n || '.shop.com')
            from generate_series(1, \(count)) as n
            """
        )
    }

    @Test func `what was counted is what is cancelled, in pieces, whatever comes meanwhile`() async throws {
        try await enqueue(20)
        let prepared = try await world.orders.prepareCancel(JobQuery("tenant = t1"), reason: "contract ended")
        #expect(prepared.selected == 10)
        #expect(prepared.states == ["ready": 10])
        #expect(prepared.scope == "state in (ready, running, retrying, waiting) AND tenant = t1")
        #expect(try await AuditEntry.newest(9, from: world.pool).isEmpty, "nothing is ordered yet")
        try await world.execute("select usher.enqueue_onboarding('t1', 'later.shop.com')")
        // One of them ends by itself.
        try await world.execute("select usher.cancel_job(2, 'x')")

        let first = try await world.orders.stepCancel(prepared.cancelID, maximum: 4)
        #expect(first.remaining == 6)
        // Whoever goes on, with nothing but the number.
        let rest = try await Orders(pool: world.pool, actor: "other").stepCancel(prepared.cancelID)
        #expect(first.cancelled + rest.cancelled + first.endedBefore + rest.endedBefore == 10)
        #expect(rest.remaining == 0)
        #expect(try await world.count("select count(*) from usher.ready") == 11)
        #expect(try await world.count("select count(*) from usher.misplaced") == 0)
        let audit = try await AuditEntry.newest(9, from: world.pool)
        #expect(audit.map(\.action) == ["cancel_jobs"])
        #expect(audit.first?.actor == "tester")
        #expect(try await world.orders.stepCancel(prepared.cancelID).cancelled == 0, "once is enough")
    }

    @Test func `a running job is asked to stop`() async throws {
        try await enqueue(2)
        let queue = QueueFixture()
        let worker = try await queue.register()
        _ = try await queue.claim(worker, 1)
        let prepared = try await world.orders.prepareCancel(JobQuery("attempts = 0"), reason: "stop")
        #expect(prepared.states == ["ready": 1, "running": 1])
        let progress = try await world.orders.stepCancel(prepared.cancelID)
        #expect(progress.cancelled == 1)
        #expect(progress.cancelling == 1)
    }

    @Test func `a job somebody is at work on is left for later, not waited for`() async throws {
        try await enqueue(3)
        let prepared = try await world.orders.prepareCancel(JobQuery("kind = onboard"), reason: "stop")
        let progress = try await withHeldJob(2) { try await world.orders.stepCancel(prepared.cancelID) }
        #expect(progress.cancelled == 2)
        #expect(progress.remaining == 1)
        #expect(try await world.orders.stepCancel(prepared.cancelID).cancelled == 1)
    }

    /// Runs the body while another transaction, which waits for us, holds a job's live row.
    private func withHeldJob<Value>(_ job: Int64, _ body: () async throws -> Value) async throws -> Value {
        let gate = try await TestDatabase.current.connect()
        _ = try await gate.session { db throws(PostgresError) in try db.execute("select pg_advisory_lock(42)") }
        let other = try await TestDatabase.current.connect()
        async let held: Void = other.transaction { db throws(PostgresError) in
            _ = try db.execute("select from usher.live where job_id = \(job) for update")
            _ = try db.execute("select pg_advisory_xact_lock(42)")
        }
        #expect(
            try await eventually {
                try await world.count(
                    """
                    select count(*) from pg_locks where locktype = 'advisory' and not granted
                      and database = (select oid from pg_database where datname = current_database())
                    """
                ) == 1
            }
        )
        let value = try await body()
        await gate.close()
        try await held
        await other.close()
        return value
    }

    @Test(arguments: ["state = done", "state in (ready, failed)", ""])
    func `a scope that cannot be cancelled is refused`(filter: String) async throws {
        await #expect(throws: PostgresError.self) {
            try await world.orders.prepareCancel(JobQuery(filter), reason: "x")
        }
    }

    @Test func `one job cancelled by number is in the audit too`() async throws {
        try await enqueue(1)
        #expect(try await world.orders.cancel(1, reason: "asked for") == "cancelled")
        #expect(try await world.orders.cancel(1, reason: "asked for") == "cancelled")
        #expect(try await world.orders.cancel(99, reason: "asked for") == nil)
        let audit = try await AuditEntry.newest(9, from: world.pool)
        #expect(audit.first?.action == "cancel")
        #expect(audit.first?.reason == "asked for")
    }
}
