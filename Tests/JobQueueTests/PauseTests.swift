import JobQueue
import Postgres
import TestSupport
import Testing

@Suite(.database)
struct PauseTests {
    private let queue = QueueFixture()

    private func fill() async throws {
        for name in ["a", "b"] { try await queue.fill(name, jobs: 2) }
        try await queue.run("update usher.lane set tier = 'free' where name = 'a'")
    }

    private func pause(_ scope: String, _ name: String) async throws {
        try await queue.run("select usher.pause(\(scope), \(name), null, 'a test')")
    }

    private func resume(_ scope: String, _ name: String) async throws {
        try await queue.run("select usher.resume(\(scope), \(name), 'it is over')")
    }

    @Test(arguments: [("all", "", 0), ("tier", "free", 2), ("tenant", "b", 2), ("kind", "test", 0)])
    func `what is paused is not claimed until it is resumed`(scope: String, name: String, others: Int) async throws {
        try await fill()
        let worker = try await queue.register()
        try await pause(scope, name)
        #expect(try await queue.claim(worker, 10).count == others)
        #expect(try await queue.claim(worker, 10).isEmpty)
        try await resume(scope, name)
        #expect(try await queue.claim(worker, 10).count == 4 - others)
        #expect(try await queue.count("select count(*) from usher.audit where action in ('pause', 'resume')") == 2)
        #expect(try await queue.count("select count(*) from usher.misplaced") == 0)
    }

    @Test func `nothing is claimed while a pause is being ended, so that no job falls between the two`() async throws {
        try await fill()
        let worker = try await queue.register()
        try await pause("kind", "test")
        #expect(try await queue.claim(worker, 10).isEmpty)
        try await queue.fill("c", jobs: 1)
        try await HeldTransaction.during("select usher.resume('kind', 'test', 'it is over')") {
            let (claimed, left) = (
                try await queue.claim(worker, 10), try await queue.count("select count(*) from usher.ready")
            )
            #expect(claimed.isEmpty)
            #expect(left == 1, "it was not put off without an end")
        }
        #expect(try await queue.claim(worker, 10).count == 5)
    }

    @Test(arguments: [("all", ""), ("tier", "free"), ("tenant", "a"), ("kind", "test")])
    func `a pause ends with its time, and nobody has to act`(scope: String, name: String) async throws {
        try await fill()
        let worker = try await queue.register()
        try await pause(scope, name)
        let before = try await queue.claim(worker, 10).count
        try await queue.run("update usher.pause_order set until_at = now()")
        try await queue.makeDue()
        #expect(try await queue.claim(worker, 10).count == 4 - before)
        #expect(try await queue.count("select count(*) from usher.pause_order where ending = 'expired'") == 1)
    }

    @Test func `what is enqueued while its tenant is paused waits too, and work of other kinds goes on`() async throws {
        try await fill()
        let worker = try await queue.register()
        try await pause("tenant", "a")
        _ = try await queue.claim(worker, 10)
        try await queue.fill("a", jobs: 1, from: 100)
        #expect(try await queue.claim(worker, 10).isEmpty)
        try await resume("tenant", "a")
        try await pause("kind", "other")
        #expect(try await queue.claim(worker, 10).count == 3)
    }

    @Test func `an order names a scope there is, a time to come and a reason`() async throws {
        for bad in [
            "select usher.pause('zone', 'a', null, 'why')", "select usher.pause('tenant', '', null, 'why')",
            "select usher.pause('all', '', now() - interval '1 s', 'why')", "select usher.pause('all', '', null, '')",
        ] as [Statement] {
            await #expect(throws: PostgresError.self) { try await queue.run(bad) }
        }
    }
}
