import ArgumentParser
import Foundation
import Onboarding

/// The commands under `usher tier`.
struct TierCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tier",
        abstract: "Check, store and see what the tiers promise.",
        subcommands: [Validate.self, Apply.self, List.self, Get.self, Diff.self, Schema.self]
    )

    struct Validate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Check a tier file; needs no database.",
            discussion: """
                EXAMPLE:
                  usher tier validate jobs/tiers.yaml
                """
        )

        @Argument(help: "The tier file, or - for standard input.") var file: String
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let tiers = try readTiers(file)
            try output.output.show(TierFileReport(tiers: tiers.map(\.name)))
        }
    }

    struct Apply: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Store what a tier file says; a tier that means the same keeps its revision.",
            discussion: """
                All tiers of the file are stored, or none. Tiers that the file does not name stay as they are. Hostnames
                take the new revision when their next job runs.

                EXAMPLE:
                  usher tier apply jobs/tiers.yaml --reason "TLS 1.2 for everybody"
                """
        )

        @Argument(help: "The tier file, or - for standard input.") var file: String
        @Option(help: "Why; kept with each new revision.") var reason: String
        @Option(help: "Who answers for it; else USHER_ACTOR, else the user.") var author: String?
        @OptionGroup var database: DatabaseOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let tiers = try readTiers(file).map { (name: $0.name, policy: $0.policy) }
            let author = try database.author(author)
            let changes = try await database.withDatabase {
                try await TierStore(pool: $0).apply(tiers, author: author, reason: reason)
            }
            try output.output.show(TierChangeReport(tiers: changes))
        }
    }

    struct Schema: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print a JSON Schema of the tier file, for editors; needs no database.",
            discussion: """
                It knows each key with its values. What contradicts something elsewhere only usher tier validate finds.

                EXAMPLE:
                  usher tier schema > tiers.schema.json
                """
        )

        @OptionGroup var output: OutputOptions

        func run() async throws { output.output.show([try TierFile.schema()]) }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "The tiers, each with its current revision.")

        @OptionGroup var database: DatabaseOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let tiers = try await database.withDatabase { try await TierStore(pool: $0).list() }
            try output.output.show(TierListReport(tiers: tiers))
        }
    }

    struct Get: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "What one tier promises.",
            discussion: """
                EXAMPLES:
                  usher tier get pro
                  usher tier get pro@2
                """
        )

        @Argument(help: "The tier, or one revision of it as NAME@REVISION.") var tier: String
        @OptionGroup var database: DatabaseOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let reference = try TierReference(tier)
            let record = try await database.withDatabase {
                try await TierStore(pool: $0).get(reference.name, revision: reference.revision)
            }
            guard let record else { throw Failure("there is no tier \(tier)", hint: "see usher tier list") }
            try output.output.show(TierDetailReport(tier: record))
        }
    }
}

/// A tier as a person names it: `NAME` or `NAME@REVISION`.
struct TierReference {
    let name: String
    let revision: Int?

    init(_ text: String) throws(ValidationError) {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false).map(String.init)
        revision = parts.count == 2 ? Int(parts[1]) : nil
        guard parts.count == 1 || revision != nil else { throw ValidationError("write NAME or NAME@REVISION") }
        name = parts[0]
    }
}

/// The tiers of a file without a problem.
func readTiers(_ path: String) throws(Failure) -> [TierFile.Tier] {
    let file = TierFile.read(path)
    if file.problems.isEmpty { return file.tiers }
    throw Failure(file.problems, "the tier file has \(counted(file.problems.count, "problem")); nothing was stored")
}

/// A number with its noun, as in `1 row` and `2 rows`.
func counted(_ count: Int, _ noun: String) -> String {
    "\(count) \(noun)\(count == 1 ? "" : "s")"
}
