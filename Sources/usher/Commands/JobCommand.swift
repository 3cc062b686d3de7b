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
                  usher job list --tenant acme --state waiting --state retrying --json
                """
        )

        @Option(help: "Jobs in this state; may be given several times.") var state: [JobState] = []
        @Option(help: "Jobs of this tenant.") var tenant: String?
        @Option(help: "Jobs that failed with this class of error.") var errorClass: String?
        @Option(help: "Jobs of this batch.") var batch: Int64?
        @Option(help: "At most this many.") var limit = 50
        @OptionGroup var database: DatabaseOptions
        @OptionGroup var output: OutputOptions

        func validate() throws {
            guard limit > 0 else { throw ValidationError("--limit must be at least 1") }
        }

        func run() async throws {
            let filter = JobFilter(states: state, tenant: tenant, errorClass: errorClass, batchID: batch, limit: limit)
            let jobs = try await database.withDatabase { try await JobOperations(pool: $0).list(filter) }
            try output.output.show(JobListReport(jobs: jobs))
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

    struct Cancel: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "End a job that has not started, or ask the running attempt to stop."
        )

        @Argument(help: "The job's number.") var job: Int64
        @Option(help: "Why; kept with the job.") var reason: String
        @OptionGroup var database: DatabaseOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let state = try await database.withDatabase {
                try await JobOperations(pool: $0).cancel(job, reason: reason)
            }
            guard let state else { throw Failure("there is no job \(job)", hint: "see usher job list") }
            try output.output.show(CancelReport(jobID: job, state: state))
            guard state.hasPrefix("cancel") else { throw Failure("job \(job) had ended before: \(state)") }
        }
    }
}

/// What `usher job cancel` prints.
private struct CancelReport: Report {
    let jobID: Int64
    let state: String

    func lines(on terminal: Terminal) -> [String] { ["job \(jobID) \(state)"] }
}
