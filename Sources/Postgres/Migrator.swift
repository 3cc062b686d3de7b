package import Logging

/// Brings a database's schema to the state that a folder of migrations describes.
///
/// Each file runs in one transaction together with its row in `public.usher_migrations`, and under a lock, so that two
/// migrators at once do each file once. The lock is the transaction's and not the session's: it needs no unlocking and
/// works through PgBouncer. Any tool that reads dbmate's format can run the same files.
///
/// It runs while workers do: a file that cannot have the locks it needs within a second lets everybody else through,
/// who would queue up behind it, and tries again.
package struct Migrator: Sendable {
    private let folder: String
    private let settings: ConnectionSettings
    private let lockPatience: Duration
    private let logger: Logger

    /// Reads and connects only when asked to do something.
    ///
    /// - Parameter lockPatience: How long in all one file tries to get its locks.
    package init(
        folder: String,
        settings: ConnectionSettings,
        lockPatience: Duration = .seconds(300),
        logger: Logger
    ) {
        self.folder = folder
        self.settings = settings
        self.lockPatience = lockPatience
        self.logger = logger
    }

    /// Applies what is pending, up to and including a version, or all; returns what was applied.
    package func up(to version: String? = nil) async throws(MigrationError) -> [MigrationFile] {
        try await run(.up(to: version), atMost: .max)
    }

    /// Undoes the newest migrations, newest first; returns what was undone.
    package func down(steps: Int = 1) async throws(MigrationError) -> [MigrationFile] {
        try await run(.down, atMost: steps)
    }

    /// Where each migration stands; changes nothing.
    package func status() async throws(MigrationError) -> [MigrationStatus] {
        let files = try MigrationFile.all(in: folder)
        let applied = try await asMigrationError(files) { () throws(PostgresError) in
            let connection = try await PostgresConnection.connect(settings, logger: logger)
            return try await connection.session { db throws(PostgresError) in try db.migrationHistory() }
        }
        return MigrationPlan(files: files, applied: applied).status()
    }

    private func run(_ direction: MigrationDirection, atMost limit: Int) async throws(MigrationError) -> [MigrationFile]
    {
        let files = try MigrationFile.all(in: folder)
        // Not a pool's: a migration may change settings of the connection that others must not inherit.
        let connection = try await asMigrationError(files) { () throws(PostgresError) in
            try await PostgresConnection.connect(settings, logger: logger)
        }
        var done: [MigrationFile] = []
        while done.count < limit {
            let step = try await asMigrationError(files) { () throws(PostgresError) in
                try await patiently { () throws(PostgresError) in
                    try await connection.transaction(deadline: .seconds(3_600)) { db throws(PostgresError) in
                        try db.migrate(direction, files)
                    }
                }
            }
            guard let file = try step.get() else { break }
            logger.info("migrated", metadata: ["direction": "\(direction)", "file": "\(file.fileName)"])
            done.append(file)
        }
        return done
    }

    /// Does the work again for as long as others hold what it needs.
    private func patiently<Value>(_ work: () async throws(PostgresError) -> Value) async throws(PostgresError) -> Value
    {
        var backoff = Backoff(base: .milliseconds(200), limit: .seconds(5))
        let end = ContinuousClock.now.advanced(by: lockPatience)
        while true {
            do throws(PostgresError) {
                return try await work()
            } catch {
                guard error.isAboutLocks else { throw error }
                guard .now < end else { throw error.afterWaiting(lockPatience) }
                let pause = backoff.next()
                logger.notice("others hold what the migration needs; trying again", metadata: ["pause": "\(pause)"])
                guard (try? await Task.sleep(for: pause)) != nil else { throw error }
            }
        }
    }

    private func asMigrationError<Value>(
        _ files: [MigrationFile],
        _ work: () async throws(PostgresError) -> Value
    ) async throws(MigrationError) -> Value {
        do throws(PostgresError) {
            return try await work()
        } catch {
            throw MigrationError(error, files: files)
        }
    }
}

/// Which way to migrate.
enum MigrationDirection: Sendable, CustomStringConvertible {
    case up(to: String?)
    case down

    var description: String {
        switch self {
        case .up: "up"
        case .down: "down"
        }
    }

    /// The next file in this direction and the part of it to run; `nil` if there is nothing to do.
    func next(_ plan: MigrationPlan) throws(MigrationError) -> (file: MigrationFile, section: MigrationFile.Section)? {
        switch self {
        case .up(let target):
            return try plan.nextUp(to: target).map { ($0, $0.up) }
        case .down:
            guard let file = try plan.nextDown() else { return nil }
            guard let section = file.down else { throw .irreversible(file: file.fileName) }
            return (file, section)
        }
    }
}

extension PostgresError {
    fileprivate var isAboutLocks: Bool { sqlState == .lockNotAvailable || sqlState == .deadlockDetected }

    fileprivate func afterWaiting(_ patience: Duration) -> PostgresError {
        var error = self
        error.hint =
            "no lock was to be had in \(patience.components.seconds) s: look for an old transaction in pg_stat_activity"
        return error
    }
}

extension MigrationError {
    /// Tells an error of a migration's own statements, whose place in the source is the file, from any other.
    fileprivate init(_ error: PostgresError, files: [MigrationFile]) {
        guard let file = files.first(where: { $0.fileName == error.location.fileID }) else {
            self = .database(error)
            return
        }
        if error.kind == .transactionMisuse {
            self = .endedTransaction(file: file.fileName)
            return
        }
        guard let position = error.position, let statement = error.statement else {
            self = .failed(file: file.fileName, line: nil, column: nil, error: error)
            return
        }
        // The server counts characters, which are Unicode scalars, from 1.
        let before = statement.unicodeScalars.prefix(position - 1)
        let line = error.location.line + before.count { $0 == "\n" }
        let column = before.count - (before.lastIndex(of: "\n").map { before[...$0].count } ?? 0) + 1
        self = .failed(file: file.fileName, line: line, column: column, error: error)
    }
}
