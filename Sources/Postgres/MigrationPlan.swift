/// What a migrations folder and a database's history of it come to, as a value.
struct MigrationPlan {
    /// A row of the history.
    struct Applied: Sendable {
        let version: String
        let name: String
        let checksum: String
        let appliedAt: Timestamp
    }

    let files: [MigrationFile]
    /// In order of their versions.
    let applied: [Applied]

    init(files: [MigrationFile], applied: [Applied]) {
        self.files = files
        self.applied = applied.sorted { (UInt64($0.version) ?? 0) < (UInt64($1.version) ?? 0) }
    }

    /// The next file to apply, or `nil` if all up to and including `target` are.
    func nextUp(to target: String?) throws(MigrationError) -> MigrationFile? {
        try check()
        let last = try target.map { version throws(MigrationError) in try file(version) }
        let next = files.first { file in !applied.contains { $0.version == file.version } }
        guard let next, next.number <= last?.number ?? .max else { return nil }
        return next
    }

    /// The file to undo next, or `nil` if nothing is applied.
    func nextDown() throws(MigrationError) -> MigrationFile? {
        try check()
        return try applied.last.map { applied throws(MigrationError) in try file(applied.version) }
    }

    /// What each file and each row of the history is, without judging.
    func status() -> [MigrationStatus] {
        let known = files.map { file in
            MigrationStatus(version: file.version, name: file.name, state: state(of: file))
        }
        let missing = applied.filter { row in !files.contains { $0.version == row.version } }.map { row in
            MigrationStatus(version: row.version, name: row.name, state: .missing(row.appliedAt))
        }
        return (known + missing).sorted { (UInt64($0.version) ?? 0) < (UInt64($1.version) ?? 0) }
    }

    private func state(of file: MigrationFile) -> MigrationStatus.State {
        if let row = applied.first(where: { $0.version == file.version }) {
            return row.checksum == file.checksum ? .applied(row.appliedAt) : .edited(row.appliedAt)
        }
        guard let newest = applied.last, file.number < UInt64(newest.version) ?? 0 else { return .pending }
        return .outOfOrder
    }

    /// Refuses a history that the folder does not explain.
    private func check() throws(MigrationError) {
        for status in status() {
            let file = "\(status.version)_\(status.name).sql"
            switch status.state {
            case .applied, .pending: continue
            case .edited: throw .edited(file: file)
            case .missing: throw .missing(version: status.version, name: status.name)
            case .outOfOrder: throw .outOfOrder(file: file, newest: applied.last?.version ?? "")
            }
        }
    }

    private func file(_ version: String) throws(MigrationError) -> MigrationFile {
        guard let file = files.first(where: { $0.version == version }) else { throw .unknownVersion(version) }
        return file
    }
}

/// One migration and where it stands.
package struct MigrationStatus: Sendable {
    /// Whether a migration is in force, waits, or has lost its file.
    package enum State: Hashable, Sendable {
        case pending
        case applied(Timestamp)
        /// The file was changed after it had been applied.
        case edited(Timestamp)
        /// It was applied, and its file is gone.
        case missing(Timestamp)
        /// Not applied, though a newer one is.
        case outOfOrder
    }

    package let version: String
    package let name: String
    package let state: State
}
