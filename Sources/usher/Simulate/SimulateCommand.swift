import ArgumentParser

/// The command `usher simulate`: a provider of one's own, and what steers one that runs.
struct SimulateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Run a provider of your own, to work and to learn against.",
        discussion: """
            Without a subcommand it runs one; usher simulate run --help lists every
            behaviour that can be switched. The others steer one that runs.

            EXAMPLES:
              usher simulate --port 8080 --scale 60
              usher simulate --port 8080 --clock stepped --state zone.json
              usher simulate edit shop.acme.com --min-tls 1.0
              usher simulate dns shop.acme.com --fixture never
            """,
        subcommands: [
            SimulateRunCommand.self, SimulateEditCommand.self, SimulateDeleteCommand.self, SimulateMoveCommand.self,
            SimulateBlockCommand.self, SimulateRefreshCommand.self, SimulateDNSCommand.self,
            SimulateFaultsCommand.self, SimulateStepCommand.self, SimulateSaveCommand.self,
        ],
        defaultSubcommand: SimulateRunCommand.self
    )
}
