import ArgumentParser
import Foundation
import Onboarding
import TLSPolicy

extension BatchFile.Format: ExpressibleByArgument {}
extension TLSVersion: ExpressibleByArgument {}

/// The command `usher enqueue`, for a file of hostnames or for one.
struct EnqueueCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "enqueue",
        abstract: "Queue hostnames to be onboarded: one, or a file of them.",
        discussion: """
            A file is taken whole or not at all: every bad row is reported with its line, value and rule, those the
            reader finds and those the database refuses, and then nothing is queued (status 65). With --partial the
            good rows are queued (status 3). A tenant that is not known is created on the tier of its row.

            EXAMPLES:
              usher enqueue jobs/onboarding.csv
              usher enqueue rows.jsonl --partial --json
              generate | usher enqueue - --format csv
              usher enqueue --tenant acme --hostname www.acme.com --min-tls 1.3
            """
    )

    @Argument(help: "A CSV, YAML or JSON Lines file, or - for standard input.") var file: String?
    @Option(help: "csv, yaml or jsonl; else the file's name tells.") var format: BatchFile.Format?
    @Flag(help: "Queue the good rows even if others are refused.") var partial = false
    @Option(help: "The batch's name; else the file's.") var name: String?

    @Option(help: "Queue one hostname of this tenant, which must be known.") var tenant: String?
    @Option(help: "The hostname.") var hostname: String?
    @Flag(help: "Serve the names below it too.") var wildcard = false
    @Option(help: "Require at least this TLS version: 1.0, 1.1, 1.2 or 1.3.") var minTLS: TLSVersion?
    @Option(help: "Allow only these cipher suites, separated by commas.") var ciphers: String?
    @Flag(help: "Serve the tenant's own certificate; see usher cert put.") var customCertificate = false
    @Option(help: "The same key again gives the first answer.") var idempotencyKey: String?
    @Option(help: "0 to 9; higher goes first among the tenant's jobs.") var priority = 0

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        switch (file, tenant, hostname) {
        case (_?, nil, nil), (nil, _?, _?): break
        default: throw ValidationError("give a file, or both --tenant and --hostname")
        }
        let hasWish = wildcard || customCertificate || minTLS != nil || ciphers != nil || idempotencyKey != nil
        if file != nil && (hasWish || priority != 0) {
            throw ValidationError("what is asked for each hostname of a file stands in the file")
        }
        if file == nil && (partial || format != nil || name != nil) {
            throw ValidationError("--partial, --format and --name go with a file")
        }
    }

    func run() async throws {
        if let file {
            try await enqueue(file: file)
        } else if let tenant, let hostname {
            try await enqueue(hostname, of: tenant)
        }
    }

    private func enqueue(_ hostname: String, of tenant: String) async throws {
        let wish = HostnameWish(
            wildcard: wildcard,
            minimumTLS: minTLS,
            ciphers: ciphers?.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) },
            customCertificate: customCertificate
        )
        let answer = try await database.withDatabase {
            try await EnqueueStore(pool: $0).enqueue(
                tenant: tenant,
                hostname: hostname,
                wish: wish,
                idempotencyKey: idempotencyKey,
                priority: priority
            )
        }
        try output.output.show(EnqueuedHostnameReport(answer: answer))
    }
}
