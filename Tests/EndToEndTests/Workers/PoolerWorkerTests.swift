import Foundation
import Onboarding
import Postgres
import Simulator
import TestSupport
import Testing
import usher

/// Workers, commands and callers that reach the database through PgBouncer only.
@Suite(.timeLimit(.minutes(10)))
struct PoolerWorkerTests {
    @Test(.database) func `from queueing to enforced through a pooler in transaction mode`() async throws {
        try await PgBouncer.with(servers: 4) { pooler in
            try await WorkerWorld.with(database: pooler.url) { world in
                try await world.prepare()
                for number in 0..<20 { try await world.enqueue("h\(number).acme-usher.com") }
                for number in [1, 2] { try await world.workers.start(number) }
                #expect(try await eventually { try await world.enforced() == 20 })
                #expect(try await eventually { try await world.historyIsSound(jobs: 20) })
                await world.workers.stop()
                #expect(try await world.count("select count(*) from usher.worker where ending = 'stopped'") == 2)
                for number in [1, 2] {
                    let log = try String(contentsOfFile: world.workers.log(of: number), encoding: .utf8)
                    #expect(!log.contains("error="), "\(log.suffix(2_000))")
                }
            }
        }
    }

    @Test(.emptyDatabase) func `migrations and commands work through a pooler too`() async throws {
        try await PgBouncer.with { pooler in
            let environment = ["USHER_DATABASE_URL": pooler.url]
            let folder = WorkerWorld.migrationsFolder
            let up = try await UsherProcess.run(["migrate", "up", "--folder", folder], environment: environment)
            #expect(up.status == 0, "\(up.errors)")
            let list = try await UsherProcess.run(["job", "list", "--json"], environment: environment)
            #expect(list.status == 0, "\(list.errors)")
        }
    }
}
