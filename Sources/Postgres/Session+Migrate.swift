extension Session {
    /// Applies or undoes the next file, if there is one; a refusal has changed nothing.
    func migrate(
        _ direction: MigrationDirection,
        _ files: [MigrationFile]
    ) throws(PostgresError) -> Result<MigrationFile?, MigrationError> {
        // A statement of its own: the next one then sees what the holder before us has committed.
        try execute("select pg_advisory_xact_lock(hashtextextended('usher_migrations', 0))")
        let plan = MigrationPlan(files: files, applied: try migrationHistory())
        let next = Result { () throws(MigrationError) in try direction.next(plan) }
        if case .success(.some(let step)) = next {
            try run(step.section, of: step.file)
            try record(direction, step.file)
        }
        return next.map { $0?.file }
    }

    /// What was applied so far, to a database that may never have been migrated.
    func migrationHistory() throws(PostgresError) -> [MigrationPlan.Applied] {
        let isMigrated = try first("select to_regclass('public.usher_migrations') is not null", as: Bool.self)
        guard isMigrated == true else { return [] }
        let rows = try query(
            "select version, name, checksum, applied_at from public.usher_migrations",
            as: (String, String, String, Timestamp).self
        )
        return rows.map { MigrationPlan.Applied(version: $0.0, name: $0.1, checksum: $0.2, appliedAt: $0.3) }
    }

    /// Runs a file's statements, with the file as the place in the source they come from.
    private func run(_ section: MigrationFile.Section, of file: MigrationFile) throws(PostgresError) {
        // Building an index takes the time it takes; the caller's deadline still holds. Waiting for a lock does not:
        // all who come later for that table wait behind us.
        try executeScript(
            """
            set local statement_timeout to 0; set local idle_in_transaction_session_timeout to 0;
            set local lock_timeout to '1s'
            """
        )
        try executeScript(section.sql, fileID: file.fileName, line: section.firstLine)
        guard isInTransaction else {
            let location = SourceLocation(fileID: file.fileName, line: section.firstLine)
            throw PostgresError(.transactionMisuse, "the file ended its transaction", location: location)
        }
    }

    private func record(_ direction: MigrationDirection, _ file: MigrationFile) throws(PostgresError) {
        switch direction {
        case .down:
            try execute("delete from public.usher_migrations where version = \(file.version)")
        case .up:
            try executeScript(
                """
                create table if not exists public.usher_migrations (
                    version    text        primary key,
                    name       text        not null,
                    checksum   text        not null check (checksum ~ '^[0-9a-f]{64}$'),
                    applied_at timestamptz not null default now()
                )
                """
            )
            try execute(
                """
                insert into public.usher_migrations (version, name, checksum)
                values (\(file.version), \(file.name), \(file.checksum))
                """
            )
        }
    }
}
