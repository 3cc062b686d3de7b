package import Logging
package import Postgres
import ServiceLifecycle

/// Carries replays on: a step now and then, by any worker, one at a time for all of them.
///
/// Each step is a transaction of its own on the server, so a worker that is killed in one leaves nothing half done.
package struct ReplayStepper: Service {
    private let pool: PostgresPool
    private let interval: Duration
    private let logger: Logger

    /// - Parameter interval: Longest pause between two steps; each is drawn from its upper half.
    package init(pool: PostgresPool, interval: Duration = .seconds(2), logger: Logger) {
        self.pool = pool
        self.interval = interval
        self.logger = logger
    }

    /// Runs until shutdown; trouble is survived.
    package func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                try? await Task.sleep(for: interval * Double.random(in: 0.5...1))
                do {
                    if let step = try await step() { note(step) }
                } catch {
                    if Task.isCancelled { return }
                    logger.warning("a replay could not go on; tried again", metadata: ["error": "\(error)"])
                }
            }
        }
    }

    /// Takes the replay that waited longest one step on.
    ///
    /// - Returns: `nil` if there is none under way.
    package func step() async throws(PostgresError) -> (replayID: Int64, state: String, queued: Int)? {
        let row = try await pool.transaction { db throws(PostgresError) in
            try db.one(
                "select replay_id, state, coalesce(queued, 0) from usher.replay_step()",
                as: (Int64?, String?, Int).self
            )
        }
        guard let replayID = row.0, let state = row.1 else { return nil }
        return (replayID, state, row.2)
    }

    private func note(_ step: (replayID: Int64, state: String, queued: Int)) {
        guard step.queued > 0 || step.state == "halted" else { return }
        logger.info(
            "replay stepped on",
            metadata: ["replay": "\(step.replayID)", "state": "\(step.state)", "queued": "\(step.queued)"]
        )
    }
}
