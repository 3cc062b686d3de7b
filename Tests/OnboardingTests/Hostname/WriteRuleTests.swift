import JobQueue
import Onboarding
import Postgres
import Simulator
import TLSPolicy
import TestSupport
import Testing

/// The rules of writing to the provider, each shown to hold; all of them at once, in random order and against a hostile
/// provider, in `HostileProviderTests`.
///
/// | rule | test |
/// |---|---|
/// | an equal edit is never sent | `an equal edit is never sent` |
/// | an edit carries the whole settings | `an edit carries the whole settings, foreign keys as they came in` |
/// | foreign keys are kept | `keys somebody else has set go out as they came in` |
/// | the authority is never echoed | `an edit never names the certificate authority it has read` |
/// | the certificate travels with every edit | `a tenant's certificate travels with every edit` |
/// | every key is read back | `a key that does not take is unverified, and is not written again and again` |
/// | a new hostname takes one call | `a new hostname takes one call, and is enforced only after it was read back` |
/// | `moved` and `blocked` wait | `a moved or blocked hostname is not touched` |
/// | 1406 is adopted for a live claim only | `a taken name is adopted for the claim that lives`, `… is parked …` |
/// | gone is what answers 404 with 1436 | `a deleted hostname is created again only once it is gone` |
/// | a lost answer is looked up | `a lost reply is resolved by looking …` (`TroubleTests`) |
@Suite(.database)
struct WriteRuleTests {
    private let name = "shop.acme-usher.com"

    @Test func `a new hostname takes one call, and is enforced only after it was read back`() async throws {
        try await OnboardingWorld.with { world in
            try await world.tier("gold", Policies.modern)
            try await world.enqueue(name)
            try await world.work()
            #expect(world.calls(.create) == 1)
            #expect(try await world.standing(name) == "waiting")
            try await world.pass()
            #expect(try await world.standing(name) == "enforced")
            #expect(world.served(name)?.minimumTLS == "1.2")
            #expect(Set(world.served(name)?.ciphers ?? []).count == 6)
            #expect(world.calls(.create) + world.calls(.list) == 2)
            #expect(world.calls(.edit) + world.calls(.get) == 0)
            #expect(try await world.rows("usher.ended", "outcome = 'enforced'") == 1)
        }
    }

    @Test func `an equal edit is never sent`() async throws {
        try await OnboardingWorld.with { world in
            try await world.tier("gold", Policies.modern)
            try await world.enqueue(name)
            try await world.work()
            try await world.pass()
            for _ in 0..<3 {
                try await world.enqueue(name)
                try await world.work()
            }
            #expect(world.calls(.edit) == 0)
            #expect(world.calls(.get) == 0, "what was just read is young enough")
            #expect(try await world.standing(name) == "enforced")
        }
    }

    @Test func `a stronger tier takes one edit with the list cleared in the same write`() async throws {
        try await OnboardingWorld.with { world in
            try await world.tier("gold", Policies.modern)
            try await world.enqueue(name)
            try await world.work()
            try await world.pass()
            try await world.tier("platinum", Policies.strict, version: 2)
            try await world.work()
            #expect(world.calls(.edit) == 1)
            try await world.pass()
            #expect(world.served(name)?.minimumTLS == "1.3")
            #expect(world.served(name)?.ciphers == nil)
            #expect(try await world.standing(name) == "enforced")
            #expect(world.simulator.snapshot().counters.equalPatches == 0)
        }
    }

    @Test func `where the provider merges settings the list is cleared first, in a write of its own`() async throws {
        func merges(_ configuration: inout SimulatorConfiguration) { configuration.semantics.settings = .merged }
        try await OnboardingWorld.with(configure: merges) { world in
            try await world.tier("gold", Policies.modern)
            try await world.enqueue(name)
            try await world.work()
            try await world.pass()
            try await world.tier("platinum", Policies.strict, version: 2)
            try await world.work()
            #expect(world.calls(.edit) == 3, "one refused, then the two steps")
            try await world.pass()
            #expect(world.served(name)?.minimumTLS == "1.3")
            #expect(world.served(name)?.ciphers == nil)
            #expect(try await world.standing(name) == "enforced")
            #expect(world.simulator.snapshot().counters.equalPatches == 0)
        }
    }

    @Test func `an authority is chosen on creation, changed by one edit, and left alone once the tier names none`()
        async throws
    {
        try await OnboardingWorld.with { world in
            func authority() -> String? {
                world.simulator.snapshot().hostnames[name: name]?.certificate?.configuration.authority
            }
            var policy = Policies.modern
            policy.certificateAuthority = .letsEncrypt
            try await world.tier("gold", policy)
            try await world.enqueue(name)
            try await world.work()
            try await world.pass()
            #expect(authority() == "lets_encrypt")
            #expect(world.calls(.edit) == 0)
            #expect(try await world.standing(name) == "enforced")
            policy.certificateAuthority = .sslCom
            try await world.tier("platinum", policy, version: 2)
            try await world.work()
            for _ in 0..<4 { try await world.pass() }
            #expect(authority() == "ssl_com")
            #expect(world.calls(.edit) == 1)
            #expect(try await world.standing(name) == "enforced")
            policy.certificateAuthority = nil
            try await world.tier("silver", policy, version: 3)
            try await world.work()
            try await world.pass()
            #expect(authority() == "ssl_com")
            #expect(world.calls(.edit) == 1)
        }
    }

    @Test func `a tier that moves down never weakens by itself`() async throws {
        try await OnboardingWorld.with { world in
            try await world.tier("platinum", Policies.strict)
            try await world.enqueue(name)
            try await world.work()
            try await world.pass()
            try await world.tier("bronze", TierPolicy(minimumTLS: .v1_0), version: 2)
            try await world.work()
            try await world.pass()
            #expect(world.calls(.edit) == 0)
            #expect(world.served(name)?.minimumTLS == "1.3")
            #expect(try await world.message(name).contains("weakening needs approval"))
        }
    }

    @Test func `a tier that moves down from TLS 1.3 to a list sends no list beside TLS 1.3`() async throws {
        try await OnboardingWorld.with { world in
            try await world.tier("platinum", Policies.strict)
            try await world.enqueue(name)
            try await world.work()
            try await world.pass()
            try await world.tier("gold", Policies.modern, version: 2)
            try await world.work()
            try await world.pass()
            #expect(world.calls(.edit) == 0)
            #expect(world.served(name)?.minimumTLS == "1.3")
            #expect(try await world.standing(name) == "enforced")
        }
    }

    @Test func `a stronger tier reaches a hostname that still waits for its tenant`() async throws {
        try await OnboardingWorld.with(dns: .never) { world in
            try await world.tier("gold", Policies.modern)
            try await world.enqueue(name)
            try await world.work()
            try await world.pass()
            try await world.tier("platinum", Policies.strict, version: 2)
            try await world.work()
            try await world.pass()
            #expect(world.calls(.edit) == 1)
            let hostname = world.simulator.snapshot().hostnames[name: name]
            #expect(hostname?.certificate?.configuration.settings.minimumTLS == "1.3")
            #expect(try await world.standing(name) == "waiting")
        }
    }

    @Test func `what is recorded as in force was read a short while ago`() async throws {
        try await OnboardingWorld.with { world in
            try await world.tier("gold", Policies.modern)
            try await world.enqueue(name)
            try await world.work()
            try await world.pass()
            var settings = try #require(world.served(name))
            settings.minimumTLS = "1.0"
            #expect(world.simulator.edit(name, settings))
            world.simulator.clock.step(seconds: 60)
            _ = try await world.pool.session { db throws(PostgresError) in
                try db.execute(
                    "update usher.hostname set observed_at = observed_at - interval '1 hour', applied_at = null"
                )
            }
            try await world.enqueue(name)
            try await world.work()
            #expect(world.calls(.get) == 1)
            #expect(world.calls(.edit) == 1)
        }
    }

    @Test func `keys somebody else has set go out as they came in`() async throws {
        try await OnboardingWorld.with { world in
            try await world.tier("gold", Policies.modern)
            try await world.enqueue(name)
            try await world.work()
            try await world.pass()
            var settings = try #require(world.served(name))
            settings.http2 = "off"
            settings.earlyHints = "on"
            #expect(world.simulator.edit(name, settings))
            try await world.pass()
            _ = try await world.sweep.readPages()
            try await world.tier("platinum", Policies.strict, version: 2)
            try await world.hurry()
            try await world.pass()
            #expect(world.served(name)?.minimumTLS == "1.3")
            #expect(world.served(name)?.http2 == "off")
            #expect(world.served(name)?.earlyHints == "on")
        }
    }

    @Test func `a key that does not take is unverified, and is not written again and again`() async throws {
        try await OnboardingWorld.with { world in
            try await world.tier("gold", Policies.modern)
            world.simulator.setFaults(
                FaultPlan(rules: [.init(.ignoredSetting("min_tls_version"), .next(10))])
            )
            try await world.enqueue(name)
            try await world.work()
            try await world.pass()
            #expect(try await world.standing(name) == "waiting", "reads may lag for a while")
            _ = try await world.pool.session { db throws(PostgresError) in
                try db.execute("update usher.hostname set applied_at = applied_at - interval '10 minutes'")
            }
            try await world.hurry()
            #expect(try await world.standing(name) == "unverified")
            #expect(try await world.message(name).contains("min_tls_version"))
            #expect(world.calls(.create) + world.calls(.edit) == 1)
        }
    }

    @Test func `a moved or blocked hostname is not touched`() async throws {
        for (fixture, actor) in [(DNSFixture.moved, "tenant"), (.blocked, "operator")] {
            try await OnboardingWorld.with { world in
                let name = "\(actor).acme-usher.com"
                try await world.tier("gold", Policies.modern)
                try await world.enqueue(name)
                try await world.work()
                try await world.pass()
                world.simulator.setDNS(fixture, of: name)
                try await world.pass()
                _ = try await world.sweep.readPages()
                try await world.tier("platinum", Policies.strict, version: 2)
                try await world.work()
                #expect(world.calls(.edit) == 0)
                #expect(try await world.standing(name) == "failed")
                // Once when it was seen to be so, once for the tier's change.
                #expect(try await world.rows("usher.ended", "error_class = 'held' and actor = \(actor)") == 2)
                _ = try await world.pool.session { db throws(PostgresError) in
                    try db.execute("truncate usher.hostname, usher.tenant, usher.tier_event, usher.live cascade")
                }
            }
        }
    }

    @Test func `an infeasible wish costs no call`() async throws {
        try await OnboardingWorld.with { world in
            try await world.tier("gold", Policies.modern)
            try await world.enqueue(name, HostnameWish(ciphers: ["DES-CBC3-SHA"]))
            try await world.work()
            #expect(try await world.standing(name) == "refused")
            #expect(world.calls(.create) == 0)
            #expect(try await world.rows("usher.ended", "error_class = 'policy_infeasible'") == 1)
        }
    }
}
