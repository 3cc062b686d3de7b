import ArgumentParser
import JobQueue
import Postgres

extension JobCommand {
    struct Wait: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Wait until a job has ended.",
            discussion:
                "Ends with status 0 if the job is done, 1 if it failed or was cancelled, 75 if the time ran out."
        )

        @Argument(help: "The job's number.") var job: Int64
        @Option(help: "How long at most, as 90s, 15m or 6h.") var timeout = DurationArgument(minutes: 15)
        @OptionGroup var database: DatabaseOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let output = output.output
            let (ended, last) = try await database.withDatabase { pool in
                let operations = JobOperations(pool: pool)
                var last = try await operations.report(on: job)
                let ended = try await waitUntil(timeout.duration) {
                    last = try await operations.report(on: job)
                    return last.state.isEnded
                }
                return (ended, last)
            }
            try output.show(JobDetailReport(job: last))
            guard ended else {
                let actor = last.actor.map { "; \($0) must act" } ?? ""
                let message = "job \(job) has not ended: \(last.state.rawValue)\(actor)"
                throw Failure(message, hint: "wait again, with a longer --timeout", status: .tryLater)
            }
            guard last.state == .done else { throw Failure("job \(job) \(last.state.rawValue)") }
        }
    }
}

/// Asks until the answer is yes or the time is over; the pause between two questions grows to two seconds.
///
/// - Returns: False if the time was over first.
func waitUntil(_ timeout: Duration, _ isTrue: () async throws -> Bool) async throws -> Bool {
    let deadline = ContinuousClock.now + timeout
    var pause = Duration.milliseconds(100)
    while try await !isTrue() {
        let left = ContinuousClock.now.duration(to: deadline)
        guard left > .zero else { return false }
        try await Task.sleep(for: min(pause, left))
        pause = min(pause * 2, .seconds(2))
    }
    return true
}
