package import Logging
import ServiceLifecycle

/// Hears NOTIFY on a connection of its own, and goes on trying when that is lost.
///
/// What it hears are hints to look at the tables now: while it is not connected hints are lost, so whoever follows them
/// also has to look from time to time. Hints not yet taken are one. Behind a pooler it hears nothing, says so once, and
/// stays quiet: LISTEN would stick to a server connection that somebody else uses next.
package struct PostgresListener: Service {
    /// Why it may be worth looking.
    package enum Hint: Hashable, Sendable {
        case notified(payload: String)
        /// Connected again: something may have been missed.
        case connected
    }

    private struct Channel: Sendable {
        let name: String
        let hints: AsyncStream<Hint>
        let continuation: AsyncStream<Hint>.Continuation
    }

    private let channels: [Channel]
    private let settings: ConnectionSettings
    private let logger: Logger

    /// Connects when run.
    package init(channels: [String], settings: ConnectionSettings, logger: Logger) {
        self.channels = channels.map { name in
            let (hints, continuation) = AsyncStream<Hint>.makeStream(bufferingPolicy: .bufferingNewest(1))
            return Channel(name: name, hints: hints, continuation: continuation)
        }
        self.settings = settings
        self.logger = logger
    }

    /// The hints of one channel, for one reader; ended when the listener ends, at once for a channel it has not.
    package func hints(on channel: String) -> AsyncStream<Hint> {
        channels.first { $0.name == channel }?.hints ?? AsyncStream { $0.finish() }
    }

    /// Listens until the task is cancelled or the service shuts down.
    package func run() async {
        await cancelWhenGracefulShutdown {
            var backoff = Backoff()
            while !Task.isCancelled {
                do throws(PostgresError) {
                    try await listen { backoff.reset() }
                    logger.notice("a connection pooler stands between: not listening, looking from time to time")
                    return await Self.untilCancelled()
                } catch {
                    if Task.isCancelled { break }
                    logger.warning("not listening, trying again", metadata: ["error": "\(error)"])
                    // Ends early only by cancellation, which the loop looks at.
                    try? await Task.sleep(for: backoff.next())
                }
            }
        }
        for channel in channels { channel.continuation.finish() }
    }

    /// Listens until the connection is lost; returns at once if there is nothing to be heard on it.
    private func listen(_ connected: () -> Void) async throws(PostgresError) {
        let connection = try await PostgresConnection.connect(settings, logger: logger)
        if await connection.isPooled { return await connection.close() }
        try await connection.session { db throws(PostgresError) in
            for channel in channels { try db.execute("listen \(identifier: channel.name)") }
        }
        connected()
        for channel in channels { channel.continuation.yield(.connected) }
        // No deadline: how long it stays quiet says nothing. A peer that vanished is noticed by TCP keep-alives.
        try await connection.session(until: nil, SourceLocation()) { db throws(PostgresError) in
            while true {
                for notification in try db.notifications() { deliver(notification) }
            }
        }
    }

    private static func untilCancelled() async {
        let (silence, end) = AsyncStream<Never>.makeStream()
        for await _ in silence {}
        end.finish()
    }

    private func deliver(_ notification: Notification) {
        guard let channel = channels.first(where: { $0.name == notification.channel }) else { return }
        channel.continuation.yield(.notified(payload: notification.payload))
    }
}
