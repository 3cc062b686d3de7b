import ArgumentParser
import Onboarding

/// The commands under `usher tenant`.
struct TenantCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tenant",
        abstract: "Tell which tier a tenant is on, and what it may have beyond it.",
        subcommands: [SetTier.self, Grant.self, Revoke.self, List.self, Get.self]
    )

    struct SetTier: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Pass on a billing event: this tenant is on this tier.",
            discussion: """
                Events may come in any order and any number of times. An event whose version is not above the newest one
                heard changes nothing, and that is no failure. A change queues the tenant's hostnames.

                EXAMPLE:
                  usher tenant set-tier acme enterprise --event evt_1042 --version 7
                """
        )

        @Argument(help: "The tenant; created if it is not known.") var tenant: String
        @Argument(help: "The tier.") var tier: String
        @Option(help: "The event's id in the billing system.") var event: String
        @Option(help: "The billing system's counter for this tenant.") var version: Int64
        @OptionGroup var database: DatabaseOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let answer = try await database.withDatabase {
                try await TenantStore(pool: $0).setTier(tenant, to: tier, event: event, version: version)
            }
            try output.output.show(TierEventReport(answer: answer))
        }
    }
}

/// What `usher tenant set-tier` prints.
private struct TierEventReport: Report {
    let answer: TierEventAnswer

    func encode(to encoder: any Encoder) throws { try answer.encode(to: encoder) }

    func lines(on terminal: Terminal) -> [String] {
        switch (answer.applied, answer.previous) {
        case (false, let present): ["nothing changed: \(answer.tenant) stays on \(present ?? answer.tier); old event"]
        case (true, nil): ["\(answer.tenant) is a new tenant on \(answer.tier)"]
        case (true, answer.tier): ["\(answer.tenant) is on \(answer.tier), as before"]
        case (true, let previous?):
            ["\(answer.tenant) moved from \(previous) to \(answer.tier); \(counted(answer.jobs, "hostname")) queued"]
        }
    }
}
