package import Logging
package import Postgres
import Synchronization

/// The intake in PostgreSQL; its rules live in the functions of `migrations/0015_enqueue.sql`.
package struct PostgresIntake: Intake {
    private static let channel = "usher_work"

    private let pool: PostgresPool
    private let settings: ConnectionSettings
    private let logger: Logger
    /// Set by the first notification: behind PgBouncer in transaction mode LISTEN is taken, and nothing ever comes.
    private let hears = Flag()

    /// - Parameter settings: For the connection that listens, which is one of its own.
    package init(pool: PostgresPool, settings: ConnectionSettings, logger: Logger) {
        self.pool = pool
        self.settings = settings
        self.logger = logger
    }

    package func listen(_ heard: @escaping @Sendable () -> Void) async {
        let listener = PostgresListener(channels: [Self.channel], settings: settings, logger: logger)
        await withDiscardingTaskGroup { tasks in
            tasks.addTask { await listener.run() }
            for await hint in listener.hints(on: Self.channel) {
                switch hint {
                case .connected:
                    // Calls itself: only what is heard proves that there is a way.
                    tasks.addTask { try? await execute("select pg_notify(\(Self.channel), '')") }
                case .notified:
                    if hears.raise() { logger.info("new work is heard of at once") }
                }
                heard()
            }
            tasks.cancelAll()
        }
    }

    package func fallAsleep() async throws -> Bool {
        guard hears.isUp else { return false }
        try await execute("select usher.fall_asleep()")
        return true
    }

    package func wakeUp() async throws {
        try await execute("select usher.wake_up()")
    }

    package func tend() async throws {
        try await execute("select usher.tend_intake()")
    }

    private func execute(_ statement: Statement) async throws {
        _ = try await pool.session { db throws(PostgresError) in try db.execute(statement) }
    }
}

/// Goes up once.
private final class Flag: Sendable {
    private let state = Mutex(false)

    var isUp: Bool { state.withLock { $0 } }

    /// Answers whether it was down.
    func raise() -> Bool {
        state.withLock { up in
            defer { up = true }
            return !up
        }
    }
}
