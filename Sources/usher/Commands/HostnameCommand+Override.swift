import ArgumentParser
import Onboarding
import Postgres
import TLSPolicy

extension HostnameCommand {
    struct Override: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Decide settings of one hostname, until a day; or take such a decision back.",
            discussion: """
                An override goes before the hostname's wish and its tier, and may be weaker than both: it is your
                decision, kept with your name, the reason and its end, which is at most \(HostnameOverride.longestDays)
                days ahead. What is not named stays as the tier and the wish have it. Another override takes the place
                of the one before, as a whole. The hostname's job acts on it, and again at its end.

                EXAMPLES:
                  usher hostname override shop.acme.com --min-tls 1.0 --until 2027-03-01 --reason "old tills, INC-77"
                  usher hostname override shop.acme.com --withdraw --reason "the tills are gone"
                """
        )

        @Argument(help: "The hostname, in any spelling.") var hostname: String
        @Option(help: "The lowest TLS version.") var minTLS: TLSVersion?
        @Option(help: "The cipher suites at TLS 1.2 and below, by the provider's names, with commas between.")
        var ciphers: String?
        @Option(name: .customLong("tls-1-3"), help: "TLS 1.3 on or off.") var tls13: Switch?
        @Option(help: "Its end: a day as 2027-03-01, a time in RFC 3339, or 30d from now.") var until: UntilArgument?
        @Flag(help: "Take the override back.") var withdraw = false
        @OptionGroup var decision: DecisionOptions
        @OptionGroup var database: DatabaseOptions
        @OptionGroup var output: OutputOptions

        private var names: [String]? {
            ciphers.map { $0.split { $0 == "," || $0 == " " }.map(String.init) }
        }

        private var namesSetting: Bool { minTLS != nil || ciphers != nil || tls13 != nil }

        func validate() throws {
            if withdraw {
                guard !namesSetting, until == nil else {
                    throw ValidationError("--withdraw takes the override back as a whole; it goes with --reason only")
                }
                return
            }
            guard namesSetting else {
                throw ValidationError("an override names a setting: --min-tls, --ciphers or --tls-1-3")
            }
            guard names?.isEmpty != true else { throw ValidationError("--ciphers names at least one suite") }
            guard until != nil else { throw ValidationError("an override has an end: --until") }
        }

        func run() async throws {
            let name = try canonicalHostname(hostname)
            let report = try await database.withDatabase { pool in
                try await withdraw ? taken(back: name, pool) : decided(name, pool)
            }
            try output.output.show(report)
        }

        private func decided(_ name: Hostname, _ pool: PostgresPool) async throws -> OverrideReport {
            let override = try HostnameOverride(
                minimumTLS: minTLS,
                ciphers: names,
                tls13: tls13,
                author: database.author(decision.author),
                reason: decision.reason,
                until: until?.seconds ?? 0
            )
            try await check(override, name, HostnameDirectory(pool: pool))
            let answer = try await ExceptionStore(pool: pool).setOverride(override, of: name.ascii)
            return OverrideReport(answer: answer, override: override)
        }

        private func taken(back name: Hostname, _ pool: PostgresPool) async throws -> OverrideReport {
            let answer = try await ExceptionStore(pool: pool).withdrawOverride(
                of: name.ascii,
                author: database.author(decision.author),
                reason: decision.reason
            )
            return OverrideReport(answer: answer, override: nil)
        }

        /// Refuses what the worker would refuse later, by the same rules; what stands against the hostname without the
        /// override is none of its business.
        private func check(_ override: HostnameOverride, _ name: Hostname, _ directory: HostnameDirectory) async throws
        {
            let tenant = try await directory.claimed(name).tenant
            guard var subject = try await directory.policyCase(tenant: tenant, hostname: name.ascii) else { return }
            let before = Judgement(subject).contradictions
            subject.exceptions.override = override
            let contradictions = Judgement(subject).contradictions.filter { !before.contains($0) }
            guard contradictions.isEmpty else {
                let details = contradictions.map { "\($0.sqlState) \($0)" }
                throw Failure("the override cannot be applied; not stored", details: details, status: .badData)
            }
        }
    }
}

/// What `usher hostname override` prints.
private struct OverrideReport: Report {
    let answer: OverrideAnswer
    /// `nil` if it was taken back.
    let override: HostnameOverride?

    private enum CodingKeys: String, CodingKey {
        case override
    }

    func encode(to encoder: any Encoder) throws {
        try answer.encode(to: encoder)
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encodeIfPresent(override.map(OverrideDocument.init), forKey: .override)
    }

    func lines(on terminal: Terminal) -> [String] {
        let job = "job \(answer.jobID) acts on it"
        guard let override else { return ["\(answer.hostname): override \(answer.overrideID) is taken back; \(job)"] }
        let settings = SettingKey.allCases.filter(override.keys.contains).map(\.rawValue).joined(separator: ", ")
        return ["\(answer.hostname): \(settings) decided by \(override.author) until \(moment(override.until)); \(job)"]
    }
}
