import Foundation
import Onboarding
import Postgres
import Simulator
import TLSPolicy
import TestSupport
import Testing
import usher

/// `usher` under logins that have one role each: what the role is for works, and the rest is refused.
@Suite(.database, .timeLimit(.minutes(10)))
struct LeastPrivilegeTests {
    private let logins = RoleLogins()
    private let name = "shop.acme-usher.com"

    @Test func `a worker that is only a worker brings a hostname to enforced, and the others see to their own`()
        async throws
    {
        for role in ClientRole.allCases { try await logins.make(role, tenants: role == .enqueuer ? ["*"] : []) }
        let login = ["USHER_DATABASE_URL": logins.url(.worker)]
        try await WorkerWorld.with(logLevel: "warning", proves: true, environment: login) { world in
            try await world.prepare()
            let queued = try await run(.enqueuer, world, "enqueue", "--tenant", "acme", "--hostname", name)
            #expect(queued.status == 0, "\(queued.errors)")
            try await world.workers.start(1)
            #expect(try await eventually { try await world.enforced() == 1 }, "\(log(world))")
            try await auditorReads(world)
            try await operatorOperates(world)
            try await drifts(world)
            let stray = log(world).split(separator: "\n").filter { $0.contains("permission denied") }
            #expect(stray == [])
        }
    }

    private func log(_ world: WorkerWorld) -> String {
        (try? String(contentsOfFile: world.workers.log(of: 1), encoding: .utf8)) ?? "no log"
    }

    private func auditorReads(_ world: WorkerWorld) async throws {
        let export = try await run(.auditor, world, "evidence", "export")
        #expect(
            export.status == 0 && export.output.contains("\(name),acme,gold,enforced,gold@1,proved,"),
            "\(export.errors)"
        )
        let cancel = try await run(.auditor, world, "job", "cancel", "1", "--reason", "x")
        #expect(cancel.status != 0 && cancel.errors.contains("permission denied"), "\(cancel.errors)")
    }

    private func operatorOperates(_ world: WorkerWorld) async throws {
        for arguments in [
            ["job", "list"], ["job", "get", "1"], ["batch", "get", "1"], ["hostname", "list"],
            ["hostname", "get", name],
            ["hostname", "explain", name], ["hostname", "verify", name], ["hostname", "import"], ["tenant", "list"],
            ["tenant", "get", "acme"], ["tier", "list"], ["cert", "list"], ["provider", "status"],
            ["provider", "errors"],
            ["drift", "report"], ["plan"], ["replay", "--state", "failed", "--dry-run", "--reason", "test"],
            ["provider", "breaker", "open", "--reason", "test"], ["provider", "breaker", "close", "--reason", "test"],
            ["tenant", "grant", "acme", "wildcard", "--reason", "test"],
            ["tenant", "revoke", "acme", "wildcard", "--reason", "test"],
            ["hostname", "override", name, "--min-tls", "1.3", "--until", "2027-01-01", "--reason", "test"],
            ["hostname", "override", name, "--withdraw", "--reason", "test"],
            ["tenant", "set-tier", "acme", "platinum", "--event", "e9", "--version", "9"], ["doctor"],
        ] {
            let run = try await self.run(.operator, world, arguments)
            #expect(!run.errors.contains("permission denied"), "\(arguments): \(run.errors)")
            #expect(!run.output.contains("permission denied"), "\(arguments): \(run.output)")
            #expect(
                run.status == 0 || arguments == ["doctor"] || arguments[0] == "batch",
                "\(arguments): \(run.status ?? -1) \(run.errors) \(run.output)"
            )
        }
        let enqueue = try await run(
            .operator,
            world,
            ["enqueue", "--tenant", "acme", "--hostname", "b.acme-usher.com"]
        )
        #expect(enqueue.errors.contains("permission denied"), "\(enqueue.errors)")
        let tiers = try world.folder.file(
            "tiers.yaml",
            "apiVersion: usher/v1\ntiers:\n  gold:\n    profile: strict@1\n"
        )
        let applied = try await run(.operator, world, ["tier", "apply", tiers, "--reason", "test"])
        #expect(applied.status == 0, "\(applied.errors)")
    }

    /// Somebody changes the hostname at the provider: the worker notes it and looks again.
    private func drifts(_ world: WorkerWorld) async throws {
        #expect(try await eventually { try await world.enforced() == 1 })
        var weaker = HostnameSettings()
        weaker.minimumTLS = "1.0"
        #expect(world.simulator.edit(name, weaker))
        #expect(try await eventually { try await world.count("select count(*) from usher.drift") > 0 })
    }

    @Test func `a file is enqueued by an enqueuer, with tenants that were not known`() async throws {
        try await logins.make(.enqueuer, tenants: ["*"])
        try await CommandFixture.with { fixture in
            let rows = try fixture.folder.file(
                "rows.csv",
                "tenant,tier,hostname\nacme,pro,a.shop.com\nnew,free,b.shop.com\n"
            )
            let environment = ["USHER_DATABASE_URL": logins.url(.enqueuer)]
            let run = try await UsherProcess.run(["enqueue", rows, "--json"], environment: environment)
            #expect(run.status == 0, "\(run.errors)")
            #expect(try run.document(as: Document.Enqueue.self).created == 2)
            let list = try await UsherProcess.run(["job", "list"], environment: environment)
            #expect(list.status != 0 && list.errors.contains("permission denied"), "\(list.errors)")
            let migrate = try await UsherProcess.run(
                ["tier", "apply", rows, "--reason", "x"],
                environment: environment
            )
            #expect(migrate.status != 0)
        }
    }

    private func run(_ role: ClientRole, _ world: WorkerWorld, _ arguments: String...) async throws -> UsherProcess {
        try await run(role, world, arguments)
    }

    private func run(_ role: ClientRole, _ world: WorkerWorld, _ arguments: [String]) async throws -> UsherProcess {
        try await UsherProcess.run(
            arguments,
            environment: [
                "USHER_DATABASE_URL": logins.url(role),
                "USHER_PROVIDER_URL": try await world.simulator.baseURL,
                "USHER_PROVIDER_ZONE": SimulatorConfiguration.demoZone,
                "USHER_PROVIDER_TOKEN": SimulatorConfiguration.demoToken,
                "USHER_EDGE_ADDRESS": world.edge,
                "USHER_EDGE_PRIVATE_ADDRESSES": "allow",
            ]
        )
    }
}
