import ArgumentParser
import Foundation
import JobQueue

/// The commands under `usher batch`.
struct BatchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "batch",
        abstract: "See how far a batch is, or wait for its end.",
        subcommands: [Get.self, Wait.self]
    )

    struct Get: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "How many jobs of a batch are in which state.")

        @Argument(help: "The batch's number, as usher enqueue printed it.") var batch: Int64
        @OptionGroup var database: DatabaseOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let progress = try await database.withDatabase { try await JobOperations(pool: $0).existingProgress(batch) }
            try output.output.show(BatchReport(batch: progress))
        }
    }

    struct Wait: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Wait until every job of a batch has ended.",
            discussion:
                "Ends with status 0 if all are done, 3 if some failed or were cancelled, 75 if the time ran out."
        )

        @Argument(help: "The batch's number.") var batch: Int64
        @Option(help: "How long at most, as 90s, 15m or 6h.") var timeout = DurationArgument(minutes: 15)
        @OptionGroup var database: DatabaseOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let output = output.output
            var bar = ProgressLine("batch \(batch)", on: output.standardError)
            let (ended, last) = try await database.withDatabase { pool in
                let operations = JobOperations(pool: pool)
                var last = try await operations.existingProgress(batch)
                let ended = try await waitUntil(timeout.duration) {
                    last = try await operations.existingProgress(batch)
                    bar.show(done: last.ended, of: last.total, last.summary)
                    return last.ended >= last.total
                }
                return (ended, last)
            }
            bar.finish()
            try output.show(BatchReport(batch: last))
            guard ended else {
                let message =
                    "batch \(batch) has not ended: \(last.total - last.ended) of \(counted(last.total, "job")) to go"
                throw Failure(message, hint: "see usher job list --batch \(batch)", status: .tryLater)
            }
            if last.count(.done) < last.total { throw ExitCode(ExitStatus.partial.rawValue) }
        }
    }
}

extension JobOperations {
    /// How far a batch is.
    ///
    /// - Throws: ``Failure`` if there is none.
    fileprivate func existingProgress(_ batchID: Int64) async throws -> BatchProgress {
        if let progress = try await progress(of: batchID) { return progress }
        throw Failure("there is no batch \(batchID)", hint: "usher enqueue and usher replay print its number")
    }
}

extension BatchProgress {
    /// The states that have jobs, in the order of a job's life.
    fileprivate var summary: String {
        let states = JobState.allCases.map { ($0, count($0)) }.filter { $0.1 > 0 }
        return states.map { "\($0.0.rawValue) \($0.1)" }.joined(separator: " · ")
    }
}

/// What `usher batch get` and `usher batch wait` print.
struct BatchReport: Report {
    let batch: BatchProgress

    func encode(to encoder: any Encoder) throws { try batch.encode(to: encoder) }

    func lines(on terminal: Terminal) -> [String] {
        var facts = FactList()
        facts.add("batch", "\(batch.batchID) \(batch.name)")
        facts.add("origin", batch.origin)
        facts.add("ended", "\(batch.ended) of \(batch.total)")
        facts.add("jobs", batch.summary)
        return facts.lines(on: terminal)
    }
}
