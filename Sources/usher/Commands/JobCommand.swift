import ArgumentParser
import Foundation
import JobQueue

extension JobState: ExpressibleByArgument {}

/// The commands under `usher job`.
struct JobCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "job",
        abstract: "See jobs, wait for one, cancel one.",
        subcommands: [List.self, Get.self, Wait.self, Cancel.self]
    )

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "The newest jobs that match.",
            discussion: """
                EXAMPLES:
                  usher job list --state failed
                  usher job list --query 'tenant = acme AND enqueued_at > -2d' --json

                \(filterHelp)
                """
        )

        @Option(help: "A filter.") var query: String?
        @Option(help: "Jobs in this state; may be given several times.") var state: [JobState] = []
        @Option(help: "Jobs of this tenant.") var tenant: String?
        @Option(help: "Jobs that failed with this class of error.") var errorClass: String?
        @Option(help: "Jobs of this batch.") var batch: Int64?
        @Option(help: "At most this many.") var limit = 50
        @Option(help: "Jobs numbered below this, as the last of the page before.") var before: Int64?
        @OptionGroup var database: DatabaseOptions
        @OptionGroup var output: OutputOptions

        func validate() throws {
            guard limit > 0 else { throw ValidationError("--limit must be at least 1") }
        }

        func run() async throws {
            let jobs = try await database.withDatabase { pool in
                try await JobOperations(pool: pool).list(filter, limit: limit, before: before)
            }
            try output.output.show(JobListReport(jobs: jobs))
        }

        private var filter: JobQuery {
            var filter = JobQuery(query)
            filter.require("state", state.map(\.rawValue))
            filter.require("tenant", tenant)
            filter.require("error_class", errorClass)
            filter.require("batch", batch)
            return filter
        }
    }

    struct Get: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Everything known of one job, with its attempts.")

        @Argument(help: "The job's number.") var job: Int64
        @OptionGroup var database: DatabaseOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let report = try await database.withDatabase { try await JobOperations(pool: $0).report(on: job) }
            try output.output.show(JobDetailReport(job: report))
        }
    }
}
