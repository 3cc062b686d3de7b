import ArgumentParser

/// The command `usher demo`.
struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Watch tenants being onboarded, on a throwaway PostgreSQL and a simulated provider.",
        discussion: """
            Starts a throwaway PostgreSQL and the simulator, applies jobs/tiers.yaml, queues jobs/onboarding.csv and
            runs two worker processes. Half-way the provider starts to misbehave and one worker is killed; then a
            tenant moves up a tier and what failed for a curable reason is replayed. In the end every hostname is
            compared with what the file expects and with the provider's own state: exit status 0 means all agree.

            EXAMPLES:
              usher demo
              usher demo --hostnames 500 --seed 7
              usher demo --json
              usher demo --keep          leaves everything running and says how to look around
            """
    )

    @Option(help: "Decides what goes wrong, and when.")
    var seed: UInt64 = 1

    @Option(help: "Hostnames in all; those beyond the file's are made up.")
    var hostnames: Int?

    @Flag(help: "Leave database, simulator and workers running until Ctrl-C.")
    var keep = false

    @Option(name: .customLong("time-scale"), help: "Provider seconds that pass in one of ours.")
    var timeScale = 60.0

    @OptionGroup var output: OutputOptions

    func validate() throws {
        if let hostnames, hostnames > 20_000 {
            throw ValidationError("--hostnames is \(hostnames); the demo takes at most 20000")
        }
        if !(1...600).contains(timeScale) {
            throw ValidationError("--time-scale is \(timeScale); 1 to 600 keeps the demo true to life")
        }
    }

    func run() async throws {
        let input = try DemoInput(hostnames: hostnames, seed: seed)
        let output = output.output
        let report = try await DemoWorld.with(input, timeScale: timeScale, seed: seed) { world in
            var demo = Demo(world: world, input: input, output: output, seed: seed)
            let report = try await demo.run()
            try output.show(report)
            if keep { await demo.waitForInterrupt() }
            return report
        }
        if !report.isAsExpected { throw ExitCode(ExitStatus.failure.rawValue) }
    }
}
