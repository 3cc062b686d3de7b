import ArgumentParser
import Foundation
import Onboarding
import TLSPolicy

extension CertCommand {
    struct Inspect: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show what certificates say, and whether a tier and the provider take them.",
            discussion: """
                Each file is one leaf and its intermediates, PEM or DER; two files are a pair, RSA and ECDSA. Nothing is
                sent or stored, and no database is needed unless a stored tier is named. Without --tier the provider's
                rules alone are judged; without --hostname, the certificate's own first name is taken.

                EXAMPLES:
                  usher cert inspect chain.pem
                  usher cert inspect chain.pem --key key.pem --hostname pay.acme.com --tier business
                  usher cert inspect rsa.pem ecdsa.pem --tier business --tier-file jobs/tiers.yaml
                """
        )

        @Argument(help: "Files with a leaf certificate and its intermediates, or - for standard input.")
        var files: [String]
        @Option(help: "PEM file with the private key of one of the leaves; it is only compared.")
        var key: [String] = []
        @Option(help: "The hostname the certificates are for.") var hostname: String?
        @Option(help: "The tier, or one revision of it as NAME@REVISION.") var tier: String?
        @Option(help: "Take the tier from this file, not from the database.") var tierFile: String?
        @OptionGroup var database: DatabaseOptions
        @OptionGroup var output: OutputOptions

        func validate() throws {
            guard tierFile == nil || tier != nil else { throw ValidationError("--tier-file needs --tier NAME") }
        }

        func run() async throws {
            try CoreDumps.forbid()
            let revision = try await policy()
            let name = try hostname.map { text throws(Failure) in try canonicalHostname(text) }
            var inspected: [InspectedFile] = []
            for path in files { inspected.append(InspectedFile(path, try InputFile.read(path).get())) }
            for path in key { try compare(path, with: &inspected) }
            let inspection = CertInspection(
                files: inspected,
                revision: revision,
                hostname: name,
                now: Int64(Date().timeIntervalSince1970)
            )
            try output.output.show(CertInspectionReport(inspection))
            if let failure = inspection.failure { throw failure }
        }

        /// A key is one leaf's; it is told to a leaf it does not fit only if it fits none.
        private func compare(_ path: String, with files: inout [InspectedFile]) throws {
            var bytes = try InputFile.read(path).get()
            let key = PrivateKeyPEM(wiping: &bytes)
            var fits = false
            var mismatched: [(index: Int, facts: ChainFacts)] = []
            for index in files.indices {
                guard let chain = files[index].chain else { continue }
                let facts = try chain.facts(with: key)
                if facts.keyMatches == true {
                    files[index].facts = facts
                    fits = true
                } else if files[index].facts?.keyMatches == nil {
                    mismatched.append((index, facts))
                }
            }
            if !fits { for (index, facts) in mismatched { files[index].facts = facts } }
        }

        private func policy() async throws -> PolicyRevision? {
            guard let tier else { return nil }
            if let tierFile { return try policy(of: tier, in: tierFile) }
            let reference = try TierReference(tier)
            let record = try await database.withDatabase {
                try await TierStore(pool: $0).get(reference.name, revision: reference.revision)
            }
            guard let record else { throw Failure("there is no tier \(tier)", hint: "see usher tier list") }
            return PolicyRevision(tier: record.tier, revision: record.revision, policy: record.policy)
        }

        private func policy(of tier: String, in path: String) throws(Failure) -> PolicyRevision {
            let tiers = try readTiers(path)
            guard let found = tiers.first(where: { $0.name == tier }) else {
                let known = tiers.map(\.name).joined(separator: ", ")
                throw Failure("\(path) has no tier \(InputProblem.shown(tier)); it has \(known)", status: .badData)
            }
            // A file's tier has no revision before it is stored.
            return PolicyRevision(tier: tier, revision: 0, policy: found.policy)
        }
    }
}
