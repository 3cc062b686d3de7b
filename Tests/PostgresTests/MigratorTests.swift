import Postgres
import TestSupport
import Testing

@Suite(.emptyDatabase)
struct MigratorTests {
    private static let files = [
        "0001_first.sql": "-- Why.\n\n-- migrate:up\ncreate table first (n int);\n-- migrate:down\ndrop table first;\n",
        "0002_second.sql": "-- migrate:up\ncreate table second (n int);\n-- migrate:down\ndrop table second;\n",
        "README.md": "not a migration",
    ]

    private let folder: MigrationsFolder
    private let migrator: Migrator

    init() throws {
        folder = try MigrationsFolder(Self.files)
        migrator = Migrator(folder: folder.path, settings: TestDatabase.current.settings, logger: .quiet)
    }

    private func tables() async throws -> [String] {
        let connection = try await TestDatabase.current.connect()
        return try await connection.session { db throws(PostgresError) in
            try db.query(
                "select tablename::text from pg_tables where schemaname = 'public' order by 1",
                as: String.self
            )
        }
    }

    private func states() async throws -> [String] {
        try await migrator.status().map { status in
            let state = String("\(status.state)".prefix { $0.isLetter })
            return "\(status.version) \(state)"
        }
    }

    @Test func `files are applied in order, once, and undone newest first`() async throws {
        #expect(try await states() == ["0001 pending", "0002 pending"])
        #expect(try await migrator.up().map(\.name) == ["first", "second"])
        #expect(try await tables() == ["first", "second", "usher_migrations"])
        #expect(try await migrator.up().isEmpty)
        #expect(try await states() == ["0001 applied", "0002 applied"])
        #expect(try await migrator.down().map(\.version) == ["0002"])
        #expect(try await tables() == ["first", "usher_migrations"])
        #expect(try await migrator.down(steps: 9).map(\.version) == ["0001"])
        #expect(try await migrator.up().count == 2)
    }

    @Test func `a target is the last one applied`() async throws {
        #expect(try await migrator.up(to: "0001").map(\.version) == ["0001"])
        #expect(try await migrator.up(to: "0001").isEmpty)
        await #expect(throws: MigrationError.self) { try await migrator.up(to: "0007") }
        #expect(try await states() == ["0001 applied", "0002 pending"])
    }

    @Test(.timeLimit(.minutes(10)))
    func `a file that has to wait for its locks lets others through, and tries again`() async throws {
        try folder.write("0003_third.sql", "-- migrate:up\nalter table first add column m int;\n")
        _ = try await migrator.up(to: "0002")
        let pool = PostgresPool(TestDatabase.current.settings, size: 3, logger: .quiet)
        let holder = Task {
            // An analyst's long transaction: the migration needs a lock against it.
            try await pool.transaction { db throws(PostgresError) in
                _ = try db.execute("select from first")
                _ = try db.execute("select pg_sleep(4)")
            }
        }
        let isHeld: Statement = "select count(*) from pg_locks where relation = 'first'::regclass and granted"
        let read: (Statement) async throws -> Int = { statement in
            try await pool.session { db throws(PostgresError) in try db.one(statement, as: Int.self) }
        }
        #expect(try await eventually { try await read(isHeld) > 0 })
        let migrating = Task { [migrator] in try await migrator.up() }
        let isAsked: Statement = "select count(*) from pg_locks where relation = 'first'::regclass and not granted"
        #expect(try await eventually { try await read(isAsked) > 0 })
        let begin = ContinuousClock.now
        #expect(try await read("select count(*) from first") == 0)
        #expect(ContinuousClock.now - begin < .seconds(3), "whoever comes later waits a second, not four")
        #expect(try await migrating.value.map(\.version) == ["0003"])
        try await holder.value
        pool.close()
    }

    @Test func `a migrator that gets no lock in time says whom to look for`() async throws {
        _ = try await migrator.up()
        try folder.write("0003_third.sql", "-- migrate:up\nalter table first add column m int;\n")
        let impatient = Migrator(
            folder: folder.path,
            settings: TestDatabase.current.settings,
            lockPatience: .zero,
            logger: .quiet
        )
        let connection = try await TestDatabase.current.connect()
        let holder = try await TestDatabase.current.connect()
        let held = Task {
            try await holder.transaction { db throws(PostgresError) in
                _ = try db.execute("lock table first in access share mode")
                _ = try db.execute("select pg_sleep(3)")
            }
        }
        let error = await #expect(throws: MigrationError.self) {
            #expect(
                try await eventually {
                    try await connection.session { db throws(PostgresError) in
                        try db.one(
                            "select count(*) from pg_locks where relation = 'first'::regclass and granted",
                            as: Int.self
                        ) > 0
                    }
                }
            )
            _ = try await impatient.up()
        }
        #expect("\(try #require(error))".contains("look for an old transaction in pg_stat_activity"))
        try await held.value
    }

    @Test func `an applied file that was edited is refused`() async throws {
        _ = try await migrator.up()
        try folder.write("0001_first.sql", "-- migrate:up\ncreate table first (n bigint);\n")
        let error = await #expect(throws: MigrationError.self) { try await migrator.up() }
        #expect(error?.description.hasPrefix("0001_first.sql was changed") == true)
        #expect(try await states() == ["0001 edited", "0002 applied"])
        await #expect(throws: MigrationError.self) { try await migrator.down() }
    }

    @Test func `an applied file that is missing is refused`() async throws {
        _ = try await migrator.up()
        try folder.remove("0001_first.sql")
        let error = await #expect(throws: MigrationError.self) { try await migrator.up() }
        #expect(error?.description.hasPrefix("0001_first.sql was applied but is not in the folder") == true)
        #expect(try await states() == ["0001 missing", "0002 applied"])
    }

    @Test func `a new file below the newest applied one is refused`() async throws {
        try folder.write("0004_fourth.sql", "-- migrate:up\nselect 1;\n")
        _ = try await migrator.up()
        try folder.write("0003_third.sql", "-- migrate:up\nselect 1;\n")
        let error = await #expect(throws: MigrationError.self) { try await migrator.up() }
        #expect(error?.description.hasPrefix("0003_third.sql is numbered below 0004") == true)
    }

    @Test func `a failing file leaves nothing behind and is named with line and column`() async throws {
        let content = "-- Ünï\n-- migrate:up\ncreate table third (n int);\n\n  insert into thürd values (1);\n"
        try folder.write("0003_third.sql", content)
        let error = await #expect(throws: MigrationError.self) { try await migrator.up() }
        #expect(error?.description.hasPrefix("0003_third.sql:5:15: ") == true, "\(String(describing: error))")
        #expect(error?.description.contains("42P01") == true)
        #expect(try await tables() == ["first", "second", "usher_migrations"])
        try folder.write("0003_third.sql", "-- migrate:up\ncreate table third (n int);\n")
        #expect(try await migrator.up().map(\.name) == ["third"])
    }

    @Test func `a file that commits by itself is refused`() async throws {
        try folder.write("0003_third.sql", "-- migrate:up\ncommit;\n")
        let error = await #expect(throws: MigrationError.self) { try await migrator.up() }
        #expect(error?.description.hasPrefix("0003_third.sql ends the transaction") == true)
        #expect(try await states() == ["0001 applied", "0002 applied", "0003 pending"])
    }

    @Test func `a file without a way back is not undone`() async throws {
        try folder.write("0003_third.sql", "-- migrate:up\nselect 1;\n")
        _ = try await migrator.up()
        let error = await #expect(throws: MigrationError.self) { try await migrator.down() }
        #expect(error?.description.hasPrefix("0003_third.sql has no `-- migrate:down`") == true)
    }

    @Test func `two migrators at once apply each file once`() async throws {
        for number in 3...9 {
            try folder.write("000\(number)_table.sql", "-- migrate:up\ncreate table t\(number) (n int);\n")
        }
        let applied = try await withThrowingTaskGroup(of: [String].self) { group in
            for _ in 0..<3 { group.addTask { try await migrator.up().map(\.version) } }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(applied.sorted() == (1...9).map { "000\($0)" })
    }

    @Test(arguments: [
        ("7.sql", "-- migrate:up\n", "7.sql:1: the name"),
        ("0007_a.sql", "select 1;\n-- migrate:up\n", "0007_a.sql:1: a statement before"),
        ("0007_a.sql", "-- nothing\n", "0007_a.sql:1: expected"),
        ("0007_a.sql", "-- migrate:down\n-- migrate:up\n", "0007_a.sql:1: expected"),
        ("0007_a.sql", "\n-- migrate:up transaction:false\n", "0007_a.sql:2: `transaction:false` is not supported"),
        ("001_a.sql", "-- migrate:up\n", "0001_first.sql and 001_a.sql have the same version"),
    ]) func `a file out of form is refused`(name: String, content: String, message: String) async throws {
        try folder.write(name, content)
        let error = await #expect(throws: MigrationError.self) { try await migrator.up() }
        #expect(error?.description.hasPrefix(message) == true, "\(String(describing: error))")
        #expect(try await tables() == [])
    }

    @Test func `a database that is not there is no error of a file`() async throws {
        let migrator = Migrator(folder: folder.path, settings: ConnectionSettings(url: "host=/nowhere"), logger: .quiet)
        let error = await #expect(throws: MigrationError.self) { try await migrator.up() }
        guard case .database = error else {
            Issue.record("unexpected \(String(describing: error))")
            return
        }
    }
}

@Suite(.database)
struct ProjectMigrationsTests {
    @Test func `the project's migrations are applied to the database of a test`() async throws {
        let connection = try await TestDatabase.current.connect()
        let count = try await connection.session { db throws(PostgresError) in
            try db.first("select count(*) from public.usher_migrations", as: Int.self)
        }
        #expect(count ?? 0 > 0)
    }
}
