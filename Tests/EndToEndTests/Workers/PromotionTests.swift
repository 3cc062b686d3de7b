import Foundation
import Onboarding
import Postgres
import Simulator
import TLSPolicy
import TestSupport
import Testing
import usher

/// The primary is lost and its standby takes over, with the last commits missing.
@Suite(.timeLimit(.minutes(5)))
struct PromotionTests {
    @Test func `workers find the new primary by themselves, and what had reached it ends once`() async throws {
        let primary = try await LocalCluster.start(.fast)
        let folder = WorkerWorld.migrationsFolder
        let settings = ConnectionSettings(url: primary.connectionURL())
        _ = try await Migrator(folder: folder, settings: settings, logger: .quiet).up()
        let standby = try await LocalCluster.startStandby(of: primary)
        let hosts = "\(primary.folder),\(standby.folder)"
        let url = "postgresql:///postgres?host=\(hosts)&user=postgres&target_session_attrs=read-write"
        try await WorkerWorld.with(database: url) { world in
            try await world.prepare()
            for number in [1, 2] { try await world.workers.start(number) }
            var promised: Set<Int64> = []
            for number in 0..<30 {
                promised.insert(try await world.promise("h\(number).acme-usher.com"))
            }
            #expect(try await eventually { world.simulator.snapshot().hostnames.count >= 5 })
            await primary.stop()
            try await standby.promote()

            // Asynchronous: a job answered for in the last moment may be gone. Its caller asks again, as after doubt.
            let kept = Set(try await world.jobs())
            for number in 0..<30 { _ = try await world.promise("h\(number).acme-usher.com") }
            let history = try await world.settledHistory()
            let ended = Set(history.ends.map(\.job))
            #expect(promised.intersection(kept).isSubset(of: ended), "what had reached the standby has ended")
            #expect(kept.isSubset(of: ended))
            #expect(try await world.enforced() == 30)
            // The provider was ahead of the database where commits were lost: found and adopted, never made twice.
            #expect(world.simulator.snapshot().hostnames.count == 30)
            let violations = HistoryCheck(history).violations().filter { violation in
                if case .finishedInVain = violation { false } else { true }
            }
            #expect(violations.isEmpty, "\(violations)")
        }
        await standby.stop()
    }
}

extension WorkerWorld {
    fileprivate func promise(_ hostname: String) async throws -> Int64 {
        try await EnqueueStore(pool: pool).enqueue(tenant: "acme", hostname: hostname, wish: HostnameWish()).jobID
    }

    fileprivate func jobs() async throws -> [Int64] {
        try await pool.session { db throws(PostgresError) in
            try db.query("select job_id from usher.job", as: Int64.self).map { $0 }
        }
    }

    /// The history once nothing is under way any more.
    fileprivate func settledHistory() async throws -> History {
        let left: Statement = """
            select (select count(*) from usher.ready) + (select count(*) from usher.lease)
                 + (select count(*) from usher.deferred)
            """
        #expect(try await eventually(within: .seconds(120)) { try await patiently(left) == 0 })
        return try await History.read(from: pool)
    }
}
