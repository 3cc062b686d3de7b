import ArgumentParser
import Cloudflare
import Foundation
import Onboarding
import TLSPolicy

/// The command `usher hostname import`.
struct HostnameImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Hostnames that the zone has and nobody claims; with --claim a tenant claims them.",
        discussion: """
            Shows what the last reading of the zone showed (workers read it), and with
            --tenant what that tenant's tier would do about each. Nothing is changed
            without --claim, and then by the same rules as usher enqueue: a name that
            another tenant claims is refused.

            EXAMPLES:
              usher hostname import
              usher hostname import --tenant acme --match acme.com
              usher hostname import --tenant acme --match acme.com --claim --yes
            """
    )

    @Option(help: "Compare with this tenant's tier.") var tenant: String?
    @Option(help: "Only names that contain this.") var match: String?
    @Option(help: "At most this many, by name.") var limit = 1000
    @Flag(help: "Claim those shown for --tenant.") var claim = false
    @Flag(help: "Claim without asking.") var yes = false
    @Option(help: "The plan of the provider's zone: enterprise or standard.")
    var providerPlan = WorkCommand.Plan.enterprise
    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard limit > 0 else { throw ValidationError("--limit must be at least 1") }
        guard !claim || tenant != nil else { throw ValidationError("--claim needs --tenant") }
    }

    func run() async throws {
        let capabilities: ProviderCapabilities = providerPlan == .enterprise ? .enterprise : .business
        try await database.withDatabase { pool in
            let store = ImportStore(pool: pool)
            guard let reading = try await store.lastReading() else {
                throw Failure("the zone was never read", hint: "start a worker: usher work", status: .tryLater)
            }
            let selection = ImportSelection(part: match, limit: limit)
            let hostnames = try await store.list(selection, for: tenant, capabilities: capabilities)
            var report = ImportReport(hostnames: hostnames, lastReading: reading)
            if claim, let tenant, !hostnames.isEmpty {
                let question = "Claim \(counted(hostnames.count, "hostname")) for \(tenant)?"
                if !yes { try output.output.confirm(question, flag: "pass --yes") }
                report.outcome = try await store.claim(hostnames, for: tenant)
            }
            try output.output.show(report)
            if report.outcome?.refused.isEmpty == false { throw ExitCode(ExitStatus.partial.rawValue) }
        }
    }
}

/// What `usher hostname import` prints.
struct ImportReport: Report {
    let hostnames: [UnclaimedHostname]
    let lastReading: Date
    var outcome: ImportOutcome?

    func lines(on terminal: Terminal) -> [String] {
        let end = "zone last read \(Span(from: lastReading)) ago"
        guard !hostnames.isEmpty else { return ["every hostname of the zone is claimed; \(end)"] }
        var table = TextTable(["HOSTNAME", "STATUS", "CERTIFICATE", "MIN TLS", "ACTION", "DIFFERENCE"])
        for hostname in hostnames {
            table.append([
                .init(hostname.hostname), .init(hostname.observed.status),
                .init(hostname.observed.certificateStatus),
                .init(hostname.observed.settings.minimumTLS?.text ?? "(zone)"),
                .init(hostname.plan?.action.rawValue, hostname.plan?.action.tone ?? .plain),
                .init(hostname.plan?.summary),
            ])
        }
        return table.lines(on: terminal) + ["", ending(end)] + refusals
    }

    private func ending(_ end: String) -> String {
        guard let outcome else { return "\(counted(hostnames.count, "hostname")) nobody claims; \(end)" }
        let batch = outcome.batchID.map { ", batch \($0)" } ?? ""
        return "\(outcome.claimed) claimed\(batch), \(outcome.refused.count) refused"
    }

    private var refusals: [String] {
        outcome?.refused.map { "\($0.hostname): \($0.message)\($0.hint.map { "; \($0)" } ?? "")" } ?? []
    }
}

extension PlanAction {
    fileprivate var tone: Tone {
        switch self {
        case .create, .unchanged: .plain
        case .change: .warning
        case .approve, .refuse: .bad
        case .wait: .faint
        }
    }
}

extension PlanRow {
    /// What would change, or why nothing would.
    fileprivate var summary: String {
        let texts = changes.map { "\($0.key.rawValue) \(PlannedChange.text($0.key, from: $0.before, to: $0.after))" }
        return (texts + reasons.map(\.message) + [partial].compactMap(\.self)).joined(separator: "; ")
    }
}
