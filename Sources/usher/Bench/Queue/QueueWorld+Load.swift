import Onboarding
import Postgres
import TLSPolicy

/// Tenants of one tier, named `prefix-1` and so on.
struct BenchTenants: Sendable {
    var prefix: String
    var count: Int
    var weight = 1
    /// How many jobs each may have running.
    var running: Int

    /// Each in a lane of its own, by the way tenants come into being in earnest: a tier, and a billing event for each.
    func join(_ world: QueueWorld) async throws {
        let policy = TierPolicy(minimumTLS: .v1_2, limits: TierLimits(running: running), weight: weight)
        _ = try await TierStore(pool: world.pool).apply([(prefix, policy)], author: "bench", reason: "bench")
        try await world.execute(
            """
            select count(usher.set_tier(\(prefix) || '-' || i, \(prefix), 'bench', 1))
            from generate_series(1, \(count)::integer) i
            """
        )
    }
}

extension QueueWorld {
    /// Queues so many no-op jobs, dealt to the tenants in turn.
    ///
    /// Set by set, as the tables' owner: what is measured with this backlog is what comes after it.
    func load(_ jobs: Int, for tenants: BenchTenants) async throws {
        let portion = 250_000
        for first in stride(from: 0, to: jobs, by: portion) {
            try await execute(
                """
                with lanes as materialized (
                    select array_agg(lane_id order by lane_id) as ids
                    from usher.lane where name ~ \("^\(tenants.prefix)-")
                ), jobs as (
                    insert into usher.job (kind, lane_id, priority, payload)
                    select 'bench', (select ids from lanes)[1 + i % \(tenants.count)], 0, jsonb_build_object('n', i)
                    from generate_series(\(first), \(min(jobs, first + portion) - 1)) i
                    returning job_id, lane_id
                ), placed as (
                    insert into usher.ready (job_id, lane_id, priority) select job_id, lane_id, 0 from jobs
                    returning lane_id
                )
                insert into usher.lane_wake (lane_id) select distinct lane_id from placed
                """
            )
        }
    }
}

extension QueueWorld {
    /// Keeps about so many jobs queued for so long; they are there already when it begins.
    func keepLoaded(
        _ tenants: BenchTenants,
        _ backlog: Int,
        since mark: HistoryMark,
        for length: Duration,
        _ workers: WorkerProcesses
    ) async throws {
        let portion = max(1000, backlog / 10)
        let deadline = ContinuousClock.now + length
        var loaded = backlog
        while ContinuousClock.now < deadline {
            if loaded - (try await claims(since: mark)) <= backlog - portion {
                try await load(portion, for: tenants)
                loaded += portion
            } else {
                try check(workers)
                try await Task.sleep(for: .milliseconds(50))
            }
        }
    }
}
