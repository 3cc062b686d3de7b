import Cloudflare
import Foundation
import JobQueue
import Onboarding
import Postgres
import Simulator
import TLSPolicy
import TestSupport
import Testing

extension WriteRuleTests {
    @Test func `an edit carries the whole settings, foreign keys as they came in`() async throws {
        let name = "whole.acme-usher.com"
        try await OnboardingWorld.with { world in
            try await world.tier("gold", Policies.modern)
            try await world.enqueue(name)
            try await world.work()
            try await world.pass()
            #expect(world.simulator.edit(name, HostnameSettings(tls13: "on", http2: "off", earlyHints: "on")))
            try await world.pass()
            let narrow = TierPolicy(minimumTLS: .v1_2, ciphers: Array(TLSProfile.modern1.ciphers?.prefix(4) ?? []))
            try await world.tier("narrow", narrow, version: 2)
            try await world.work()
            #expect(world.calls(.edit) == 1)
            let settings = world.simulator.snapshot().hostnames[name: name]?.certificate?.configuration.settings
            #expect(settings?.minimumTLS == "1.2")
            #expect(settings?.ciphers?.count == 4)
            #expect(settings?.tls13 == "on")
            #expect(settings?.http2 == "off")
            #expect(settings?.earlyHints == "on")
        }
    }

    @Test func `an edit never names the certificate authority it has read`() async throws {
        let name = "authority.acme-usher.com"
        // Off Enterprise the provider refuses an edit that does (code 1459).
        func offEnterprise(_ configuration: inout SimulatorConfiguration) { configuration.plan = .business }
        try await OnboardingWorld.with(configure: offEnterprise) { world in
            try await world.tier("gold", Policies.modern)
            try await world.enqueue(name)
            try await world.work()
            try await world.pass()
            let read = try await world.client.findHostname(exact: name).value
            #expect(read?.ssl?.certificateAuthority != nil)
            try await world.tier("platinum", Policies.strict, version: 2)
            try await world.work()
            #expect(world.calls(.edit) == 1)
            #expect(world.simulator.requests.entries.allSatisfy { $0.code == nil })
        }
    }

    @Test func `a tenant's certificate travels with every edit`() async throws {
        let name = "own.acme-usher.com"
        try await OnboardingWorld.with { world in
            try await world.tier("gold", Policies.modern)
            try await world.putCertificate(for: name)
            try await world.enqueue(name, HostnameWish(customCertificate: true))
            try await world.work()
            try await world.pass()
            #expect(try await world.standing(name) == "enforced")
            try await world.tier("platinum", Policies.strict, version: 2)
            try await world.work()
            try await world.pass()
            #expect(world.calls(.edit) == 1)
            #expect(world.served(name)?.minimumTLS == "1.3")
            #expect(world.simulator.snapshot().counters.migrationsToManaged == 0)
            #expect(world.simulator.snapshot().hostnames[name: name]?.certificate?.configuration.uploads.count == 1)
        }
    }

    @Test func `a taken name is adopted for the claim that lives`() async throws {
        let name = "taken.acme-usher.com"
        try await OnboardingWorld.with { world in
            try await world.tier("gold", Policies.modern)
            let creation = HostnameCreation(hostname: name, method: .http, settings: SSLSettings(minimumTLS: .v1_0))
            let there = try await world.client.createHostname(creation).value
            try await world.enqueue(name)
            try await world.work()
            #expect(world.simulator.requests.entries.contains { $0.operation == .create && $0.code == 1_406 })
            let adopted = try await world.rows("usher.hostname", "provider_id = \(there.id) and tenant = 'acme'")
            #expect(adopted == 1)
            #expect(world.simulator.snapshot().hostnames.count == 1)
        }
    }

    @Test func `a claim that was released adopts nothing and writes nothing`() async throws {
        let name = "released.acme-usher.com"
        try await OnboardingWorld.with { world in
            try await world.tier("gold", Policies.modern)
            let creation = HostnameCreation(hostname: name, method: .http, settings: SSLSettings(minimumTLS: .v1_0))
            _ = try await world.client.createHostname(creation)
            try await world.enqueue(name)
            _ = try await world.pool.session { db throws(PostgresError) in
                try db.execute("update usher.hostname set released_at = now(), standing = 'released'")
            }
            try await world.work()
            #expect(world.calls(.create) == 1, "the foreign one")
            #expect(world.calls(.edit) == 0)
            #expect(try await world.rows("usher.hostname", "provider_id is not null") == 0)
        }
    }

    @Test func `a name the provider calls taken and does not show is parked for a person`() async throws {
        let name = "elsewhere.acme-usher.com"
        try await OnboardingWorld.with { world in
            try await world.tier("gold", Policies.modern)
            world.simulator.setFaults(FaultPlan(rules: [.init(.notModifiable, .next(9), operations: [.create])]))
            try await world.enqueue(name)
            try await world.work()
            #expect(world.calls(.create) == 1)
            #expect(try await world.standing(name) == "failed")
            #expect(try await world.rows("usher.ended", "error_class = 'conflict' and actor = 'operator'") == 1)
        }
    }

    @Test func `a deleted hostname is created again only once it is gone`() async throws {
        let name = "lingering.acme-usher.com"
        func lingering(_ configuration: inout SimulatorConfiguration) { configuration.timings.deletionLinger = 600 }
        try await OnboardingWorld.with(configure: lingering) { world in
            try await world.tier("gold", Policies.modern)
            try await world.enqueue(name)
            try await world.work()
            try await world.pass()
            let id = try #require(world.simulator.snapshot().hostnames[name: name]?.id)
            _ = try await world.client.deleteHostname(id: id)
            try await world.pass(seconds: 60)
            try await world.pass(seconds: 60)
            #expect(world.calls(.create) == 1, "it still answers, as being deleted")
            #expect(try await world.standing(name) == "waiting")
            try await world.ageWrites()
            try await world.pass(seconds: 600)
            #expect(world.simulator.requests.entries.contains { $0.operation == .get && $0.code == 1_436 })
            #expect(world.calls(.create) == 2)
            try await world.pass()
            #expect(try await world.standing(name) == "enforced")
        }
    }
}

extension OnboardingWorld {
    /// Stores a certificate that the tenant `acme` brings for a hostname.
    fileprivate func putCertificate(for name: String) async throws {
        let now = VirtualInstant(microseconds: Int64(Date().timeIntervalSince1970 * 1_000_000))
        let issued = try CertificateAuthority(start: now).issue(
            names: [name],
            key: .p256,
            notBefore: now.adding(seconds: -86_400),
            notAfter: now.adding(seconds: 90 * 86_400)
        )
        let sealed = try SealedCertificate(
            chainPEM: issued.chainPEM,
            key: PrivateKeyPEM(text: issued.keyPEM),
            tenant: "acme",
            hostname: name,
            sealingTo: keys.current.publicKey
        )
        _ = try await CertificateStore(pool: pool).put(sealed, tenant: "acme", hostname: name)
    }
}
