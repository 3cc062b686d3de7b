import CLibPQ
import Glibc
package import Logging

/// One connection to PostgreSQL, on a thread of its own.
///
/// Work is a synchronous closure that runs on that thread from start to end; calls made meanwhile wait their turn.
/// When a deadline or a cancellation ends a statement midway, the connection is closed: what the server still sends
/// for it can be told from nothing else, and `PQcancel` would itself need a network that may be the trouble. The
/// server's `statement_timeout` ends the work there.
package actor PostgresConnection {
    // First, so that it also ends first: `notices` has to outlive it.
    private var handle: ConnectionHandle?
    private let notices: NoticeLog
    private let thread: ConnectionThread
    private let wake: WakePipe
    private let settings: ConnectionSettings
    private var pooling = Pooling.direct

    package nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    private init(settings: ConnectionSettings, wake: WakePipe, logger: Logger) {
        self.thread = ConnectionThread(name: "postgres")
        self.wake = wake
        self.settings = settings
        self.notices = NoticeLog(logger: logger)
    }

    deinit {
        thread.stop()
    }

    /// Connects; a cancelled task or a passed deadline stops waiting, and the attempt ends by itself.
    package static func connect(
        _ settings: ConnectionSettings,
        logger: Logger,
        deadline: Duration? = nil,
        fileID: String = #fileID,
        line: Int = #line
    ) async throws(PostgresError) -> PostgresConnection {
        let location = SourceLocation(fileID: fileID, line: line)
        return try await connect(settings, until: settings.instant(deadline), location, logger)
    }

    /// Runs statements that are one unit: all are kept when the closure returns, none when it throws.
    ///
    /// - Parameter deadline: From now, the wait for the connection included; see `ConnectionSettings.defaultDeadline`.
    package nonisolated func transaction<Value: Sendable>(
        deadline: Duration? = nil,
        fileID: String = #fileID,
        line: Int = #line,
        _ body: @Sendable (borrowing Session) throws(PostgresError) -> Value
    ) async throws(PostgresError) -> Value {
        let location = SourceLocation(fileID: fileID, line: line)
        return try await transaction(until: settings.instant(deadline), location, body)
    }

    /// Runs statements that each stand for themselves, or a pipeline.
    ///
    /// - Parameter deadline: From now, the wait for the connection included; see `ConnectionSettings.defaultDeadline`.
    package nonisolated func session<Value: Sendable>(
        deadline: Duration? = nil,
        fileID: String = #fileID,
        line: Int = #line,
        _ body: @Sendable (borrowing Session) throws(PostgresError) -> Value
    ) async throws(PostgresError) -> Value {
        let location = SourceLocation(fileID: fileID, line: line)
        return try await session(until: settings.instant(deadline), location, body)
    }

    /// Whether a pooler stands between; see ``Pooling``.
    var isPooled: Bool { pooling == .pooled }

    /// Closes the connection; later calls throw `closed`.
    package func close() {
        handle = nil
    }
}

extension PostgresConnection {
    static func connect(
        _ settings: ConnectionSettings,
        until deadline: ContinuousClock.Instant?,
        _ location: SourceLocation,
        _ logger: Logger
    ) async throws(PostgresError) -> PostgresConnection {
        guard let wake = WakePipe() else {
            throw PostgresError(.connection, "this process has too many open files", location: location)
        }
        let connection = PostgresConnection(settings: settings, wake: wake, logger: logger)
        switch await firstOutcome(until: deadline, of: { await connection.open(until: deadline, location) }) {
        case .finished(let result): try result.get()
        case .interrupted(let interruption): throw PostgresError(interruption, statement: nil, location: location)
        }
        return connection
    }

    nonisolated func transaction<Value: Sendable>(
        until deadline: ContinuousClock.Instant?,
        _ location: SourceLocation,
        _ body: @Sendable (borrowing Session) throws(PostgresError) -> Value
    ) async throws(PostgresError) -> Value {
        let statementTimeout = settings.statementTimeout
        return try await session(until: deadline, location) { session throws(PostgresError) in
            try session.transaction(statementTimeout: statementTimeout, location, body)
        }
    }

    func session<Value: Sendable>(
        until deadline: ContinuousClock.Instant?,
        _ location: SourceLocation,
        _ body: @Sendable (borrowing Session) throws(PostgresError) -> Value
    ) async throws(PostgresError) -> Value {
        let result = await withTaskCancellationHandler {
            perform(until: deadline, location, body)
        } onCancel: { [wake] in
            wake.signal()
        }
        return try result.get()
    }

    private func open(
        until deadline: ContinuousClock.Instant?,
        _ location: SourceLocation
    ) -> Result<Void, PostgresError> {
        Result { () throws(PostgresError) in
            let handle = try settings.connect(location: location)
            let raw = handle.raw
            _ = PQsetnonblocking(raw, 1)
            notices.attach(to: raw)
            let session = Session(raw: raw, waiter: SocketWaiter(wake: wake, deadline: deadline))
            pooling = try session.pooling(location)
            try session.executeScript(settings.startupScript(pooling), fileID: location.fileID, line: location.line)
            self.handle = consume handle
        }
    }

    private func perform<Value: Sendable>(
        until deadline: ContinuousClock.Instant?,
        _ location: SourceLocation,
        _ body: (borrowing Session) throws(PostgresError) -> Value
    ) -> Result<Value, PostgresError> {
        guard let raw = handle?.raw, isAlive(raw) else {
            handle = nil
            return .failure(PostgresError(.closed, "the connection is closed", location: location))
        }
        let session = Session(
            raw: raw,
            waiter: SocketWaiter(wake: wake, deadline: deadline),
            prelude: settings.prelude(pooling)
        )
        let result = Result { () throws(PostgresError) in
            try session.check(nil, location)
            return try body(session)
        }
        if !session.isIdle || result.isReadOnlyServer { handle = nil }
        return result
    }

    /// Whether the server is still there, as far as a look at the socket can tell.
    private func isAlive(_ raw: OpaquePointer) -> Bool {
        var socket = pollfd(fd: PQsocket(raw), events: Int16(POLLIN), revents: 0)
        // While no statement runs the server says little: a notice, a changed parameter, or that it ends.
        while poll(&socket, 1, 0) > 0 {
            if PQconsumeInput(raw) == 0 { return false }
        }
        return PQstatus(raw) == CONNECTION_OK
    }
}

extension Result where Failure == PostgresError {
    /// Whether the server turned out to be a standby: after a fail-over another host has to be found.
    fileprivate var isReadOnlyServer: Bool {
        if case .failure(let error) = self { error.sqlState == .readOnlyTransaction } else { false }
    }
}
