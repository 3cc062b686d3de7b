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
    /// Connections that enqueue at once.
    static let enqueuers = 2

    /// Queues so many no-op jobs, dealt to the tenants in turn; the server makes them up.
    func load(_ jobs: Int, for tenants: BenchTenants) async throws {
        try await enqueue(jobs, 50_000) { EnqueueCall.made($0, of: tenants) }
    }

    /// The same as a client does it, and at which rate, in jobs a second.
    func enqueueInBulk(_ jobs: Int, rowsOfACall rows: Int, for tenants: BenchTenants) async throws -> Double {
        let start = ContinuousClock.now
        try await enqueue(jobs, rows) { EnqueueCall.many($0, of: tenants) }
        return Double(jobs) / ((ContinuousClock.now - start) / .seconds(1))
    }

    private func enqueue(
        _ jobs: Int,
        _ portion: Int,
        _ call: @escaping @Sendable (Range<Int>) -> Statement
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            for enqueuer in 0..<Self.enqueuers {
                tasks.addTask {
                    for first in stride(from: enqueuer * portion, to: jobs, by: Self.enqueuers * portion) {
                        let numbers = first..<min(jobs, first + portion)
                        guard try await count(call(numbers)) == numbers.count else {
                            throw Failure("a call did not enqueue all \(numbers.count) jobs")
                        }
                    }
                }
            }
            try await tasks.waitForAll()
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
