import Postgres
import TestSupport
import Testing

/// Workers of the version before call these, by position, while the new schema is in force.
@Suite(.database)
struct OldWorkerTests {
    private let queue = QueueFixture()

    @Test func `a worker of the version before claims, settles, beats and leaves`() async throws {
        try await queue.fill("acme", jobs: 3)
        try await queue.run("select usher.register_worker('old', interval '20 s')")
        try await queue.run("select alive, cancel_requested from usher.heartbeat(1, interval '20 s')")
        let claim = "select job_id, attempt_id from usher.claim(1, 1, interval '5 minutes')" as Statement
        let claimed = try await queue.pool.session { db throws(PostgresError) in
            [try db.one(claim, as: (Int64, Int64).self), try db.one(claim, as: (Int64, Int64).self)]
        }
        let (done, waiting) = (claimed[0], claimed[1])
        let settlements = """
            [{"job_id": \(done.0), "attempt_id": \(done.1), "outcome": "done", "reason": "enforced",
              "provider_calls": 2, "detail": {"a": 1}},
             {"job_id": \(waiting.0), "attempt_id": \(waiting.1), "outcome": "deferred", "delay_ms": 60000,
              "reason": "waiting_tenant", "actor": "tenant", "provider_calls": 0, "detail": {}}]
            """
        let accepted = try await queue.pool.session { db throws(PostgresError) in
            try db.one("select usher.settle(1, \(JSONText(settlements)))", as: [Int64].self)
        }
        #expect(Set(accepted) == [done.1, waiting.1])
        #expect(
            try await queue.count(
                """
                select count(*) from usher.attempt
                where outcome = 'done' and reason = 'enforced' and provider_calls = 2 and detail = '{"a": 1}'
                  and number = 1
                """
            ) == 1
        )
        #expect(try await queue.count("select count(*) from usher.deferred where actor = 'tenant'") == 1)
        try await queue.run("select * from usher.claim(1, 1)")
        #expect(try await queue.count("select usher.release_unknown(1, '{}')") == 1)
        #expect(try await queue.count("select usher.rescue(10, 5)") == 0)
        #expect(try await queue.count("select cardinality(usher.settle(1, '[]'))") == 0)
        try await queue.run("select usher.stop_worker(1)")
        #expect(try await queue.count("select count(*) from usher.worker where ending = 'stopped'") == 1)
        #expect(try await queue.count("select count(*) from usher.misplaced") == 0)
    }
}
