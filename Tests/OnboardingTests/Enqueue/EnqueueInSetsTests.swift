import Foundation
import Onboarding
import Postgres
import TestSupport
import Testing

@Suite(.database)
struct EnqueueInSetsTests {
    private let seed = Double.random(in: -0.5...0.4)

    /// Tiers without limits, with a quota of hostnames, and with one of hostnames and one of pending jobs.
    private func prepare(_ db: borrowing Session, pending: Int?) throws(PostgresError) {
        try db.execute("begin")
        try db.execute(
            """
            insert into usher.policy (tier, revision, document, checksum, author, reason)
            select t, 1, '{}', repeat('a', 64), 'test', 'test' from unnest(array['gold', 'small', 'tiny']) t
            """
        )
        try db.execute(
            """
            insert into usher.tier (name, revision, weight, max_running, hostname_quota, pending_quota)
            values ('gold', 1, 10, 100, null, null), ('small', 1, 1, 4, 5, null),
                   ('tiny', 1, 1, 4, 6, \(pending)::integer)
            """
        )
        try db.execute("commit")
        try db.execute(
            """
            select usher.set_tier(tier || n, tier, 'e', 1)
            from unnest(array['gold', 'small', 'tiny']) tier cross join generate_series(1, 2) n
            """
        )
    }

    private func differences(pending: Int?, to function: String) async throws -> [String] {
        let connection = try await TestDatabase.current.connect()
        let old = try RowByRow.functionsOfOld()
        let answer = try await connection.session(deadline: .seconds(300)) { db throws(PostgresError) in
            try prepare(db, pending: pending)
            for function in old + RowByRow.functions { try db.execute(function) }
            return try db.query(
                """
                select d from (select pg_temp.difference(\(seed)::float8 + n / 1000.0, 1 + n, \(function)) as d
                               from generate_series(0, 29) n) t where d is not null
                """,
                as: String.self
            )
        }
        await connection.close()
        return answer
    }

    @Test func `rows at once are answered as they were one by one before`() async throws {
        let found = try await differences(pending: nil, to: "usher.old_try_enqueue")
        #expect(found.isEmpty, "seed \(seed)")
    }

    @Test func `rows at once are answered as one by one, pending quotas too`() async throws {
        let found = try await differences(pending: 3, to: "usher.try_enqueue")
        #expect(found.isEmpty, "seed \(seed)")
    }

    @Test func `a batch asked twice under one key is one batch, and another under it is refused`() async throws {
        let connection = try await TestDatabase.current.connect()
        try await connection.session { db throws(PostgresError) in
            try prepare(db, pending: nil)
            let rows = #"[{"tenant": "gold1", "hostname": "a.shop.com"}]"#
            for _ in 1...2 {
                let batch = try db.one(
                    """
                    select batch_id, accepted from usher.enqueue_batch(\(rows)::jsonb, 'b', idempotency_key => 'k')
                    """,
                    as: (Int64, Int).self
                )
                #expect(batch == (1, 1))
            }
            #expect(try db.one("select count(*) from usher.batch", as: Int.self) == 1)
            do throws(PostgresError) {
                try db.execute("select usher.enqueue_batch('[]', 'b', idempotency_key => 'k')")
                Issue.record("another request under the same key was taken")
            } catch {
                #expect(error.sqlState == "UE030")
            }
        }
        await connection.close()
    }
}
