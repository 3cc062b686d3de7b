package import Logging
package import Postgres
import ServiceLifecycle

/// What any worker does beside its jobs: recurring work when it is due, statistics folded, the queue's depth looked at.
///
/// Each piece is decided in the database under a lock, so it does not matter how many workers there are.
package struct Upkeep: Service {
    private let pool: PostgresPool
    private let schedule: ScheduleStore
    private let pause: Duration
    private let logger: Logger

    /// - Parameters:
    ///   - pool: Two connections; retention may hold one of them for minutes.
    ///   - pause: Longest pause between two looks; each is drawn from its upper half.
    package init(pool: PostgresPool, pause: Duration = .seconds(1), logger: Logger) {
        self.pool = pool
        schedule = ScheduleStore(pool: pool, logger: logger)
        self.pause = pause
        self.logger = logger
    }

    /// Runs until graceful shutdown or cancellation; losing the database is survived.
    package func run() async throws {
        await cancelWhenGracefulShutdown {
            await withTaskGroup { tasks in
                tasks.addTask { await again { try await runSchedule() } }
                tasks.addTask { await again { try await countQueue() } }
            }
        }
    }

    private func again(_ body: () async throws -> Void) async {
        while !Task.isCancelled {
            try? await Task.sleep(for: pause * Double.random(in: 0.5...1))
            do {
                try await body()
            } catch {
                if Task.isCancelled { return }
                logger.warning("upkeep failed; tried again", metadata: ["error": "\(error)"])
            }
        }
    }

    private func runSchedule() async throws {
        _ = try await schedule.fireDue()
        while try await schedule.perform() {}
    }

    private func countQueue() async throws {
        try await QueueDepth.refresh(in: pool)
    }
}
