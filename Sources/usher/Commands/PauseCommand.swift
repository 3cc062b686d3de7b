import ArgumentParser
import Foundation
import JobQueue

extension PauseScope: ExpressibleByArgument {}

/// The commands under `usher pause`.
struct PauseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause",
        abstract: "Have no more jobs start: all, a tier's, a tenant's or a kind's.",
        discussion: """
            What runs goes on to its end. A pause holds until the time given, or until usher resume.

            EXAMPLES:
              usher pause --scope tenant --name acme --until 2h --reason "DNS moves"
              usher pause list
            """,
        subcommands: [Set.self, List.self],
        defaultSubcommand: Set.self
    )

    struct Set: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Order a pause.")

        @OptionGroup var scope: ScopeOptions
        @Option(help: "When it ends by itself: RFC 3339, or in how long, as 30m.") var until: EndArgument?
        @Option(help: "Why; kept with the pause.") var reason: String
        @OptionGroup var actor: ActorOptions
        @OptionGroup var database: DatabaseOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await actor.withOrders(database) { orders in
                try await orders.pause(scope.scope, scope.name ?? "", until: until?.date, reason: reason)
            }
            let end = until.map { " until \($0.date.formatted(.iso8601))" } ?? " until it is resumed"
            try output.output.show(PauseReport(scope: scope.scope, name: scope.name, paused: true, end: end))
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "The pauses in force.")

        @OptionGroup var actor: ActorOptions
        @OptionGroup var database: DatabaseOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let pauses = try await actor.withOrders(database) { try await $0.pauses() }
            try output.output.show(PauseListReport(pauses: pauses))
        }
    }
}

/// The command `usher resume`.
struct ResumeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume",
        abstract: "Take a pause back.",
        discussion: "EXAMPLE:\n  usher resume --scope tenant --name acme --reason \"their DNS has moved\""
    )

    @OptionGroup var scope: ScopeOptions
    @Option(help: "Why; kept in the audit.") var reason: String
    @OptionGroup var actor: ActorOptions
    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let wasPaused = try await actor.withOrders(database) { orders in
            try await orders.resume(scope.scope, scope.name ?? "", reason: reason)
        }
        let before = wasPaused ? nil : "; it was not paused"
        try output.output.show(PauseReport(scope: scope.scope, name: scope.name, paused: false, end: before))
    }
}

/// Whose jobs.
struct ScopeOptions: ParsableArguments {
    @Option(help: "all, tier, tenant or kind.") var scope: PauseScope
    @Option(help: "Of the tier, tenant or kind.") var name: String?

    func validate() throws {
        guard (scope == .all) == (name == nil) else {
            throw ValidationError(scope == .all ? "--scope all takes no --name" : "--name says which \(scope.rawValue)")
        }
    }
}

/// A moment to come: a time in RFC 3339, or in how long, as `30m`.
struct EndArgument: ExpressibleByArgument {
    let date: Date

    init?(argument: String) {
        if let length = DurationArgument(argument: argument) {
            date = Date().addingTimeInterval(length.duration / .seconds(1))
        } else if let parsed = try? Date(argument, strategy: .iso8601) {
            date = parsed
        } else {
            return nil
        }
    }
}

/// What `usher pause` and `usher resume` print.
private struct PauseReport: Report {
    let scope: PauseScope
    let name: String?
    let paused: Bool
    let end: String?

    func lines(on terminal: Terminal) -> [String] {
        let what = name.map { "\(scope.rawValue) \($0)" } ?? "all jobs"
        return ["\(what): \(paused ? "paused" : "resumed")\(end ?? "")"]
    }
}

/// What `usher pause list` prints.
private struct PauseListReport: Report {
    let pauses: [PauseOrder]

    func lines(on terminal: Terminal) -> [String] {
        guard !pauses.isEmpty else { return ["nothing is paused"] }
        var table = TextTable(["SCOPE", "NAME", "UNTIL", "REASON"])
        for pause in pauses {
            table.append([
                .init(pause.scope.rawValue), .init(pause.name.isEmpty ? nil : pause.name),
                .init(pause.until?.formatted(.iso8601)), .init(pause.reason),
            ])
        }
        return table.lines(on: terminal)
    }
}
