import ArgumentParser
import Onboarding
import TLSPolicy

/// How a command finds the edge.
struct EdgeOptions: ParsableArguments {
    @Option(name: .customLong("edge"), help: "Ask this host:port for every name, not what its DNS says.")
    var address: String?

    @Flag(help: "Ask edges at private, loopback and link-local addresses too.")
    var allowPrivate = false

    var flags: [Setting: String] {
        var flags: [Setting: String] = [:]
        flags[.edgeAddress] = address
        if allowPrivate { flags[.edgePrivateAddresses] = Settings.Edge.allow }
        return flags
    }
}

extension HostnameCommand {
    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Look by TLS handshakes whether a hostname's edge does what its tier promises, now.",
            discussion: """
                Connects to the hostname's edge, about 10 times: versions below the minimum and suites outside the list
                must be refused, the others accepted, and the certificate must be the expected one. What is seen is
                kept as evidence. Makes no call of the provider's API. Exit status 1 if something is not as wanted.

                EXAMPLES:
                  usher hostname verify shop.acme.com
                  usher hostname verify shop.acme.com --edge 127.0.0.1:8443 --allow-private --json
                """
        )

        @Argument(help: "The hostname, in any spelling.") var hostname: String
        @OptionGroup var edge: EdgeOptions
        @OptionGroup var database: DatabaseOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let name = try canonicalHostname(hostname)
            let settings = try database.settings(edge.flags)
            let outcome = try await settings.withDatabase { pool in
                try await HostnameVerification(pool: pool, prover: settings.edge.prover()).verify(name)
            }
            switch outcome {
            case .unclaimed: throw Failure("there is no hostname \(name)", hint: "see usher hostname list")
            case .neverSeen:
                let hint = "see usher hostname get \(name)"
                throw Failure("\(name) is not at the provider yet, so that there is nothing to see", hint: hint)
            case .judged(let evidence):
                try output.output.show(VerificationReport(name.ascii, evidence))
                if evidence.proof.result != .proved { throw ExitCode(ExitStatus.failure.rawValue) }
            }
        }
    }
}

/// What `usher hostname verify` prints.
struct VerificationReport: Report {
    let hostname: String
    let result: ProofResult
    let policy: String
    let generation: Int64
    let address: String?
    let connections: Int
    let wanted: [ProofExpectation]
    let seen: [EdgeSighting]
    let mismatches: [ProofMismatch]

    init(_ hostname: String, _ evidence: Evidence) {
        self.hostname = hostname
        result = evidence.proof.result
        policy = evidence.policy
        generation = evidence.generation
        address = evidence.proof.seen.first?.address
        connections = evidence.proof.seen.map(\.connections).reduce(0, +)
        wanted = evidence.proof.wanted
        seen = evidence.proof.seen
        mismatches = evidence.proof.mismatches
    }

    func lines(on terminal: Terminal) -> [String] {
        var facts = FactList()
        facts.add("hostname", hostname)
        facts.add("result", result.rawValue, result == .proved ? .good : .bad)
        facts.add("policy", "\(policy), generation \(generation)")
        facts.add("address", address)
        facts.add("connections", "\(connections)")
        for leaf in seen.flatMap(\.leaves) {
            facts.add("certificate", "\(leaf.fingerprint), serial \(leaf.serial), issued by \(leaf.issuer)")
        }
        let amiss = mismatches.map { terminal.painted("amiss: ", .bad) + $0.description.onOneLine }
        return facts.lines(on: terminal) + [""] + table.lines(on: terminal) + (amiss.isEmpty ? [] : [""] + amiss)
    }

    private var table: TextTable {
        var table = TextTable(["NAME", "VERSION", "WANTED", "SEEN"])
        for (expectation, sighting) in zip(wanted, seen) {
            for version in expectation.versions {
                table.append([
                    .init(expectation.name), .init("TLS \(version.version)"), .init(version.words),
                    .init(sighting[version.version].map(\.words) ?? "not looked at"),
                ])
            }
        }
        return table
    }
}

extension ProofExpectation.Version {
    fileprivate var words: String {
        switch demand {
        case .refused: "refused"
        case .either: "either"
        case .accepted: suites.isEmpty ? "accepted" : "accepted, \(suites.count) suites"
        }
    }
}

extension EdgeSighting.Version {
    fileprivate var words: String {
        if !isAccepted { return "refused" + (note.map { ": \($0)" } ?? "") }
        return suites.isEmpty ? "accepted" : "accepted: \(suites.map(\.name).joined(separator: " "))"
    }
}
