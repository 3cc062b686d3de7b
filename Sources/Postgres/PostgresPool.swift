package import Logging
import Synchronization

/// A few connections shared by many tasks, made when first needed and replaced when lost.
///
/// Until it has connected once, a failure to connect is thrown at once: a wrong address shows at the start. From then
/// on it tries again, with growing random pauses, as long as the caller's deadline allows. Work that has begun on a
/// connection is never repeated here; see `PostgresError.isRetryable`.
package struct PostgresPool: Sendable {
    private let settings: ConnectionSettings
    private let logger: Logger
    private let places: PoolPlaces
    private let hasConnected = SharedFlag()

    /// Opens no connection yet.
    package init(_ settings: ConnectionSettings, size: Int = 4, logger: Logger) {
        self.settings = settings
        self.logger = logger
        self.places = PoolPlaces(size: size)
    }

    /// Runs statements that are one unit; see `PostgresConnection.transaction`.
    ///
    /// - Parameter deadline: From now, the waits for a place and for a connection included.
    package func transaction<Value: Sendable>(
        deadline: Duration? = nil,
        fileID: String = #fileID,
        line: Int = #line,
        _ body: @Sendable (borrowing Session) throws(PostgresError) -> Value
    ) async throws(PostgresError) -> Value {
        let location = SourceLocation(fileID: fileID, line: line)
        return try await use(deadline, location) { connection, deadline throws(PostgresError) in
            try await connection.transaction(until: deadline, location, body)
        }
    }

    /// Runs statements that each stand for themselves, or a pipeline; see `PostgresConnection.session`.
    ///
    /// - Parameter deadline: From now, the waits for a place and for a connection included.
    package func session<Value: Sendable>(
        deadline: Duration? = nil,
        fileID: String = #fileID,
        line: Int = #line,
        _ body: @Sendable (borrowing Session) throws(PostgresError) -> Value
    ) async throws(PostgresError) -> Value {
        let location = SourceLocation(fileID: fileID, line: line)
        return try await use(deadline, location) { connection, deadline throws(PostgresError) in
            try await connection.session(until: deadline, location, body)
        }
    }

    /// Closes the connections, those in use when their work is done; later calls throw `closed`.
    package func close() {
        places.close()
    }
}

extension PostgresPool {
    private typealias Instant = ContinuousClock.Instant

    private func use<Value: Sendable>(
        _ deadline: Duration?,
        _ location: SourceLocation,
        _ work: (PostgresConnection, Instant?) async throws(PostgresError) -> Value
    ) async throws(PostgresError) -> Value {
        let deadline = settings.instant(deadline)
        var connection: PostgresConnection?
        switch await places.take(until: deadline) {
        case .use(let idle): connection = idle
        case .connect: break
        case .closed: throw PostgresError(.closed, "the pool is closed", location: location)
        case .interrupted(let reason): throw PostgresError(reason, statement: nil, location: location)
        }
        defer { places.giveBack(connection) }
        while true {
            do throws(PostgresError) {
                if let connection { return try await work(connection, deadline) }
                connection = try await connect(until: deadline, location)
            } catch {
                // Lost before the work began, so another connection may do it.
                guard error.kind == .closed else { throw error }
                connection = nil
            }
        }
    }

    private func connect(
        until deadline: Instant?,
        _ location: SourceLocation
    ) async throws(PostgresError)
        -> PostgresConnection
    {
        var backoff = Backoff()
        while true {
            do throws(PostgresError) {
                let connection = try await PostgresConnection.connect(settings, until: deadline, location, logger)
                hasConnected.raise()
                return connection
            } catch {
                guard error.kind == .connection, hasConnected.isRaised else { throw error }
                let pause = backoff.next()
                if let deadline, .now.advanced(by: pause) >= deadline { throw error }
                logger.warning("no connection, trying again", metadata: ["error": "\(error)", "pause": "\(pause)"])
                guard (try? await Task.sleep(for: pause)) != nil else {
                    throw PostgresError(Interruption.cancelled, statement: nil, location: location)
                }
            }
        }
    }
}

/// Whether something has happened at least once.
private final class SharedFlag: Sendable {
    private let value = Atomic(false)

    var isRaised: Bool { value.load(ordering: .relaxed) }

    func raise() {
        value.store(true, ordering: .relaxed)
    }
}
