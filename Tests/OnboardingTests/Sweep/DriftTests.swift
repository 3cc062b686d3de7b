import Cloudflare
import Foundation
import Onboarding
import Postgres
import Simulator
import TLSPolicy
import TestSupport
import Testing

@Suite(.database)
struct DriftTests {
    private let name = "shop.acme-usher.com"

    /// A world with one enforced hostname.
    private func withEnforced(_ body: @Sendable (OnboardingWorld) async throws -> Void) async throws {
        let name = name
        try await OnboardingWorld.with { world in
            try await world.tier("gold", Policies.modern)
            try await world.enqueue(name)
            try await world.work()
            try await world.pass()
            #expect(try await world.standing(name) == "enforced")
            try await body(world)
        }
    }

    private func drift(_ world: OnboardingWorld) async throws -> [DriftEntry] {
        try await DriftLog(pool: world.pool).entries(since: .distantPast, limit: 10)
    }

    @Test func `what was made weaker by hand is noted, and put back by the hostname's job`() async throws {
        let name = name
        try await withEnforced { world in
            var settings = try #require(world.served(name))
            settings.minimumTLS = "1.0"
            #expect(world.simulator.edit(name, settings))
            try await world.pass()
            #expect(world.calls(.edit) == 1)
            let entry = try #require(try await drift(world).first)
            #expect(entry.direction == .weaker)
            #expect(entry.differences.map(\.key) == ["min_tls_version"])
            #expect(entry.differences.first?.after == "1.0")
            #expect(entry.jobID != nil)
            try await world.pass()
            #expect(world.served(name)?.minimumTLS == "1.2")
            #expect(try await world.standing(name) == "enforced")
            try await world.pass()
            #expect(try await drift(world).count == 1, "what we put back is no drift")
        }
    }

    @Test func `what was made stronger by hand is reported and stays`() async throws {
        let name = name
        try await withEnforced { world in
            let stronger = HostnameSettings(ciphers: ["ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256"])
            #expect(world.simulator.edit(name, stronger))
            try await world.pass()
            try await world.pass()
            #expect(try await drift(world).map(\.direction) == [.stronger])
            #expect(world.calls(.edit) == 0)
            #expect(world.served(name)?.ciphers?.count == 2)
            #expect(try await world.standing(name) == "enforced")
            #expect(try await world.message(name).contains("left as it is"))
        }
    }

    @Test func `another order of the same ciphers is no drift`() async throws {
        let name = name
        try await withEnforced { world in
            var settings = try #require(world.served(name))
            settings.ciphers?.reverse()
            #expect(world.simulator.edit(name, settings))
            try await world.pass()
            #expect(try await drift(world).isEmpty)
            #expect(world.calls(.edit) == 0)
        }
    }

    @Test func `a key that is nobody's promise is noted as neutral and kept`() async throws {
        let name = name
        try await withEnforced { world in
            #expect(world.simulator.edit(name, HostnameSettings(http2: "off")))
            try await world.pass()
            #expect(try await drift(world).map(\.direction) == [.neutral])
            #expect(world.served(name)?.http2 == "off")
            #expect(world.calls(.edit) == 0)
        }
    }

    @Test func `an enforced hostname that vanished is asked for by its id and created again`() async throws {
        let name = name
        try await withEnforced { world in
            let id = try #require(world.simulator.snapshot().hostnames[name: name]?.id)
            _ = try await world.client.deleteHostname(id: id)
            try await world.ageWrites()
            try await world.pass()
            #expect(try await drift(world).map(\.direction) == [.vanished])
            #expect(world.calls(.get) == 1, "an absence from the list is no proof")
            #expect(world.calls(.create) == 2)
            try await world.pass()
            #expect(try await world.standing(name) == "enforced")
        }
    }

    @Test func `an enforced hostname that moved away is reported and left to its tenant`() async throws {
        let name = name
        try await withEnforced { world in
            world.simulator.setDNS(.moved, of: name)
            try await world.pass()
            try await world.pass()
            #expect(try await drift(world).map(\.direction) == [.held])
            #expect(try await world.standing(name) == "failed")
            #expect(world.calls(.edit) == 0)
        }
    }

    @Test(
        .timeLimit(.minutes(10)),
        arguments: [
            "hinted_at = now(), swept_at = now() - interval '5 minutes'" as Statement,
            "swept_at = now() - interval '2 hours'",
        ]
    )
    func `the zone is read although nobody waits: after a hint, and once an hour`(_ state: Statement) async throws {
        try await withEnforced { world in
            _ = try await world.pool.session { db throws(PostgresError) in
                try db.execute("update usher.zone set next_at = now() + interval '1 day', turn_until = null, \(state)")
            }
            let before = world.calls(.list)
            let reader = Task { try await world.sweep.run() }
            let isRead = try await eventually { world.calls(.list) > before }
            reader.cancel()
            try? await reader.value
            #expect(isRead)
        }
    }

    @Test func `a zone where everything is missing is another zone, and nothing is taken for gone`() async throws {
        try await OnboardingWorld.with { world in
            try await world.tier("gold", Policies.modern)
            for number in 0..<12 { try await world.enqueue("h\(number).acme-usher.com") }
            try await world.work()
            try await world.pass()
            #expect(try await world.rows("usher.hostname", "standing = 'enforced'") == 12)
            for hostname in world.simulator.snapshot().hostnames.all {
                _ = try await world.client.deleteHostname(id: hostname.id)
            }
            try await world.pass()
            #expect(world.calls(.create) == 12)
            #expect(try await world.rows("usher.hostname", "standing = 'enforced'") == 12)
            #expect(try await drift(world).isEmpty)
        }
    }
}
