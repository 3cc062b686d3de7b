import ArgumentParser
import Foundation
import Logging
import Postgres

/// The commands under `usher migrate`.
struct MigrateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate",
        abstract: "Bring the database's schema up, back down, or show where it is.",
        subcommands: [Up.self, Down.self, Status.self]
    )

    struct Up: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Apply what is pending.")

        @Option(help: "Stop after this version.") var to: String?
        @OptionGroup var folder: MigrationOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let applied = try await folder.migrator().up(to: to)
            try output.output.show(MigratedReport(applied, verb: "applied", none: "nothing to apply"))
        }
    }

    struct Down: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Undo the newest migrations, with all their data.")

        @Option(help: "How many.") var steps = 1
        @OptionGroup var folder: MigrationOptions
        @OptionGroup var output: OutputOptions

        func validate() throws {
            guard steps > 0 else { throw ValidationError("--steps must be at least 1") }
        }

        func run() async throws {
            let undone = try await folder.migrator().down(steps: steps)
            try output.output.show(MigratedReport(undone, verb: "undone", none: "nothing to undo"))
        }
    }

    struct Status: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Where each migration stands; changes nothing.")

        @OptionGroup var folder: MigrationOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let status = try await folder.migrator().status()
            try output.output.show(MigrationStatusReport(migrations: status.map(MigrationStatusReport.Row.init)))
        }
    }
}

/// Which migrations, and which database.
struct MigrationOptions: ParsableArguments {
    @Option(help: "The folder of migrations; ./migrations, else the sources' own.") var folder: String?
    @OptionGroup var database: DatabaseOptions

    func migrator() throws(Failure) -> Migrator {
        let settings = try database.settings()
        return Migrator(
            folder: folder ?? MigrationFolder.standard,
            settings: settings.connectionSettings,
            logger: settings.logger(.error)
        )
    }
}

/// Where the project's migrations are.
enum MigrationFolder {
    /// `./migrations` if there is such a folder, else the one beside the sources this program was built from.
    static var standard: String {
        if FileManager.default.fileExists(atPath: "migrations") { return "migrations" }
        let sources = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        return sources.deletingLastPathComponent().deletingLastPathComponent().appending(path: "migrations").path
    }
}

/// What `usher migrate up` and `usher migrate down` print.
private struct MigratedReport: Report {
    let migrations: [String]
    private let verb: String
    private let none: String

    private enum CodingKeys: String, CodingKey {
        case migrations
    }

    init(_ files: [MigrationFile], verb: String, none: String) {
        migrations = files.map(\.fileName)
        self.verb = verb
        self.none = none
    }

    func lines(on terminal: Terminal) -> [String] {
        migrations.isEmpty ? [none] : migrations.map { "\(verb) \($0)" }
    }
}

/// What `usher migrate status` prints.
private struct MigrationStatusReport: Report {
    let migrations: [Row]

    struct Row: Encodable {
        let version: String
        let name: String
        let state: String
        let appliedAt: String?

        init(_ status: MigrationStatus) {
            version = status.version
            name = status.name
            (state, appliedAt) =
                switch status.state {
                case .pending: ("pending", nil)
                case .applied(let time): ("applied", "\(time)")
                case .edited(let time): ("edited", "\(time)")
                case .missing(let time): ("missing", "\(time)")
                case .outOfOrder: ("out_of_order", nil)
                }
        }

        var tone: Tone {
            switch state {
            case "applied": .good
            case "pending": .warning
            default: .bad
            }
        }
    }

    func lines(on terminal: Terminal) -> [String] {
        var table = TextTable(["VERSION", "NAME", "STATE", "APPLIED"])
        for row in migrations {
            table.append([.init(row.version), .init(row.name), .init(row.state, row.tone), .init(row.appliedAt)])
        }
        return table.lines(on: terminal)
    }
}
