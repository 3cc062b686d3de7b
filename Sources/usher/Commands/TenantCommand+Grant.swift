import ArgumentParser
import Onboarding
import TLSPolicy

extension TenantCommand {
    struct Grant: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Let a tenant have a capability beyond its tier.",
            discussion: """
                A wildcard granted beyond the tier is covered in part: its children take the zone's settings. The
                tenant's hostnames are queued, and again at the end of the grant.

                EXAMPLE:
                  usher tenant grant acme custom_certificate --until 2027-01-01 --reason "trial, SALES-12"
                """
        )

        @Argument(help: "The tenant.") var tenant: String
        @Argument(help: "The capability.") var capability: Capability
        @Option(help: "Its end: a day as 2027-03-01, a time in RFC 3339, or 30d from now.") var until: UntilArgument?
        @OptionGroup var decision: DecisionOptions
        @OptionGroup var database: DatabaseOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let entitlement = try Entitlement(
                capability: capability,
                author: database.author(decision.author),
                reason: decision.reason,
                until: until?.seconds
            )
            let answer = try await database.withDatabase {
                try await ExceptionStore(pool: $0).grant(entitlement, to: tenant)
            }
            let end = entitlement.until.map { "until \(moment($0))" } ?? "until it is revoked"
            try output.output.show(EntitlementReport(answer: answer, verb: "granted", end: end))
        }
    }

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take back what a tenant was granted beyond its tier.",
            discussion: """
                Hostnames that use it are refused from then on; what the provider serves is left as it is.

                EXAMPLE:
                  usher tenant revoke acme wildcard --reason "the trial is over"
                """
        )

        @Argument(help: "The tenant.") var tenant: String
        @Argument(help: "The capability.") var capability: Capability
        @OptionGroup var decision: DecisionOptions
        @OptionGroup var database: DatabaseOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let answer = try await database.withDatabase {
                try await ExceptionStore(pool: $0).revoke(
                    capability,
                    of: tenant,
                    author: database.author(decision.author),
                    reason: decision.reason
                )
            }
            try output.output.show(EntitlementReport(answer: answer, verb: "no longer granted", end: nil))
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "The tenants, with what they were granted.")

        @OptionGroup var database: DatabaseOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let tenants = try await database.withDatabase { try await TenantStore(pool: $0).list() }
            try output.output.show(TenantListReport(tenants: tenants))
        }
    }

    struct Get: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "One tenant, with everything it was ever granted beyond its tier."
        )

        @Argument(help: "The tenant.") var tenant: String
        @OptionGroup var database: DatabaseOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let report = try await database.withDatabase { pool -> TenantReport? in
                guard let summary = try await TenantStore(pool: pool).list(tenant).first else { return nil }
                let entitlements = try await ExceptionStore(pool: pool).entitlements(of: tenant)
                return TenantReport(tenant: summary, entitlements: entitlements)
            }
            guard let report else { throw Failure("there is no tenant \(tenant)", hint: "see usher tenant list") }
            try output.output.show(report)
        }
    }
}
