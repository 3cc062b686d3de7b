import ArgumentParser
import Foundation
import Onboarding
import Postgres
import TLSPolicy

/// The command `usher plan`.
struct PlanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "What would be done about hostnames as they are stored; nothing is done.",
        discussion: """
            No call is made to the provider: what it last showed is compared with what the tiers promise. What is not
            given does not narrow the choice. What carries a plan out is usher apply.

              + create   ~ change   ! would become weaker: needs approval   x refused, with the reasons
              ? only a part of what is promised can be kept   . somebody else must move   = unchanged, counted

            EXAMPLES:
              usher plan
              usher plan --tier gold --out plan.json
              usher plan --policy gold@7 --tenant acme
              usher plan --hostname www.acme.com --json
            """
    )

    @Option(help: "Hostnames of this tenant.") var tenant: String?
    @Option(help: "Hostnames of tenants on this tier.") var tier: String?
    @Option(help: "This hostname, in any spelling.") var hostname: String?
    @Option(help: "Plan with this stored revision, as gold@8, for the hostnames of its tier.") var policy:
        PolicyArgument?
    @Option(help: "Keep the plan in this file, for usher apply.") var out: String?
    @Option(help: "The plan of the provider's zone: enterprise or standard.")
    var providerPlan = WorkCommand.Plan.enterprise
    @Flag(name: .customLong("detailed-exitcode"), help: "End with status 2 if there is something to change.")
    var detailedExitCode = false
    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard let policy, let tier, tier != policy.tier else { return }
        throw ValidationError("--tier \(tier) and --policy \(policy) exclude each other")
    }

    func run() async throws {
        let selection = PlanSelection(
            tenant: tenant,
            tier: tier ?? policy?.tier,
            hostname: try hostname.map { try canonicalHostname($0).ascii },
            revision: policy?.revision
        )
        let capabilities: ProviderCapabilities = providerPlan == .enterprise ? .enterprise : .business
        let document = try await database.withDatabase { pool in
            if let policy { _ = try await TierStore(pool: pool).existing(policy) }
            return try await PlanStore(pool: pool).plan(selection, capabilities: capabilities)
        }
        let summary = document.head.summary
        if summary.selected == 0 && !selection.isEverything {
            throw Failure("no claimed hostname is selected", hint: "see usher hostname list, usher tier list")
        }
        let output = output.output
        if let out { try Self.write(document, to: out) }
        let report = PlanReport(document: document)
        output.show(
            output.asJSON
                ? try document.pieces() : report.lines(on: output.standardOutput).map { Data(($0 + "\n").utf8) }
        )
        if let out { output.note("kept in \(out); to carry it out: usher apply \(out)") }
        if detailedExitCode { try leave(with: summary, output) }
    }

    /// The last line tells what the status alone cannot, to a script that lost it.
    private func leave(with summary: PlanSummary, _ output: Output) throws {
        let result = summary.hasChanges ? "changes" : "no_changes"
        output.note(
            "result=\(result) creates=\(summary.create) changes=\(summary.change) approvals=\(summary.approve)"
        )
        if summary.hasChanges { throw ExitCode(ExitStatus.changes.rawValue) }
    }

    private static func write(_ document: PlanDocument, to path: String) throws {
        do {
            try Data().write(to: URL(filePath: path))
            let file = try FileHandle(forWritingTo: URL(filePath: path))
            for piece in try document.pieces() { try file.write(contentsOf: piece) }
            try file.close()
        } catch let error as CocoaError {
            throw Failure("\(path) cannot be written: \(error.localizedDescription)", hint: "choose another --out")
        }
    }
}

extension TierStore {
    /// A stored revision.
    ///
    /// - Throws: ``Failure`` if there is none.
    func existing(_ policy: PolicyArgument) async throws -> TierRecord {
        if let record = try await get(policy.tier, revision: policy.revision) { return record }
        throw Failure("there is no policy \(policy)", hint: "see usher tier list")
    }
}
