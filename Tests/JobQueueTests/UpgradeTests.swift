import Foundation
import JobQueue
import Logging
import Postgres
import Synchronization
import TestSupport
import Testing

/// Workers and callers of the version before go on while the database is migrated under them.
///
/// The version before is migration 0013; all that came after is applied under load.
@Suite(.emptyDatabase, .timeLimit(.minutes(10)))
struct UpgradeTests {
    @Test func `nothing is lost or done twice while migrations run under old and new workers`() async throws {
        let settings = TestDatabase.current.settings
        let migrator = Migrator(folder: QueueFixture.migrationsFolder, settings: settings, logger: .quiet)
        _ = try await migrator.up(to: "0013")
        let pool = PostgresPool(settings, size: 12, logger: .quiet)
        try await pool.transaction { db throws(PostgresError) in
            try db.executeScript(
                """
                insert into usher.lane (name, max_running) select 'old-' || n, 3 from generate_series(1, 4) n;
                """
            )
        }
        let caller = OldCaller(pool: pool)
        let workers = (1...3).map { OldWorker(pool: pool, name: "old-\($0)") }
        let enqueuing = Task { try await caller.run() }
        let working = workers.map { worker in Task { try await worker.run() } }
        #expect(try await eventually { caller.committed.count > 50 && workers.allSatisfy { $0.settled > 0 } })

        let begin = ContinuousClock.now
        let applied = try await migrator.up()
        let took = ContinuousClock.now - begin
        let fixture = QueueFixture()
        let atEnd = caller.committed.count
        let handler = NothingToDo()
        let newWorker = Worker(
            settings: WorkerSettings(name: "new", slots: 4, lease: .seconds(10)),
            store: PostgresJobStore(pool: fixture.pool),
            handler: handler,
            logger: .quiet
        )
        let running = Task { try await newWorker.run() }
        let before = workers.map(\.settled)
        #expect(try await eventually { handler.count > 10 }, "the new worker gets work")
        #expect(
            try await eventually { zip(workers, before).allSatisfy { $0.settled > $1 + 5 } },
            "old workers go on getting it"
        )
        #expect(try await eventually { caller.committed.count > atEnd + 50 })
        caller.stop()
        try await enqueuing.value
        let left: Statement = """
            select (select count(*) from usher.ready) + (select count(*) from usher.lease)
                 + (select count(*) from usher.deferred)
            """
        #expect(try await eventually { try await fixture.count(left) == 0 })
        for worker in workers { worker.stop() }
        for task in working { try await task.value }
        running.cancel()
        _ = try? await running.value

        let history = try await History.read(from: pool, committed: caller.committed)
        let violations = HistoryCheck(history).violations()
        #expect(violations.isEmpty, "\(violations.prefix(5))")
        #expect(history.stale.isEmpty)
        print(
            "\(applied.count) migrations in \(took) under load: \(history.jobs.count) jobs, longest wait of a caller "
                + "\(caller.longestWait), of an old worker \(workers.map(\.longestWait).max() ?? .zero)"
        )
        #expect(caller.longestWait < .seconds(20))
    }
}

/// A handler with nothing to do.
private final class NothingToDo: JobHandler {
    private let runs = Mutex(0)

    var count: Int { runs.withLock { $0 } }

    func run(_ job: ClaimedJob) async -> Settlement {
        runs.withLock { $0 += 1 }
        return Settlement(of: job, outcome: .done(result: "done"))
    }
}

/// What the version before counts and how long it had to wait.
private struct OldClientState {
    var isStopping = false
    var settled = 0
    var committed: Set<Int64> = []
    var longestWait = Duration.zero
}

/// A caller that queues jobs as the version before does.
private final class OldCaller: Sendable {
    private let pool: PostgresPool
    private let state = Mutex(OldClientState())

    var committed: Set<Int64> { state.withLock(\.committed) }
    var longestWait: Duration { state.withLock(\.longestWait) }

    init(pool: PostgresPool) {
        self.pool = pool
    }

    func stop() {
        state.withLock { $0.isStopping = true }
    }

    private func backlog() async throws -> Int {
        try await pool.session { db throws(PostgresError) in
            try db.one("select count(*) from usher.ready", as: Int.self)
        }
    }

    func run() async throws {
        var subject: Int64 = 0
        while !state.withLock(\.isStopping) {
            // No faster than the workers: what is left must be done before the test ends.
            let isWanted = try await eventually { try await patiently { try await self.backlog() } < 50 }
            guard isWanted else { continue }
            subject += 1
            let (subject, lane) = (subject, "old-\(subject % 4 + 1)")
            let begin = ContinuousClock.now
            // An error promised nothing; every other one would have to be a defect of the migrations.
            let job = try await patiently {
                try await self.pool.transaction { db throws(PostgresError) in
                    try db.one(
                        """
                        select job from usher.lane, usher.place_job('test', lane_id, \(subject), null, 0::smallint,
                                                                    null, null)
                        where lane.name = \(lane)
                        """,
                        as: Int64.self
                    )
                }
            }
            let waited = ContinuousClock.now - begin
            state.withLock { state in
                state.committed.insert(job)
                state.longestWait = max(state.longestWait, waited)
            }
        }
    }
}

/// A worker that calls the functions by the names and arguments they had in the version before.
private final class OldWorker: Sendable {
    private let pool: PostgresPool
    private let name: String
    private let state = Mutex(OldClientState())

    var settled: Int { state.withLock(\.settled) }
    var longestWait: Duration { state.withLock(\.longestWait) }

    init(pool: PostgresPool, name: String) {
        self.pool = pool
        self.name = name
    }

    func stop() {
        state.withLock { $0.isStopping = true }
    }

    func run() async throws {
        let number = try await patiently {
            try await self.pool.session { db throws(PostgresError) in
                try db.one("select usher.register_worker(\(self.name), interval '20 seconds')", as: Int64.self)
            }
        }
        var settlements = "[]"
        var known: [Int64] = []
        while !state.withLock(\.isStopping) {
            let (sending, held) = (settlements, known)
            let begin = ContinuousClock.now
            let claimed = try await patiently { try await self.exchange(number, sending, holding: held) }
            let waited = ContinuousClock.now - begin
            state.withLock { state in
                state.settled += claimed.count
                state.longestWait = max(state.longestWait, waited)
            }
            known = claimed.map(\.1)
            settlements =
                "["
                + claimed.map {
                    #"{"job_id":\#($0.0),"attempt_id":\#($0.1),"outcome":"done","reason":"done"}"#
                }.joined(separator: ",") + "]"
        }
        let last = settlements
        try await patiently {
            try await self.pool.transaction { db throws(PostgresError) in
                _ = try db.one("select usher.settle(\(number), \(JSONText(last)))", as: [Int64].self)
                _ = try db.one("select usher.release_unknown(\(number), array[]::bigint[])", as: Int.self)
                _ = try db.execute("select usher.stop_worker(\(number))")
            }
        }
    }

    /// As the version before.
    ///
    /// A heartbeat, a look for lost workers, what a failed exchange may have claimed given back; then settle and claim
    /// in one transaction.
    private func exchange(
        _ number: Int64,
        _ settlements: String,
        holding known: [Int64]
    ) async throws -> [(Int64, Int64)] {
        try await pool.session { db throws(PostgresError) in
            _ = try db.one("select alive from usher.heartbeat(\(number), interval '20 seconds')", as: Bool.self)
            _ = try db.one("select usher.rescue(100, 5)", as: Int.self)
            _ = try db.one("select usher.release_unknown(\(number), \(known))", as: Int.self)
            let results = try db.pipeline([
                "select set_config('lock_timeout', '500ms', true)",
                "select usher.settle(\(number), \(JSONText(settlements)))",
                """
                select job_id, attempt_id, number, losses, kind, lane, subject_id, batch_id, payload
                from usher.claim(\(number), 4::integer, interval '5 minutes')
                """,
            ])
            return try results[2].rows(
                as: (Int64, Int64, Int, Int, String, String, Int64?, Int64?, JSONText).self
            ).map { ($0.0, $0.1) }
        }
    }
}

/// Does it again after any error of the server's, as the version before does; it knows a settlement sent twice.
///
/// A call that was under way while its function and tables were replaced may fail for a reason that is none of the
/// passing ones (the old text meets the new tables), and only once.
private func patiently<Value>(_ work: () async throws -> Value) async throws -> Value {
    for _ in 0..<50 {
        do {
            return try await work()
        } catch let error as PostgresError {
            guard error.isRetryable || error.kind == .server else { throw error }
        }
    }
    return try await work()
}
