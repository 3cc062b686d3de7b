import ArgumentParser
import Foundation
import JobQueue

/// The commands under `usher provider`.
struct ProviderCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "provider",
        abstract: "See how the provider and our use of its limits stand; stop and resume all calls.",
        subcommands: [Status.self, BreakerCommand.self, ProviderErrorsCommand.self]
    )

    struct Status: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Budgets and what is left, the breaker, the last errors, the quota as last read.",
            discussion: "Makes no call; usher doctor reads the quota anew."
        )

        @OptionGroup var database: DatabaseOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let status = try await database.withDatabase { try await ProviderStatus.read(from: $0) }
            try output.output.show(ProviderStatusReport(status: status))
        }
    }

    struct BreakerCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "breaker",
            abstract: "Stop all calls, or have them go on.",
            discussion: """
                An opened breaker stays open until it is closed again. Closed by hand, calls go on at a tenth of the
                rate, which grows to the whole in five minutes.

                EXAMPLES:
                  usher provider breaker open --reason "the provider's maintenance window"
                  usher provider breaker close --reason "the status page says resolved"
                """
        )

        @Argument(help: "open or close.") var action: Action
        @Option(help: "Why; kept with who did it.") var reason: String
        @Option(help: "Who answers for it; else USHER_ACTOR, else the user.") var author: String?
        @OptionGroup var database: DatabaseOptions
        @OptionGroup var output: OutputOptions

        enum Action: String, ExpressibleByArgument, CaseIterable {
            case open
            case close
        }

        func run() async throws {
            let author = try database.author(author)
            let state = try await database.withDatabase { pool in
                try await ProviderStatus.setBreaker(action.rawValue, author: author, reason: reason, in: pool)
            }
            try output.output.show(BreakerReport(state: state))
        }
    }
}

/// What `usher provider breaker` prints.
private struct BreakerReport: Report {
    let state: BreakerState

    func lines(on terminal: Terminal) -> [String] { ["breaker \(state.word)"] }
}
