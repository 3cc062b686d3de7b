import JobQueue
import Onboarding
import Postgres
import Simulator
import TLSPolicy
import TestSupport
import Testing

/// What a person approves is carried out once, and nothing else that weakens ever is.
@Suite(.database)
struct ApprovalTests {
    private let name = "shop.acme-usher.com"
    private static let bronze = TierPolicy(minimumTLS: .v1_0, weight: 2)

    /// A hostname enforced at TLS 1.3 whose tenant has moved to a tier that asks for TLS 1.0.
    private func movedDown(_ world: OnboardingWorld) async throws {
        try await world.tier("platinum", Policies.strict)
        try await world.enqueue(name)
        try await world.work()
        try await world.pass()
        try await world.tier("bronze", Self.bronze, version: 2)
        try await world.work()
        try await world.pass()
        try #require(world.served(name)?.minimumTLS == "1.3")
    }

    private func plan(_ world: OnboardingWorld) async throws -> PlanDocument {
        try await PlanStore(pool: world.pool).plan(PlanSelection(), capabilities: .enterprise)
    }

    private func approve(_ document: PlanDocument, _ world: OnboardingWorld) async throws -> PlanOutcome {
        try await PlanStore(pool: world.pool).apply(document, author: "jane", approvingWeakening: "BILL-3")
    }

    private func execute(_ statement: Statement, _ world: OnboardingWorld) async throws {
        _ = try await world.pool.session { db throws(PostgresError) in try db.execute(statement) }
    }

    @Test func `a reviewed weakening is carried out once a person approves it, and not before`() async throws {
        try await OnboardingWorld.with { world in
            try await movedDown(world)
            let document = try await plan(world)
            #expect(document.rows.map(\.action) == [.approve])
            #expect(document.rows[0].reasons.map(\.actor) == [.operator])
            let without = try await PlanStore(pool: world.pool).apply(document, author: "jane")
            #expect(without.batchID == nil)
            #expect(world.calls(.edit) == 0)

            let outcome = try await approve(document, world)
            #expect(outcome.queued == 1)
            #expect(outcome.approved == 1)
            try await world.work()
            try await world.pass()
            #expect(world.served(name)?.minimumTLS == "1.0")
            #expect(world.calls(.edit) == 1)
            #expect(try await world.standing(name) == "enforced")
            let used = try await world.rows(
                "usher.approval join usher.ended on job_id = used_by",
                "author = 'jane' and reason = 'BILL-3' and outcome = 'enforced'"
            )
            #expect(used == 1)
            #expect(try await plan(world).rows.isEmpty)
        }
    }

    @Test func `an approval is used once`() async throws {
        try await OnboardingWorld.with { world in
            try await movedDown(world)
            let document = try await plan(world)
            _ = try await approve(document, world)
            try await world.work()
            try await world.pass()
            // Somebody closes it again by hand: the same change would be needed, and nobody has approved it.
            var settings = try #require(world.served(name))
            settings.minimumTLS = "1.3"
            #expect(world.simulator.edit(name, settings))
            try await world.pass()
            try await world.enqueue(name)
            try await world.work()
            #expect(world.calls(.edit) == 1)
            #expect(try await world.message(name).contains("weakening needs approval"))
            #expect(try await approve(document, world).approved == 1, "reviewed and approved anew")
            try await world.work()
            #expect(world.calls(.edit) == 2)
        }
    }

    /// What may happen between the approval and the job.
    enum Since: String, CaseIterable {
        case generation
        case policy
        case zone
        case observed
    }

    @Test(arguments: Since.allCases)
    func `an approval covers exactly what was reviewed`(since: Since) async throws {
        try await OnboardingWorld.with { world in
            try await movedDown(world)
            #expect(try await approve(try await plan(world), world).approved == 1)
            switch since {
            case .generation:
                try await execute("update usher.hostname set generation = generation + 1", world)
            case .policy:
                var other = Self.bronze
                other.weight = 9
                _ = try await TierStore(pool: world.pool).apply([("bronze", other)], author: "test", reason: "test")
            case .zone:
                try await execute(
                    "update usher.zone set settings = jsonb_set(settings, '{min_tls_version}', '\"1.1\"')",
                    world
                )
            case .observed:
                var settings = try #require(world.served(name))
                settings.minimumTLS = "1.2"
                #expect(world.simulator.edit(name, settings))
                world.simulator.clock.step(seconds: 120)
                _ = try await world.sweep.readPages()
            }
            try await world.work()
            #expect(world.calls(.edit) == 0)
            #expect(try await world.rows("usher.approval", "used_by is null") == 1)
            #expect(try await world.message(name).contains("weakening needs approval"))
        }
    }

    @Test func `a write that failed may use its job's approval again`() async throws {
        try await OnboardingWorld.with { world in
            try await movedDown(world)
            world.simulator.setFaults(FaultPlan(rules: [.init(.internalError, .next(1), operations: [.edit])]))
            _ = try await approve(try await plan(world), world)
            try await world.work()
            #expect(world.served(name)?.minimumTLS == "1.3")
            try await world.hurry()
            try await world.pass()
            #expect(world.served(name)?.minimumTLS == "1.0")
            #expect(try await world.rows("usher.approval", "used_by is not null") == 1)
        }
    }

    @Test func `a job that has written before its approval came writes what was approved`() async throws {
        try await OnboardingWorld.with(dns: .never) { world in
            try await world.tier("platinum", Policies.strict)
            try await world.enqueue(name)
            try await world.work()
            try await world.pass()
            // A list is written and the lower minimum is not: the job has written this generation, and waits.
            var bronze = Self.bronze
            bronze.http2 = .off
            try await world.tier("bronze", bronze, version: 2)
            try await world.work()
            try await world.pass()
            #expect(world.calls(.edit) == 1)
            let configured = { world.simulator.snapshot().hostnames[name: name]?.certificate?.configuration.settings }
            #expect(configured()?.minimumTLS == "1.3")
            #expect(try await approve(try await plan(world), world).approved == 1)
            try await world.work()
            #expect(world.calls(.edit) == 2)
            #expect(configured()?.minimumTLS == "1.0")
        }
    }

    @Test func `a wildcard is taken away only with approval`() async throws {
        try await OnboardingWorld.with { world in
            try await world.tier("gold", Policies.modern)
            try await world.enqueue(name, HostnameWish(wildcard: true))
            try await world.work()
            for _ in 0..<4 { try await world.pass() }
            #expect(try await world.standing(name) == "partial")
            try await world.enqueue(name, HostnameWish(wildcard: false))
            try await world.work()
            #expect(world.calls(.edit) == 0)
            #expect(try await world.rows("usher.ended", "error_class = 'weakening' and actor = 'operator'") == 1)
            #expect(try await approve(try await plan(world), world).approved == 1)
            try await world.work()
            #expect(world.calls(.edit) == 1)
            for _ in 0..<4 { try await world.pass() }
            #expect(try await world.rows("usher.hostname", "(observed ->> 'wildcard')::boolean") == 0)
        }
    }

    @Test func `a billing event never weakens by itself, though the same was approved before`() async throws {
        try await OnboardingWorld.with { world in
            try await movedDown(world)
            _ = try await approve(try await plan(world), world)
            // The tenant moves up before the job runs, and down again after.
            try await world.tier("platinum", Policies.strict, version: 3)
            try await world.work()
            try await world.tier("bronze", Self.bronze, version: 4)
            try await world.work()
            try await world.pass()
            #expect(world.calls(.edit) == 0)
            #expect(world.served(name)?.minimumTLS == "1.3")
        }
    }

    @Test func `a tier file never weakens by itself`() async throws {
        try await OnboardingWorld.with { world in
            try await world.tier("gold", Policies.strict)
            try await world.enqueue(name)
            try await world.work()
            try await world.pass()
            _ = try await TierStore(pool: world.pool).apply([("gold", Self.bronze)], author: "test", reason: "test")
            try await world.enqueue(name)
            try await world.work()
            try await world.pass()
            #expect(world.calls(.edit) == 0)
            #expect(world.served(name)?.minimumTLS == "1.3")
            #expect(try await world.message(name).contains("weakening needs approval"))
        }
    }
}
