import ArgumentParser
import Foundation
import JobQueue
import Onboarding
import Postgres

extension CertCommand {
    struct Get: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "One stored certificate: what it says, where it stands, what was found about it."
        )

        @Argument(help: "The certificate's number, as usher cert list shows it.") var certificateID: Int64
        @OptionGroup var database: DatabaseOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let document = try await database.withDatabase {
                try await CertificateStore(pool: $0).document(certificateID)
            }
            let decoder = JSONDecoder()
            decoder.keyDecodingStrategy = .convertFromSnakeCase
            try output.output.show(try decoder.decode(StoredCertificateDocument.self, from: Data(document.text.utf8)))
        }
    }

    struct Retire: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take a certificate out of use and shred its sealed key.",
            discussion: """
                Refused while its hostname cannot do without: put another first, or move the hostname to the provider's
                certificate by a reviewed plan (usher plan, usher apply). A certificate that replaced another and is
                not in force yet gives way to that one again.

                Shredded means set to null. The server keeps the old row until it is vacuumed, its log until it is
                recycled, and backups as long as you keep them; all of that is sealed to a key that usher keys retire
                ends.

                EXAMPLE:
                  usher cert retire 17 --reason "tenant left"
                """
        )

        @Argument(help: "The certificate's number, as usher cert list shows it.") var certificateID: Int64
        @Flag(help: "Shred the key even if the hostname then waits for another certificate.") var force = false
        @OptionGroup var decision: DecisionOptions
        @OptionGroup var database: DatabaseOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let isNew = try await database.withDatabase {
                try await CertificateStore(pool: $0)
                    .retire(
                        certificateID,
                        author: database.author(decision.author),
                        reason: decision.reason,
                        force: force
                    )
            }
            try output.output.show(RetiredCertificateReport(certificateID: certificateID, changed: isNew))
        }
    }
}

/// What `usher cert get` prints; as `usher.certificate_status` answers it.
private struct StoredCertificateDocument: Report, Decodable {
    let certificateId: Int64
    let tenant: String
    let hostname: String
    let state: String
    let inForce: Bool
    let keyKind: String
    let keyId: String
    let fingerprint: String
    let serial: String?
    let issuer: String?
    let names: [String]?
    let notBefore: String
    let notAfter: String
    let createdAt: String
    let retiredAt: String?
    let shreddedAt: String?
    let findings: [Finding]?

    struct Finding: Codable {
        let cause: String
        let foundAt: String
        let message: String
    }

    func lines(on terminal: Terminal) -> [String] {
        var table = TextTable(["", ""])
        func fact(_ name: String, _ value: String?) {
            if let value { table.append([.init(name, .faint), .init(value)]) }
        }
        fact("certificate", "\(certificateId)")
        fact("hostname", "\(hostname) of \(tenant)")
        fact("state", inForce ? "\(state), in force" : state)
        fact("names", names?.joined(separator: ", "))
        fact("issuer", issuer)
        fact("serial", serial)
        fact("fingerprint", fingerprint)
        fact("valid", "\(notBefore) to \(notAfter)")
        fact("key", shreddedAt.map { "\(keyKind), shredded at \($0)" } ?? "\(keyKind), sealed to \(keyId)")
        for finding in findings ?? [] { fact(finding.cause, finding.message) }
        return Array(table.lines(on: terminal).dropFirst())
    }
}

/// What `usher cert retire` prints.
private struct RetiredCertificateReport: Report {
    let certificateID: Int64
    /// False if it was retired before.
    let changed: Bool

    func lines(on terminal: Terminal) -> [String] {
        ["certificate \(certificateID) \(changed ? "is retired, its key shredded" : "was retired before")"]
    }
}
