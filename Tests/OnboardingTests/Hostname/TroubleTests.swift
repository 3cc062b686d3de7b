import Cloudflare
import JobQueue
import Onboarding
import Postgres
import Simulator
import TLSPolicy
import TestSupport
import Testing

@Suite(.database)
struct TroubleTests {
    private let name = "shop.acme-usher.com"

    @Test(arguments: [Fault.replyLost, .closedBeforeCommit])
    func `a lost reply is resolved by looking, never by a second blind creation`(fault: Fault) async throws {
        try await OnboardingWorld.with { world in
            try await world.tier("gold", Policies.modern)
            world.simulator.setFaults(FaultPlan(rules: [.init(fault, .next(1), operations: [.create])]))
            try await world.enqueue(name)
            try await world.work()
            #expect(world.calls(.create) == 1)
            try await world.hurry()
            #expect(world.calls(.create) == (fault == .replyLost ? 1 : 2))
            #expect(world.simulator.snapshot().hostnames.count == 1)
            try await world.pass()
            #expect(try await world.standing(name) == "enforced")
            #expect(world.simulator.snapshot().counters.equalPatches == 0)
        }
    }

    @Test func `a hostname that is there already is adopted and brought to policy`() async throws {
        try await OnboardingWorld.with { world in
            try await world.tier("gold", Policies.modern)
            try await world.enqueue(name)
            try await world.work()
            try await world.pass()
            // We forget all about it, as after a restore of the database; the claim stands.
            _ = try await world.pool.session { db throws(PostgresError) in
                try db.execute(
                    """
                    update usher.hostname set standing = 'queued', provider_id = null, observed = null,
                                              observed_at = null, applied_at = null
                    """
                )
            }
            try await world.tier("platinum", Policies.strict, version: 2)
            try await world.work()
            #expect(world.calls(.create) == 2, "the second was answered with 1406")
            #expect(world.calls(.edit) == 1)
            try await world.pass()
            #expect(world.served(name)?.minimumTLS == "1.3")
            #expect(world.simulator.snapshot().hostnames.count == 1)
        }
    }

    @Test(arguments: [Fault.throttled(.seconds(7)), .throttled(.absent), .throttled(.date(inSeconds: 7))])
    func `a 429 stops everybody, spends no attempt and fails nobody`(fault: Fault) async throws {
        try await OnboardingWorld.with { world in
            try await world.tier("gold", Policies.modern)
            world.simulator.setFaults(FaultPlan(rules: [.init(fault, .next(1), operations: [.create])]))
            try await world.enqueue(name)
            try await world.work()
            #expect(try await world.rows("usher.budget", "blocked_until > now() + interval '5 seconds'") == 1)
            #expect(try await world.rows("usher.deferred", "reason = 'throttled' and attempts = 0") == 1)
            try await world.hurry()
            #expect(world.calls(.create) == 1, "nobody calls while everybody is stopped")
            _ = try await world.pool.session { db throws(PostgresError) in
                try db.execute("update usher.budget set blocked_until = null")
            }
            try await world.hurry()
            try await world.pass()
            #expect(try await world.standing(name) == "enforced")
        }
    }

    @Test(arguments: [Fault.internalError, .badGateway])
    func `a 5xx is tried again, and what fails for good can be replayed`(fault: Fault) async throws {
        try await OnboardingWorld.with { world in
            try await world.tier("gold", Policies.modern)
            world.simulator.setFaults(FaultPlan(rules: [.init(fault, .next(100), operations: [.create])]))
            try await world.enqueue(name)
            try await world.work()
            for _ in 0..<10 { try await world.hurry() }
            #expect(world.calls(.create) == FailureTable.schedule.maximumAttempts)
            #expect(try await world.standing(name) == "failed")

            world.simulator.setFaults(FaultPlan())
            let replay = Replay(pool: world.pool)
            #expect(try await replay.run(ReplayFilter(tenant: "acme"), reason: "well again").replayed == 1)
            #expect(try await replay.run(ReplayFilter(tenant: "acme"), reason: "well again").replayed == 0)
            try await world.work()
            try await world.pass()
            #expect(try await world.standing(name) == "enforced")
        }
    }

    @Test func `waiting for a tenant spends no attempt and no call but the shared readings`() async throws {
        try await OnboardingWorld.with(dns: .never) { world in
            try await world.tier("gold", Policies.modern)
            for number in 0..<20 { try await world.enqueue("h\(number).acme-usher.com") }
            try await world.work()
            for _ in 0..<5 { try await world.pass(seconds: 600) }
            #expect(world.calls(.create) == 20)
            #expect(world.calls(.list) == 5)
            #expect(world.calls(.get) == 0)
            #expect(try await world.rows("usher.deferred", "attempts = 0 and actor = 'tenant'") == 20)
            let kept = try await world.rows("usher.hostname", "validation->'ownership_txt' is not null")
            #expect(kept == 20, "the records the tenant must set are kept")
        }
    }

    @Test func `a hostname that vanished from the zone is created again for a live claim`() async throws {
        try await OnboardingWorld.with(dns: .never) { world in
            try await world.tier("gold", Policies.modern)
            try await world.enqueue(name)
            try await world.work()
            let id = try #require(world.simulator.snapshot().hostnames[name: name]?.id)
            _ = try await world.client.deleteHostname(id: id)
            try await world.pass()
            #expect(world.calls(.create) == 1, "what was just written may not be shown yet")
            try await world.ageWrites()
            try await world.pass()
            #expect(world.calls(.create) == 2)
            #expect(world.simulator.snapshot().hostnames[name: name] != nil)
        }
    }
}
