import ArgumentParser

/// The commands under `usher provider`.
struct ProviderCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "provider",
        abstract: "See what the provider allows and refuses, and what becomes of it.",
        subcommands: [ProviderErrorsCommand.self]
    )
}
