import JobQueue
import Logging
import Postgres
import TestSupport

/// Jobs that have ended or wait, made by the thousand, and workers' settlements without workers.
struct OperateWorld {
    let pool: PostgresPool
    let orders: Orders

    init() {
        pool = PostgresPool(TestDatabase.current.settings, size: 4, logger: .quiet)
        orders = Orders(pool: pool, actor: "tester")
    }

    /// Dead jobs of as many hostnames, dealt to the tenants `t1` …; as an outage leaves them.
    func makeDead(_ count: Int, tenants: Int = 10, errorClass: String = "provider_down") async throws {
        let host = errorClass.replacing("_", with: "-")
        try await addTenants(tenants)
        try await pool.transaction { db throws(PostgresError) in
            _ = try db.execute(
                """
                insert into usher.hostname (tenant, name, wish)
                select 't' || 1 + n % \(tenants), 'h' || n || '-' || \(host) || '.shop.com', '{}'
                from generate_series(1, \(count)) as n
                """
            )
            _ = try db.execute(
                """
                with added as (
                    insert into usher.job (kind, lane_id, subject_id, priority)
                    select 'onboard', t.lane_id, h.hostname_id, 0
                    from usher.hostname h join usher.tenant t using (tenant)
                    where h.name like 'h%-' || \(host) || '.shop.com' order by h.hostname_id
                    returning job_id
                )
                insert into usher.ended (job_id, state, outcome, error_class, code, message, actor, attempts)
                select job_id, 'failed', 'failed', \(errorClass), '521', 'no', 'provider', 3 from added
                """
            )
        }
    }

    /// The tenants `t1` … on one tier.
    func addTenants(_ count: Int) async throws {
        try await pool.transaction { db throws(PostgresError) in
            _ = try db.execute(
                """
                insert into usher.tier (name, revision, weight, max_running) values ('free', 1, 1, 100)
                on conflict (name) do nothing
                """
            )
            _ = try db.execute(
                """
                insert into usher.policy (tier, revision, document, checksum, author, reason)
                values ('free', 1, '{}', repeat('a', 64), 'test', 'test') on conflict do nothing
                """
            )
            _ = try db.execute(
                "select usher.set_tier('t' || n, 'free', 'e1', 1) from generate_series(1, \(count)) as n"
            )
        }
    }

    /// Ends everything that is ready, one job of `failing` badly; as workers would.
    ///
    /// - Returns: How many ended.
    @discardableResult
    func endReady(oneFailsOf failing: Int? = nil) async throws -> Int {
        try await pool.transaction { db throws(PostgresError) in
            try db.one(
                """
                with gone as (
                    delete from usher.ready returning job_id, attempts
                ), freed as (
                    delete from usher.live where job_id in (select job_id from gone)
                ), marked as (
                    insert into usher.ended (job_id, state, outcome, error_class, message, actor, attempts)
                    select job_id, case when bad then 'failed' else 'done' end, 'ended',
                           case when bad then 'rejected' end, 'no', 'us', 1
                    from (select job_id, coalesce(row_number() over (order by job_id) % \(failing) = 0, false) as bad
                          from gone) as g
                    returning job_id
                )
                select count(*) from marked
                """,
                as: Int.self
            )
        }
    }

    /// Steps and ends jobs in turn until the replay is in one of these states.
    func carryOn(
        _ replayID: Int64,
        until states: Set<String>,
        oneFailsOf failing: Int? = nil
    ) async throws -> ReplayStatus {
        let stepper = ReplayStepper(pool: pool, logger: .quiet)
        for _ in 0..<500 {
            try await endReady(oneFailsOf: failing)
            _ = try await stepper.step()
            let status = try await ReplayStatus.read(replayID, from: pool)
            if states.contains(status.state) { return status }
        }
        return try await ReplayStatus.read(replayID, from: pool)
    }

    func count(_ statement: Statement) async throws -> Int {
        try await pool.session { db throws(PostgresError) in try db.one(statement, as: Int.self) }
    }

    func execute(_ statement: Statement) async throws {
        _ = try await pool.session { db throws(PostgresError) in try db.execute(statement) }
    }
}
