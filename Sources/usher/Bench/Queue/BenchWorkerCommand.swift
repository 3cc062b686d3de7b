import ArgumentParser
import Foundation
import JobQueue
import Logging
import Postgres
import ServiceLifecycle
import UnixSignals

/// How the workers of a bench are set up.
struct BenchWorkerOptions: ParsableArguments {
    @Option(help: "Jobs run at once.") var slots = 1000
    @Option(name: .customLong("work-ms"), help: "How long a job takes on average; 0 is a no-op.") var work_ms = 0.0
    @Option(help: "A budget that each job asks for one unit of.") var budget: String?

    init() {}

    init(slots: Int, work_ms: Double = 0, budget: String? = nil) {
        self.slots = slots
        self.work_ms = work_ms
        self.budget = budget
    }

    /// The same for another process.
    var arguments: [String] {
        ["--slots", "\(slots)", "--work-ms", "\(work_ms)"] + (budget.map { ["--budget", $0] } ?? [])
    }
}

/// The hidden command `usher bench worker`: the real worker over the real store, with a job that does nothing.
struct BenchWorkerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "worker",
        abstract: "A worker process of a bench.",
        shouldDisplay: false
    )

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var options: BenchWorkerOptions
    @Option(help: .hidden) var parent: Int32?

    func run() async throws {
        let settings = try database.settings()
        let logger = settings.logger(.warning)
        let pool = PostgresPool(settings.workerConnection, size: 4, logger: logger)
        let watch = parent.map { parent in Task { await WorkCommand.leave(without: parent) } }
        defer {
            watch?.cancel()
            pool.close()
        }
        let worker = Worker(
            settings: WorkerSettings(name: "bench:\(ProcessInfo.processInfo.processIdentifier)", slots: options.slots),
            store: PostgresJobStore(pool: pool),
            handler: BenchHandler(options, pool),
            intake: PostgresIntake(pool: pool, settings: settings.workerConnection, logger: logger),
            logger: logger
        )
        let group = ServiceGroup(services: [worker], gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        try await group.run()
    }
}

/// A job of a bench: takes its time, or none.
struct BenchHandler: JobHandler {
    /// Units older than this are not spent.
    static let unitAge: Duration = .milliseconds(500)

    private let work: Duration
    private let budget: BudgetLease?

    init(_ options: BenchWorkerOptions, _ pool: PostgresPool) {
        work = .milliseconds(1) * options.work_ms
        budget = options.budget.map {
            BudgetLease($0, store: PostgresBudgetStore(pool: pool), maximumAge: Self.unitAge)
        }
    }

    func run(_ job: ClaimedJob) async -> Settlement {
        let called_us = await call()
        if work > .zero {
            guard (try? await Task.sleep(for: work * Double.random(in: 0...2))) != nil else {
                return Settlement(of: job, outcome: .released)
            }
        }
        let detail = called_us.map { "{\"called_us\":\($0)}" } ?? "{}"
        return Settlement(
            of: job,
            outcome: .done(result: "ok"),
            providerCalls: called_us == nil ? 0 : 1,
            detail: detail
        )
    }

    /// When the call was made that the budget had a unit for, in microseconds; `nil` if it had none.
    private func call() async -> Int64? {
        guard let budget, (try? await budget.take(patience: .zero)) != nil else { return nil }
        return Int64((Date().timeIntervalSince1970 * 1_000_000).rounded(.down))
    }
}
