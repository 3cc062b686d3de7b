import ArgumentParser
import Foundation
import Onboarding

/// The commands under `usher evidence`.
struct EvidenceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evidence",
        abstract: "What handshakes have shown, for those who must prove it to others.",
        subcommands: [Export.self]
    )

    struct Export: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Every claimed hostname with its certificate, and the versions and suites wanted and last seen.",
            discussion: """
                The inventories that PCI DSS asks for: of certificates (4.2.1.1), and of cipher suites and protocols in
                use (12.3.3). Versions and suites are those of the hostname's own name; a wildcard has a line of its own
                for the names below it.

                EXAMPLES:
                  usher evidence export > evidence.csv
                  usher evidence export --format json --tenant acme
                """
        )

        @Option(help: "csv or json.") var format = Format.csv
        @Option(help: "Hostnames of this tenant.") var tenant: String?
        @OptionGroup var database: DatabaseOptions

        enum Format: String, ExpressibleByArgument, CaseIterable {
            case csv
            case json
        }

        func run() async throws {
            let output = Output(asJSON: format == .json)
            try await database.withDatabase { pool in
                var document: any EvidenceDocument = format == .csv ? EvidenceCSV() : EvidenceJSON()
                output.show([document.start])
                try await EvidenceExport(pool: pool, tenant: tenant).forEachPage { page in
                    output.show([try document.text(of: page.flatMap(EvidenceEntry.all))])
                }
                output.show([document.end])
            }
        }
    }
}
