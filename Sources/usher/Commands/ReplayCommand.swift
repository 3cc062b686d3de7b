import ArgumentParser
import Foundation
import JobQueue

/// The commands under `usher replay`.
struct ReplayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Run ended jobs again: a canary first, then at a rate, halting by itself.",
        discussion: """
            What the filter selects is fixed with the order; workers carry it on. A
            job whose hostname has a newer job is left alone and counted. Each job is
            replayed at most once; its history stays.

            EXAMPLES:
              usher replay --query 'failed_at > -6h' --reason "outage" --dry-run
              usher replay --tenant acme --code 1406 --reason "released" --rate 60/min
              usher replay status 3

            What an order takes: usher help replay start

            \(filterHelp)
            """,
        subcommands: [Start.self, List.self, Status.self, Halt.self, Resume.self, Cancel.self],
        defaultSubcommand: Start.self
    )

    struct Start: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Order a replay.", discussion: filterHelp)

        @OptionGroup var choice: ReplayChoice
        @Option(help: "Why; kept with the batch.") var reason: String
        @Option(help: "Jobs queued first, alone.") var canary = 25
        @Option(help: "Jobs queued in a minute at most, as 60/min; else as many as go well.") var rate: RateArgument?
        @Option(help: "Halt when more of its jobs fail than this.") var haltAt = ShareArgument(percent: 5)
        @Option(help: "Do nothing if not this many jobs are selected, as a dry run told.") var expect: Int?
        @Flag(help: "Count, and change nothing.") var dryRun = false
        @OptionGroup var actor: ActorOptions
        @OptionGroup var database: DatabaseOptions
        @OptionGroup var output: OutputOptions

        func validate() throws {
            guard !reason.isEmpty else { throw ValidationError("--reason must say why") }
            guard canary >= 0 else { throw ValidationError("--canary is 0 or more") }
        }

        func run() async throws {
            let output = output.output
            try await actor.withOrders(database) { orders in
                if dryRun {
                    let preview = try await orders.previewReplay(choice.filter)
                    preview.notes.forEach(output.note)
                    try output.show(ReplayPreviewReport(preview: preview))
                } else {
                    let plan = ReplayPlan(
                        canary: canary,
                        perMinute: rate?.perMinute,
                        haltAt: haltAt.share,
                        expected: expect
                    )
                    let started = try await orders.startReplay(choice.filter, reason: reason, plan)
                    output.note("scope: \(started.scope)")
                    try output.show(StartedReplayReport(replay: started))
                }
            }
        }
    }
}

/// Which ended jobs: a filter, or options that stand for conditions of it.
struct ReplayChoice: ParsableArguments {
    @Option(help: "A filter, as 'error_class = provider_down AND failed_at > -6h'.") var query: String?
    @Option(help: "failed or cancelled.") var state: JobState?
    @Option(help: "Jobs that failed with this class of error.") var errorClass: String?
    @Option(help: "Jobs that failed with this code.") var code: String?
    @Option(help: "Jobs of this tenant.") var tenant: String?
    @Option(help: "Jobs of tenants on this tier.") var tier: String?
    @Option(help: "Ended at this time or later: RFC 3339, or how long ago, as 6h.") var since: MomentArgument?
    @Option(help: "Ended before this time.") var until: MomentArgument?
}

extension ReplayChoice {
    var filter: JobQuery {
        var query = JobQuery(query)
        query.require("state", state?.rawValue)
        query.require("error_class", errorClass)
        query.require("code", code)
        query.require("tenant", tenant)
        query.require("tier", tier)
        query.require("ended_at", ">=", since?.date.formatted(.iso8601))
        query.require("ended_at", "<", until?.date.formatted(.iso8601))
        return query
    }
}

/// What `--help` says of filters.
let filterHelp = """
    A FILTER is conditions joined by AND:
      state = dead AND error_class = provider_down AND failed_at > -6h
    Fields: state, error_class, code, tenant, tier, batch, kind, hostname, job,
    enqueued_at, ended_at, attempts. Operators: = != in < <= > >=. Times are
    RFC 3339, or how long ago: -30m, -6h, -2d. failed_at is ended_at of a failed
    job; dead is failed.
    """
