import ArgumentParser
import Onboarding
import TLSPolicy

/// The commands under `usher hostname`.
struct HostnameCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hostname",
        abstract: "See where hostnames stand, who must act, and why they get the settings they get.",
        subcommands: [
            List.self, Get.self, Explain.self, Override.self, Verify.self, HostnameImportCommand.self,
        ]
    )

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "The hostnames that match, newest claim first.",
            discussion: """
                EXAMPLE:
                  usher hostname list --standing waiting
                """
        )

        @Option(help: "Hostnames of this tenant.") var tenant: String?
        @Option(help: "\(Self.standings.joined(separator: ", ")).") var standing: String?
        @Option(help: "At most this many.") var limit = 50
        @OptionGroup var database: DatabaseOptions
        @OptionGroup var output: OutputOptions

        /// The words of `usher.hostname.standing`; a released hostname is nobody's any more.
        private static let standings = ["queued", "waiting", "enforced", "partial", "unverified", "refused", "failed"]

        func validate() throws {
            guard limit > 0 else { throw ValidationError("--limit must be at least 1") }
            guard standing.map(Self.standings.contains) ?? true else {
                throw ValidationError("--standing is one of \(Self.standings.joined(separator: ", "))")
            }
        }

        func run() async throws {
            let filter = HostnameFilter(tenant: tenant, standing: standing, limit: limit)
            let hostnames = try await database.withDatabase { try await HostnameDirectory(pool: $0).list(filter) }
            try output.output.show(HostnameListReport(hostnames: hostnames))
        }
    }

    struct Get: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Where a hostname stands, who must act, and the DNS records to set."
        )

        @Argument(help: "The hostname, in any spelling.") var hostname: String
        @OptionGroup var database: DatabaseOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let name = try canonicalHostname(hostname)
            let report = try await database.withDatabase { pool in
                let claim = try await HostnameDirectory(pool: pool).claimed(name)
                return HostnameDetailReport(
                    claim,
                    try await ExceptionStore(pool: pool).overrides(of: name.ascii),
                    try await EvidenceStore(pool: pool).latest(of: claim.hostnameID)
                )
            }
            try output.output.show(report)
        }
    }

    struct Explain: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Which settings a hostname must have, where each comes from, and what contradicts them."
        )

        @Argument(help: "The hostname, in any spelling.") var hostname: String
        @Option(help: "The plan of the provider's zone: enterprise or standard.")
        var providerPlan = WorkCommand.Plan.enterprise
        @OptionGroup var database: DatabaseOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let name = try canonicalHostname(hostname)
            let subject = try await database.withDatabase { pool in
                let directory = HostnameDirectory(pool: pool)
                let tenant = try await directory.claimed(name).tenant
                return try await directory.policyCase(tenant: tenant, hostname: name.ascii)
            }
            guard let subject else { throw Failure("there is no hostname \(name)", hint: "see usher hostname list") }
            let capabilities: ProviderCapabilities = providerPlan == .enterprise ? .enterprise : .business
            try output.output.show(ExplanationReport(Judgement(subject, capabilities: capabilities)))
        }
    }
}

extension HostnameDirectory {
    /// The claim of a name.
    ///
    /// - Throws: ``Failure`` if nobody claims it.
    func claimed(_ name: Hostname) async throws -> HostnameReport {
        if let report = try await report(on: name.ascii) { return report }
        throw Failure("there is no hostname \(name)", hint: "see usher hostname list")
    }
}
