import Foundation
import JobQueue
import Postgres
import TestSupport
import Testing
import usher

@Suite(.database)
struct DoctorTests {
    private struct Doctor: Decodable {
        let checks: [Check]

        struct Check: Decodable {
            let name: String
            let verdict: String
            let message: String
            let advice: String?
        }
    }

    private let pool = PostgresPool(TestDatabase.current.settings, size: 2, logger: .quiet)

    private func execute(_ script: String) async throws {
        _ = try await pool.session { db throws(PostgresError) in try db.executeScript(script) }
    }

    /// The checks that are not well.
    private func complaints() async throws -> [String: String] {
        let checks =
            DoctorCheck.queue(try await QueueHealth.read(from: pool), sent: Date(), received: .distantFuture)
            + DoctorCheck.server(try await ServerHealth.read(from: pool))
            + DoctorCheck.upkeep(try await UpkeepHealth.read(from: pool))
        for check in checks {
            #expect((check.verdict == .ok) == (check.advice == nil) || check.name == "workers", "\(check)")
        }
        let wrong = checks.filter { $0.verdict != .ok }.map { ($0.name, "\($0.verdict) \($0.message)") }
        return Dictionary(wrong) { first, _ in first }
    }

    private func schedule() async throws {
        let entry = ScheduleEntry(
            name: "nightly",
            work: .retention,
            cron: try CronExpression("0 3 * * *"),
            timezone: "UTC",
            missed: .once,
            isEnabled: true
        )
        _ = try await ScheduleStore(pool: pool, logger: .quiet).apply([entry], reason: "test", dryRun: false)
    }

    @Test func `a fresh database lacks a schedule and workers, and the command says what to do`() async throws {
        try await CommandFixture.with { fixture in
            let run = try await fixture.usher("doctor", "--folder", MigrationsHere.folder, "--json")
            let checks = try run.document(as: Doctor.self).checks
            let names = checks.map(\.name)
            for name in [
                "schema", "server", "library", "settings", "connections", "roles", "transactions", "dead rows",
                "jobs", "workers", "skew", "settlements", "wake-ups", "partitions", "schedule", "retention", "pauses",
                "replays",
            ] {
                #expect(names.contains(name), "\(name) of \(names)")
            }
            let schedule = checks.first { $0.name == "schedule" }
            #expect(schedule?.verdict == "warn")
            #expect(schedule?.advice?.hasPrefix("run usher schedule apply") == true)
            #expect(run.status == 0, "\(run.errors)")
        }
    }

    @Test func `late and failed recurring work, and what cannot leave, are told`() async throws {
        try await schedule()
        let before = try await complaints()
        #expect(before["schedule"] == nil && before["retention"] == nil)
        try await execute("update usher.schedule set next_at = now() - interval '10 minutes'")
        #expect(try await complaints()["schedule"] == "warn 1 recurring task, one is 600 s late")
        try await execute(
            """
            update usher.schedule set next_at = now() + interval '1 day';
            insert into usher.schedule_run (name, due_at, work, settings, state, ended_at)
            values ('nightly', now(), 'retention', '{}', 'failed', now());
            insert into usher.retention_log (subject, part, action, rows, reason)
            values ('job', 'job_0', 'waits', 20000, 'many stay')
            """
        )
        let after = try await complaints()
        #expect(after["schedule"] == "warn 1 recurring task; failed: nightly")
        #expect(after["retention"] == "warn job_0: many stay")
    }

    @Test func `misplaced jobs, stray rows and late settlements are told`() async throws {
        try await execute(
            """
            insert into usher.lane (name) values ('acme');
            insert into usher.job (kind, lane_id, priority) values ('test', 1, 0);
            insert into usher.job (job_id, kind, lane_id, priority) values (900000000, 'test', 1, 0);
            insert into usher.stale_settlement (attempt_id, job_id, worker_id, outcome) values (1, 1, 1, 'done')
            """
        )
        let found = try await complaints()
        #expect(found["jobs"] == "fail 2 misplaced jobs")
        #expect(found["settlements"] == "warn 1 late settlement")
        #expect(found["partitions"]?.hasPrefix("warn ") == true)
    }

    @Test func `a transaction that has been open for long is told with who holds it`() async throws {
        let holder = ServerHealth.Horizon(age_s: 900, holder: "process 1 of app, report")
        let health = ServerHealth(
            settings: ["fsync": "on", "full_page_writes": "on", "autovacuum": "off", "track_counts": "on"],
            connections: 90,
            connectionLimit: 97,
            missingRoles: ["usher_worker"],
            login: "app",
            isSuperuser: false,
            horizon: holder,
            bloated: [ServerHealth.Bloat(table: "ready", dead: 2_000_000, live: 10)]
        )
        let wrong = DoctorCheck.server(health).filter { $0.verdict == .warn }.map { "\($0.name): \($0.message)" }
        #expect(
            wrong == [
                "settings: autovacuum is off", "connections: 90 of 97 connections used",
                "roles: logged in as app; missing: usher_worker",
                "transactions: the oldest has run for 900 s: process 1 of app, report",
                "dead rows: ready has 2,000,000 dead rows beside 10 living ones",
            ]
        )
        let open = try await TestDatabase.current.connect()
        _ = try await open.session { db throws(PostgresError) in
            try db.executeScript("begin isolation level repeatable read; select 1")
        }
        let horizon = try await ServerHealth.read(from: pool).horizon
        #expect(horizon?.holder.hasPrefix("process ") == true)
        await open.close()
    }

    @Test func `skewed clocks, pauses, halted replays and lost wake-ups are told`() {
        let health = UpkeepHealth(
            entries: 1,
            late_s: 0,
            failedEntries: [],
            hasRetention: true,
            waiting: [],
            skewed: [.init(worker: "a:1", ahead_ms: 31_000), .init(worker: "b:2", ahead_ms: -600_000)],
            paused: ["tier free: audit"],
            haltedReplays: [4, 5],
            lostWakeUps: 2
        )
        let wrong = DoctorCheck.upkeep(health).filter { $0.verdict == .warn }.map { "\($0.name): \($0.message)" }
        #expect(
            wrong == [
                "skew: the clock of b:2 is 600 s behind, and 1 more",
                "wake-ups: the sweeper found 2 lanes that nobody had woken", "pauses: tier free: audit",
                "replays: replay 4 has halted; replay 5 has halted",
            ]
        )
    }

    @Test func `a worker's clock counts only if it is stored, and from thirty seconds on`() async throws {
        #expect(try await UpkeepHealth.read(from: pool).skewed.isEmpty)
        try await execute(
            """
            alter table usher.worker add column if not exists skew_ms integer;
            insert into usher.worker (name, expires_at) values ('a', now() + '1 hour'), ('b', now() + '1 hour');
            update usher.worker set skew_ms = case name when 'a' then -30001 else 29999 end
            """
        )
        let skewed = try await UpkeepHealth.read(from: pool).skewed
        #expect(skewed.map(\.worker) == ["a"])
        #expect(skewed.map(\.ahead_ms) == [-30_001])
    }
}

/// The folder of the migrations, for commands that are run elsewhere.
private enum MigrationsHere {
    static var folder: String { ExampleFiles.folder.deletingLastPathComponent().appending(path: "migrations").path() }
}
