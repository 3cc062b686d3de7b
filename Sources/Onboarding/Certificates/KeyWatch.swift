package import Logging
package import Postgres
import ServiceLifecycle

/// Looks at a worker's key file again and again, and wakes the jobs that wait for a key it holds.
package struct KeyWatch: Service {
    private let keys: WorkerKeys
    private let store: SealingKeyStore
    private let pause: Duration
    private let logger: Logger

    /// - Parameter pause: Between two looks.
    package init(keys: WorkerKeys, pool: PostgresPool, pause: Duration = .seconds(5), logger: Logger) {
        self.keys = keys
        store = SealingKeyStore(pool: pool)
        self.pause = pause
        self.logger = logger
    }

    /// Runs until shutdown; trouble is logged and tried again.
    package func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                await look()
                try? await Task.sleep(for: pause)
            }
        }
    }

    private func look() async {
        do {
            if try keys.refresh() { logger.notice("key file read again", metadata: ["keys": "\(keys.ring)"]) }
        } catch {
            logger.error("key file left as it was read before", metadata: ["error": "\(error)"])
        }
        do {
            let woken = try await store.wake(for: keys.ring.ids)
            if woken > 0 { logger.notice("jobs woken for their key", metadata: ["jobs": "\(woken)"]) }
        } catch {
            if !Task.isCancelled { logger.warning("jobs not woken for their key", metadata: ["error": "\(error)"]) }
        }
    }
}
