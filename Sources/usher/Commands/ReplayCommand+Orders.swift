import ArgumentParser
import JobQueue
import Postgres

extension ReplayCommand {
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "The newest replays.")

        @Option(help: "At most this many.") var limit = 20
        @OptionGroup var database: DatabaseOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let replays = try await database.withDatabase { try await ReplayStatus.newest(limit, from: $0) }
            try output.output.show(ReplayListReport(replays: replays))
        }
    }

    struct Status: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "How a replay stands.")

        @Argument(help: "The replay's number.") var replay: Int64
        @OptionGroup var database: DatabaseOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let status = try await database.withDatabase { try await ReplayStatus.read(replay, from: $0) }
            try output.output.show(ReplayStatusReport(replay: status))
        }
    }

    struct Halt: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Queue no more; what is queued runs on.")

        @OptionGroup var order: ReplayOrderOptions

        func run() async throws {
            try await order.give { try await $0.haltReplay($1, reason: $2) }
        }
    }

    struct Resume: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Go on with what is left, a canary first, and measure the failures anew."
        )

        @OptionGroup var order: ReplayOrderOptions

        func run() async throws {
            try await order.give { try await $0.resumeReplay($1, reason: $2) }
        }
    }

    struct Cancel: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "End it; what is not queued yet is left as it was.",
            discussion: "What is queued runs on: usher job cancel --query 'batch = N' ends that too."
        )

        @OptionGroup var order: ReplayOrderOptions

        func run() async throws {
            try await order.give { try await $0.cancelReplay($1, reason: $2) }
        }
    }
}

/// A word on one replay.
struct ReplayOrderOptions: ParsableArguments {
    @Argument(help: "The replay's number.") var replay: Int64
    @Option(help: "Why; kept in the audit.") var reason: String
    @OptionGroup var actor: ActorOptions
    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    func give(_ order: (Orders, Int64, String) async throws -> String) async throws {
        let status = try await actor.withOrders(database) { orders, pool in
            _ = try await order(orders, replay, reason)
            return try await ReplayStatus.read(replay, from: pool)
        }
        try output.output.show(ReplayStatusReport(replay: status))
    }
}
