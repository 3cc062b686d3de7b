import ArgumentParser

/// The commands under `usher bench`.
struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measure usher on this machine, against a throwaway PostgreSQL and the simulator.",
        subcommands: [PlanBench.self]
    )
}
