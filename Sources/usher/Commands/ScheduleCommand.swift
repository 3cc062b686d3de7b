import ArgumentParser
import Foundation
import JobQueue
import Logging
import Postgres

/// The commands under `usher schedule`.
struct ScheduleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schedule",
        abstract: "Recurring work: make it what a file says, see what is due, run or stop an entry.",
        discussion: "Any worker runs what is due, each time once; jobs/schedule.yaml explains the keys.",
        subcommands: [Apply.self, List.self, Run.self, Pause.self, Resume.self]
    )

    struct Apply: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make the schedule what a file says.",
            discussion: """
                Entries the file does not name are removed. An entry that stays as it was keeps its next time.

                EXAMPLE:
                  usher schedule apply jobs/schedule.yaml --reason "weekly evidence"
                """
        )

        @Argument(help: "A schedule file; - is standard input.") var file: String
        @Option(help: "Why; kept with who did it.") var reason: String
        @Flag(help: "Show what would change and change nothing.") var dryRun = false
        @OptionGroup var database: DatabaseOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let schedule = ScheduleFile.read(file)
            guard schedule.problems.isEmpty else {
                throw Failure(schedule.problems, "the schedule has problems; nothing was changed")
            }
            let changes = try await database.withSchedule { store in
                try await store.apply(schedule.entries, reason: reason, dryRun: dryRun)
            }
            try output.output.show(ScheduleChanges(changes: changes.map(ScheduleChanges.Row.init), dryRun: dryRun))
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show every entry: when it is due, when it ran last, and what came of it."
        )

        @OptionGroup var database: DatabaseOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let schedule = try await database.withDatabase { try await ScheduleStatus.read(from: $0) }
            try output.output.show(ScheduleList(schedule: schedule))
        }
    }

    struct Run: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Run an entry now, beside its times.")

        @Argument(help: "The entry's name.") var name: String
        @Option(help: "Why; kept with who did it.") var reason: String
        @OptionGroup var database: DatabaseOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let run = try await database.withSchedule { store in
                let run = try await store.run(name, reason: reason)
                // The first piece here and now; what is left of it is the workers'.
                while try await store.perform(run: run) {}
                return try await store.outcome(of: run)
            }
            try output.output.show(ScheduleRunReport(name: name, state: run.state, message: run.message))
            if run.state == "failing" {
                throw Failure("\(name) did not go through: \(run.message ?? "")", hint: "workers try it again")
            }
        }
    }

    struct Pause: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Stop an entry until it is resumed, whatever the file says.",
            discussion: "What it misses is treated as its rule for missed times says, once it goes on."
        )

        @OptionGroup var order: ScheduleOrder

        func run() async throws {
            try await order.database.withSchedule { try await $0.pause(order.name, reason: order.reason) }
            try order.output.output.show(ScheduleRunReport(name: order.name, state: "paused", message: nil))
        }
    }

    struct Resume: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Have a paused entry go on.")

        @OptionGroup var order: ScheduleOrder

        func run() async throws {
            try await order.database.withSchedule { try await $0.resume(order.name, reason: order.reason) }
            try order.output.output.show(ScheduleRunReport(name: order.name, state: "resumed", message: nil))
        }
    }
}

/// What an order about one entry needs.
struct ScheduleOrder: ParsableArguments {
    @Argument(help: "The entry's name.") var name: String
    @Option(help: "Why; kept with who did it.") var reason: String
    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions
}

extension DatabaseOptions {
    /// Lends the schedule for as long as the body runs; orders are the user's.
    fileprivate func withSchedule<Value>(_ body: (ScheduleStore) async throws -> Value) async throws -> Value {
        let settings = try settings()
        return try await settings.withDatabase { pool in
            try await body(ScheduleStore(pool: pool, author: settings.actor, logger: settings.logger(.error)))
        }
    }
}
