import Cloudflare
import Foundation
import Onboarding
import Postgres
import Simulator
import TLSPolicy
import TestSupport
import Testing

@Suite(.database)
struct ImportTests {
    private func create(_ name: String, _ minimum: TLSVersion? = nil, in world: OnboardingWorld) async throws {
        let settings = SSLSettings(minimumTLS: minimum)
        _ = try await world.client.createHostname(.init(hostname: name, method: .http, settings: settings))
    }

    private func list(_ world: OnboardingWorld, for tenant: String? = nil) async throws -> [UnclaimedHostname] {
        try await ImportStore(pool: world.pool)
            .list(ImportSelection(limit: 1_000), for: tenant, capabilities: .enterprise)
    }

    @Test(arguments: [51, 100], [50, 1_000])
    func `a zone with hostnames nobody claims is kept row by row, however its pages are cut`(
        _ count: Int,
        _ cut: Int
    ) async throws {
        func cutting(_ configuration: inout SimulatorConfiguration) { configuration.semantics.maximumPerPage = cut }
        try await OnboardingWorld.with(configure: cutting) { world in
            for number in 0..<count { try await create("h\(number).other-usher.com", in: world) }
            _ = try await world.sweep.readPages()
            #expect(world.calls(.list) == (count + cut - 1) / cut)
            let hostnames = try await list(world)
            #expect(Set(hostnames.map(\.hostname)).count == count)
            #expect(Set(hostnames.map(\.providerID)) == Set(world.simulator.snapshot().hostnames.all.map(\.id)))
        }
    }

    @Test func `what a reading did not show is asked for by its id before it is forgotten`() async throws {
        try await OnboardingWorld.with { world in
            for number in 0..<3 { try await create("h\(number).other-usher.com", in: world) }
            _ = try await world.sweep.readPages()
            let id = try #require(world.simulator.snapshot().hostnames[name: "h1.other-usher.com"]?.id)
            _ = try await world.client.deleteHostname(id: id)
            _ = try await world.sweep.readPages()
            #expect(world.calls(.get) == 1)
            #expect(try await list(world).map(\.hostname) == ["h0.other-usher.com", "h2.other-usher.com"])
            _ = try await world.sweep.readPages()
            #expect(world.calls(.get) == 1, "who is known to be gone is not asked for again")
        }
    }

    @Test func `an import shows what the tier would change and changes nothing`() async throws {
        try await OnboardingWorld.with { world in
            try await world.tier("gold", Policies.modern)
            try await create("low.acme-usher.com", .v1_0, in: world)
            try await world.enqueue("mine.acme-usher.com")
            try await world.work()
            world.simulator.clock.step(seconds: 120)
            _ = try await world.sweep.readPages()
            let hostnames = try await list(world, for: "acme")
            #expect(hostnames.map(\.hostname) == ["low.acme-usher.com"], "what is claimed is not listed")
            #expect(hostnames.first?.plan?.action == .change)
            #expect(hostnames.first?.plan?.changes.map(\.key) == [.minimumTLS, .ciphers])
            #expect(world.calls(.edit) == 0)
            #expect(try await world.rows("usher.hostname", "name = 'low.acme-usher.com'") == 0)
            await #expect(throws: UnknownTenant.self) { try await list(world, for: "nobody") }
        }
    }

    @Test func `a claimed import adopts the provider's hostname and brings it to policy with one edit`() async throws {
        let name = "low.acme-usher.com"
        try await OnboardingWorld.with { world in
            try await world.tier("gold", Policies.modern)
            try await create(name, .v1_0, in: world)
            world.simulator.clock.step(seconds: 120)
            _ = try await world.sweep.readPages()
            let outcome = try await ImportStore(pool: world.pool).claim(try await list(world), for: "acme")
            #expect(outcome.claimed == 1)
            #expect(outcome.refused.isEmpty)
            #expect(try await list(world).isEmpty)
            try await world.work()
            try await world.pass()
            #expect(try await world.standing(name) == "enforced")
            #expect(world.served(name)?.minimumTLS == "1.2")
            #expect(world.calls(.create) == 1, "only the one that was there")
            #expect(world.calls(.edit) == 1)
        }
    }

    @Test func `a name that another tenant claims is refused and left alone`() async throws {
        let name = "shop.beta-usher.com"
        try await OnboardingWorld.with { world in
            try await world.tier("gold", Policies.modern)
            _ = try await TenantStore(pool: world.pool).setTier("beta", to: "gold", event: "e", version: 1)
            try await create(name, in: world)
            try await create("free.acme-usher.com", in: world)
            _ = try await world.sweep.readPages()
            let hostnames = try await list(world)
            #expect(hostnames.count == 2)
            _ = try await EnqueueStore(pool: world.pool).enqueue(tenant: "beta", hostname: name, wish: HostnameWish())
            let outcome = try await ImportStore(pool: world.pool).claim(hostnames, for: "acme")
            #expect(outcome.claimed == 1)
            #expect(outcome.refused.map(\.hostname) == [name])
            #expect(outcome.refused.first?.message == "hostname is claimed by another tenant")
            let kept = try await world.rows(
                "usher.hostname",
                "name = \(name) and tenant = 'beta' and provider_id is null"
            )
            #expect(kept == 1)
        }
    }

    @Test func `a wildcard is claimed as one`() async throws {
        try await OnboardingWorld.with { world in
            try await world.tier("gold", Policies.modern)
            let creation = HostnameCreation(
                hostname: "wild.acme-usher.com",
                method: .txt,
                wildcard: true,
                settings: SSLSettings()
            )
            _ = try await world.client.createHostname(creation)
            _ = try await world.sweep.readPages()
            _ = try await ImportStore(pool: world.pool).claim(try await list(world), for: "acme")
            let wished = try await world.rows("usher.hostname", #"wish = '{"wildcard": true}'"#)
            #expect(wished == 1)
        }
    }
}
