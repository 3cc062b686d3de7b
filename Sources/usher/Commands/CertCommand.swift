import ArgumentParser
import Foundation
import Onboarding
import TLSPolicy

/// The commands under `usher cert`.
struct CertCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cert",
        abstract: "Store, see, replace and retire the certificates that tenants bring.",
        subcommands: [Put.self, List.self, Get.self, Inspect.self, Retire.self]
    )

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "The stored certificates, those that end first on top."
        )

        @Option(help: "Certificates of this tenant.") var tenant: String?
        @Flag(help: "Show those that were replaced or retired, too.") var retired = false
        @OptionGroup var database: DatabaseOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let certificates = try await database.withDatabase {
                try await CertificateStore(pool: $0).list(tenant: tenant, includingRetired: retired)
            }
            try output.output.show(CertificateListReport(certificates: certificates))
        }
    }
}

extension CertCommand {
    struct Put: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "put",
            abstract: "Check a certificate and its key, seal the key, and store both.",
            discussion: """
                The key leaves this process sealed to the workers' public key: USHER_PUBLIC_KEY, else the one that is
                published, else the first of USHER_KEYS_FILE. A certificate that the tenant's tier or the provider would
                not take is refused here.

                It takes the place of the hostname's certificate of the same kind of key, which serves until the new one
                is seen in force; one with an RSA key and one with an ECDSA key stand beside each other.

                EXAMPLE:
                  usher cert put --tenant acme --hostname pay.acme.com --chain chain.pem --key key.pem
                """,
            aliases: ["replace"]
        )

        @Option(help: "The tenant.") var tenant: String
        @Option(help: "The hostname the certificate is for.") var hostname: String
        @Option(help: "PEM file with the leaf certificate and its intermediates.") var chain: String
        @Option(help: "PEM file with the leaf's private key, without password.") var key: String
        @OptionGroup var database: DatabaseOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try CoreDumps.forbid()
            let settings = try database.settings()
            let name = try canonicalHostname(hostname)
            let sealed = try SealedCertificate(
                chainPEM: String(decoding: try read(chain), as: UTF8.self),
                key: try readKey(),
                tenant: tenant,
                hostname: name.ascii,
                sealingTo: try await settings.sealingKey()
            )
            let number = try await settings.withDatabase { pool in
                try await check(sealed, name, HostnameDirectory(pool: pool))
                return try await CertificateStore(pool: pool).put(sealed, tenant: tenant, hostname: name.ascii)
            }
            try output.output.show(StoredCertificateReport(number, sealed, tenant: tenant, hostname: name.ascii))
        }

        /// Refuses what the worker would refuse later, by the same rules.
        private func check(_ sealed: SealedCertificate, _ name: Hostname, _ directory: HostnameDirectory) async throws {
            guard var subject = try await directory.policyCase(tenant: tenant, hostname: name.ascii) else {
                throw Failure("there is no tenant \(tenant)", hint: "see usher tenant set-tier", status: .badData)
            }
            // Beside it stands the one with the other kind of key.
            let kind = sealed.facts.key.authentication
            subject.leaves = subject.leaves.filter { $0.key.authentication != kind } + [sealed.facts]
            subject.wish.customCertificate = true
            let contradictions = Judgement(subject).contradictions.filter(\.kind.isAboutCertificate)
            guard contradictions.isEmpty else {
                let details = contradictions.map { "\($0.sqlState) \($0)" }
                throw Failure("the certificate cannot serve \(name); not stored", details: details, status: .badData)
            }
        }

        private func readKey() throws(InputProblem) -> PrivateKeyPEM {
            var bytes = try read(key)
            return PrivateKeyPEM(wiping: &bytes)
        }

        private func read(_ path: String) throws(InputProblem) -> [UInt8] {
            try InputFile.read(path).get()
        }
    }
}

/// A hostname from the command line in canonical form.
func canonicalHostname(_ text: String) throws(Failure) -> Hostname {
    do throws(HostnameProblem) {
        return try Hostname(text)
    } catch {
        throw Failure("\(InputProblem.shown(text)) is no hostname: \(error)", status: .badData)
    }
}

extension Contradiction.Kind {
    /// Whether it stands against this certificate rather than against the hostname as a whole.
    fileprivate var isAboutCertificate: Bool {
        switch self {
        case .certificateNames, .certificatePair, .certificateExpired, .certificateNotYetValid, .certificateEndsSoon,
            .certificateSignature, .certificateKey, .certificateIsAuthority, .noSuiteForKey, .certificateSelfSigned,
            .certificateChainBroken, .certificateChainIncomplete, .certificateChainRoot, .certificateChainOrder,
            .certificateKeyMismatch, .certificateCurveParameters,
            .customCertificateNotInTier, .customCertificateNotInPlan:
            true
        default:
            false
        }
    }
}
