import ArgumentParser
import Foundation
import JobQueue

/// The commands under `usher retention`.
struct RetentionCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retention",
        abstract: "How long things are kept; remove what is older; see what has left.",
        discussion: """
            Jobs and attempts are kept at least as long as their rule says and leave by whole partitions of 4 million
            ids. What must stay longer, such as a failed job that nobody has replayed, is moved out of a partition
            before it is dropped; if that is much, the partition waits. Everything that leaves is written down:
            usher retention log.

            Schedule it: work: retention in jobs/schedule.yaml.
            """,
        subcommands: [List.self, Set.self, Apply.self, Log.self]
    )

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show how long each thing is kept.")

        @OptionGroup var database: DatabaseOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let policies = try await database.withDatabase { try await Retention(pool: $0).policies() }
            try output.output.show(RetentionPolicies(policies: policies))
        }
    }

    struct Set: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Change how long something is kept.",
            discussion: """
                EXAMPLES:
                  usher retention set job_done 14d --reason "disk"
                  usher retention set job_failed_open forever --reason "audit"
                """
        )

        @Argument(help: "What; see usher retention list.") var subject: String
        @Argument(help: "Whole days, as 30d, or forever.") var keep: KeepArgument
        @Option(help: "Why; kept with who did it.") var reason: String
        @Option(help: "Who answers for it; else USHER_ACTOR, else the user.") var author: String?
        @OptionGroup var database: DatabaseOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let author = try database.author(author)
            let policies = try await database.withDatabase { pool in
                let retention = Retention(pool: pool)
                try await retention.keep(subject, days: keep.days, author: author, reason: reason)
                return try await retention.policies().filter { $0.subject == subject }
            }
            try output.output.show(RetentionPolicies(policies: policies))
        }
    }

    struct Apply: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Remove what is older than its rule.",
            discussion: "Does nothing while somebody else is at it. --dry-run shows what would leave first."
        )

        @Flag(help: "Show what would leave and remove nothing.") var dryRun = false
        @OptionGroup var database: DatabaseOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let steps = try await database.withDatabase { pool in
                let retention = Retention(pool: pool)
                return dryRun ? try await retention.preview() : try await retention.apply()
            }
            try output.output.show(RetentionSteps(steps: steps, dryRun: dryRun))
        }
    }

    struct Log: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show what has left, and what could not.")

        @Option(help: "How many lines, the newest first.") var limit = 50
        @OptionGroup var database: DatabaseOptions
        @OptionGroup var output: OutputOptions

        func validate() throws {
            if limit < 1 { throw ValidationError("--limit is \(limit); at least 1 is needed") }
        }

        func run() async throws {
            let steps = try await database.withDatabase { try await Retention(pool: $0).log(limit: limit) }
            try output.output.show(RetentionSteps(steps: steps, dryRun: false))
        }
    }
}

/// How long something is kept: `30d`, or `forever`.
struct KeepArgument: ExpressibleByArgument {
    /// `nil` is for ever.
    let days: Int?

    init?(argument: String) {
        if argument == "forever" {
            days = nil
            return
        }
        guard argument.hasSuffix("d"), let count = Int(argument.dropLast()), (1...36_500).contains(count) else {
            return nil
        }
        days = count
    }
}

/// What `usher retention list` prints.
private struct RetentionPolicies: Report {
    let policies: [Retention.Policy]

    func lines(on terminal: Terminal) -> [String] {
        var table = TextTable(["SUBJECT", "KEPT", "WHAT IT IS"])
        for policy in policies {
            table.append([
                .init(policy.subject), .init(policy.keepDays.map { "\($0)d" } ?? "forever"), .init(policy.note),
            ])
        }
        return table.lines(on: terminal)
    }
}

/// What `usher retention apply` and `log` print.
private struct RetentionSteps: Report {
    let steps: [Retention.Step]
    let dryRun: Bool

    func lines(on terminal: Terminal) -> [String] {
        guard !steps.isEmpty else { return [dryRun ? "nothing would leave" : "nothing has left"] }
        var table = TextTable(["AT", "SUBJECT", "PART", "ACTION", "ROWS", "REASON"], rightAligned: ["ROWS"])
        for step in steps {
            table.append([
                .init(step.at?.formatted(.iso8601)), .init(step.subject), .init(step.part),
                .init(step.action, step.action == "waits" ? .warning : .plain), .init("\(step.rows.grouped)"),
                .init(step.reason),
            ])
        }
        return table.lines(on: terminal)
    }
}
