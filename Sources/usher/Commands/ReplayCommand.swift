import ArgumentParser
import JobQueue

/// The command `usher replay`.
struct ReplayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Run ended jobs again, as a batch of their own.",
        discussion: """
            What is not given does not narrow the choice. A job whose hostname has a newer job is left alone and counted
            as superseded. Each job is replayed at most once; its history stays.

            EXAMPLES:
              usher replay --error-class provider_down --since 6h --reason "provider outage" --dry-run
              usher replay --tenant acme --code 1406 --reason "claim was released"
            """
    )

    @Option(help: "failed or cancelled.") var state: JobState = .failed
    @Option(help: "Jobs that failed with this class of error.") var errorClass: String?
    @Option(help: "Jobs that failed with this code.") var code: String?
    @Option(help: "Jobs of this tenant.") var tenant: String?
    @Option(help: "Jobs of tenants on this tier.") var tier: String?
    @Option(help: "Ended at this time or later: RFC 3339, or how long ago, as 6h.") var since: MomentArgument?
    @Option(help: "Ended before this time.") var until: MomentArgument?
    @Option(help: "Why; kept with the batch.") var reason: String
    @Flag(help: "Count, and change nothing.") var dryRun = false
    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard [.failed, .cancelled].contains(state) else { throw ValidationError("--state is failed or cancelled") }
        guard !reason.isEmpty else { throw ValidationError("--reason must say why") }
    }

    func run() async throws {
        let filter = ReplayFilter(
            state: state,
            errorClass: errorClass,
            code: code,
            tenant: tenant,
            tier: tier,
            since: since?.date,
            until: until?.date
        )
        let count = try await database.withDatabase { pool in
            let replay = Replay(pool: pool)
            return dryRun ? try await replay.preview(filter) : try await replay.run(filter, reason: reason)
        }
        try output.output.show(ReplayReport(count: count))
    }
}

/// What `usher replay` prints.
private struct ReplayReport: Report {
    let count: ReplayCount

    func encode(to encoder: any Encoder) throws { try count.encode(to: encoder) }

    func lines(on terminal: Terminal) -> [String] {
        let jobs = counted(count.replayed, "job")
        let others = count.superseded == 0 ? "" : ", \(count.superseded) superseded by newer jobs"
        guard let batch = count.batchID else { return ["would replay \(jobs)\(others)"] }
        return ["batch \(batch): replayed \(jobs)\(others)"]
    }
}
