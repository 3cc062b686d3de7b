import Postgres

/// How benches enqueue; the one place that knows the form of the SQL API.
enum EnqueueCall {
    /// One job of one of the tenants; answers its number.
    static func one(of tenants: BenchTenants, _ number: Int) -> Statement {
        """
        with placed as (
            insert into usher.job (kind, lane_id, priority, payload)
            select 'bench', lane_id, 0, jsonb_build_object('n', \(number))
            from usher.lane where name = \("\(tenants.prefix)-\(1 + number % tenants.count)")
            returning job_id, lane_id
        ), ready as (
            insert into usher.ready (job_id, lane_id, priority) select job_id, lane_id, 0 from placed
        ), woken as (
            insert into usher.lane_wake (lane_id) select lane_id from placed
        )
        select job_id from placed
        """
    }

    /// The same as a script for pgbench.
    static func script(for tenants: BenchTenants) -> String {
        """
        \\set tenant random(1, \(tenants.count))
        with placed as (
            insert into usher.job (kind, lane_id, priority, payload)
            select 'bench', lane_id, 0, jsonb_build_object('n', :tenant::integer)
            from usher.lane where name = '\(tenants.prefix)-' || :tenant::integer
            returning job_id, lane_id
        ), ready as (
            insert into usher.ready (job_id, lane_id, priority) select job_id, lane_id, 0 from placed
        ), woken as (
            insert into usher.lane_wake (lane_id) select lane_id from placed
        )
        select job_id from placed;
        """
    }
}
