import ArgumentParser

/// The command `usher bench`: figures that anybody can have printed again.
struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measure, on a throwaway PostgreSQL and a simulated provider.",
        subcommands: [
            QueueBench.self, LatencyBench.self, FairnessBench.self, BacklogBench.self, PinnedBench.self,
            LimitsBench.self, PacingBench.self, CallsBench.self, PlanBench.self, BenchWorkerCommand.self,
        ]
    )
}
