import ArgumentParser
import JobQueue

extension JobCommand {
    struct Cancel: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "End jobs that have not started, or ask the running attempts to stop.",
            discussion: """
                With a filter, what it selects is fixed and counted first, then cancelled in
                small pieces. One that was interrupted goes on with --resume.

                EXAMPLES:
                  usher job cancel 4711 --reason "asked for by acme"
                  usher job cancel --query 'tenant = acme' --reason "contract ended"

                \(filterHelp)
                """
        )

        @Argument(help: "The job's number.") var job: Int64?
        @Option(help: "A filter: all jobs it selects that have not ended.") var query: String?
        @Option(help: "Go on with the cancellation of this number.") var resume: Int64?
        @Option(help: "Why; kept with the jobs. Not needed with --resume.") var reason: String?
        @Flag(help: "Do not ask.") var yes = false
        @OptionGroup var actor: ActorOptions
        @OptionGroup var database: DatabaseOptions
        @OptionGroup var output: OutputOptions

        func validate() throws {
            guard [job != nil, query != nil, resume != nil].filter(\.self).count == 1 else {
                throw ValidationError("name a job, or --query, or --resume")
            }
            guard resume != nil || reason?.isEmpty == false else { throw ValidationError("--reason must say why") }
        }

        func run() async throws {
            try await actor.withOrders(database) { orders in
                if let job {
                    try await cancel(job, orders)
                } else if let query {
                    try await cancel(matching: JobQuery(query), orders)
                } else if let resume {
                    try await cancelAll(resume, of: nil, orders)
                }
            }
        }

        private func cancel(_ job: Int64, _ orders: Orders) async throws {
            guard let state = try await orders.cancel(job, reason: reason ?? "") else {
                throw Failure("there is no job \(job)", hint: "see usher job list")
            }
            try output.output.show(CancelReport(jobID: job, state: state))
            guard state.hasPrefix("cancel") else { throw Failure("job \(job) had ended before: \(state)") }
        }

        private func cancel(matching query: JobQuery, _ orders: Orders) async throws {
            let output = output.output
            let prepared = try await orders.prepareCancel(query, reason: reason ?? "")
            output.note("scope: \(prepared.scope)")
            if prepared.selected > 0 {
                output.note("  \(counts(prepared.states)); of \(counted(prepared.tenants, "tenant"))")
                if !yes { try output.confirm("Cancel \(counted(prepared.selected, "job"))?", flag: "--yes") }
            }
            try await cancelAll(prepared.cancelID, of: prepared.selected, orders)
        }

        /// Step by step, for as long as steps come to something.
        private func cancelAll(_ cancelID: Int64, of selected: Int?, _ orders: Orders) async throws {
            let output = output.output
            var total = CancelProgress()
            var bar = ProgressLine("cancellation \(cancelID)", on: output.standardError)
            var idle = 0
            repeat {
                let before = total.remaining
                total.add(try await orders.stepCancel(cancelID))
                if let selected, selected > 0 { bar.show(done: selected - total.remaining, of: selected, "") }
                idle = total.remaining == before ? idle + 1 : 0
            } while total.remaining > 0 && idle < 5
            bar.finish()
            try output.show(BulkCancelReport(cancelID: cancelID, progress: total))
            guard total.remaining == 0 else {
                throw Failure(
                    "\(counted(total.remaining, "job")) could not be cancelled: others are at work on them",
                    hint: "go on later: usher job cancel --resume \(cancelID)",
                    status: .tryLater
                )
            }
        }
    }
}

/// What `usher job cancel` prints for one job.
private struct CancelReport: Report {
    let jobID: Int64
    let state: String

    func lines(on terminal: Terminal) -> [String] { ["job \(jobID) \(state)"] }
}

/// What `usher job cancel` prints for many.
private struct BulkCancelReport: Report {
    let cancelID: Int64
    let progress: CancelProgress

    func lines(on terminal: Terminal) -> [String] {
        let parts = [
            progress.cancelled == 0 ? nil : "\(progress.cancelled.grouped) cancelled",
            progress.cancelling == 0 ? nil : "\(progress.cancelling.grouped) running, asked to stop",
            progress.endedBefore == 0 ? nil : "\(progress.endedBefore.grouped) had ended before",
            progress.remaining == 0 ? nil : "\(progress.remaining.grouped) to go",
        ].compactMap(\.self)
        return ["cancellation \(cancelID): \(parts.isEmpty ? "no jobs" : parts.joined(separator: ", "))"]
    }
}
