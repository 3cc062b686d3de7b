import Foundation
import Onboarding
import Postgres
import Simulator
import TLSPolicy
import TestSupport
import Testing

/// Overrides and grants as the workers act on them, from the decision to its end.
@Suite(.database)
struct ExceptionTests {
    private let name = "shop.acme-usher.com"
    private static let bronze = TierPolicy(minimumTLS: .v1_0)

    private func override(minimumTLS: TLSVersion? = nil, tls13: Switch? = nil, days: Int64 = 30) -> HostnameOverride {
        HostnameOverride(
            minimumTLS: minimumTLS,
            tls13: tls13,
            author: "jane",
            reason: "old tills",
            until: 0
        ).ending(inDays: days)
    }

    private func enforced(_ world: OnboardingWorld, _ policy: TierPolicy) async throws {
        try await world.tier("gold", policy)
        try await world.enqueue(name)
        try await world.work()
        try await world.pass()
        try #require(try await world.standing(name) == "enforced")
    }

    /// Moves what was decided into the past: its time is over, and nobody has noticed.
    private func letTimePass(_ world: OnboardingWorld) async throws {
        try await world.pool.session { db throws(PostgresError) in
            try db.executeScript(
                """
                alter table usher.hostname_override disable trigger user;
                alter table usher.entitlement disable trigger user;
                update usher.hostname_override set created_at = created_at - interval '40 days',
                                                   until = until - interval '40 days' where ended_at is null;
                update usher.entitlement set created_at = created_at - interval '40 days',
                                             until = until - interval '40 days' where ended_at is null;
                alter table usher.hostname_override enable trigger user;
                alter table usher.entitlement enable trigger user;
                """
            )
        }
    }

    @Test func `an override weakens at once, and its end strengthens again`() async throws {
        try await OnboardingWorld.with { world in
            try await enforced(world, Policies.strict)
            let store = ExceptionStore(pool: world.pool)
            _ = try await store.setOverride(override(minimumTLS: .v1_2), of: name)
            #expect(try await world.rows("usher.hostname", "generation = 2") == 1)
            try await world.work()
            try await world.pass()
            #expect(world.served(name)?.minimumTLS == "1.2")
            #expect(try await world.standing(name) == "enforced")
            #expect(try await world.rows("usher.approval", "true") == 0)
            #expect(try await store.endDue() == 0)

            try await letTimePass(world)
            #expect(try await store.overrides(of: name).map(\.history.state) == ["expired"])
            // Any number of workers look, and it is noticed once.
            async let first = store.endDue()
            async let second = store.endDue()
            #expect(try await first + second == 1)
            #expect(try await world.rows("usher.hostname", "generation = 3") == 1)
            try await world.work()
            try await world.pass()
            #expect(world.served(name)?.minimumTLS == "1.3")
            #expect(try await world.rows("usher.hostname_override", "ending = 'expired' and ended_by = 'usher'") == 1)
        }
    }

    @Test func `workers notice an end by themselves`() async throws {
        try await OnboardingWorld.with { world in
            try await enforced(world, Policies.strict)
            _ = try await ExceptionStore(pool: world.pool).setOverride(override(minimumTLS: .v1_2), of: name)
            try await world.work()
            try await letTimePass(world)
            let sweeping = Task { try await world.sweep.run() }
            #expect(try await eventually { try await world.rows("usher.hostname", "generation = 3") == 1 })
            sweeping.cancel()
            try? await sweeping.value
            #expect(try await world.rows("usher.live", "true") == 1)
        }
    }

    @Test func `an end that nobody has noticed is an end`() async throws {
        try await OnboardingWorld.with { world in
            try await enforced(world, Policies.strict)
            _ = try await ExceptionStore(pool: world.pool).setOverride(override(minimumTLS: .v1_2), of: name)
            try await letTimePass(world)
            try await world.work()
            #expect(world.calls(.edit) == 0)
            #expect(world.served(name)?.minimumTLS == "1.3")
        }
    }

    @Test func `an override approves the weakening of the keys it names, and of no others`() async throws {
        try await OnboardingWorld.with { world in
            try await enforced(world, Policies.modern)
            try await world.tier("bronze", Self.bronze, version: 2)
            _ = try await ExceptionStore(pool: world.pool).setOverride(override(tls13: .off), of: name)
            let document = try await PlanStore(pool: world.pool).plan(PlanSelection(), capabilities: .enterprise)
            #expect(document.rows.map(\.action) == [.approve])
            #expect(
                document.rows[0].reasons.map(\.message).first?.hasPrefix("weakens min_tls_version, ciphers:") == true
            )
            try await world.work()
            try await world.pass()
            #expect(world.served(name)?.tls13 == "off")
            #expect(world.served(name)?.minimumTLS == "1.2")
            #expect(world.served(name)?.ciphers?.count == 6)
            #expect(world.calls(.edit) == 1)
        }
    }

    @Test func `what only an override weakens is a change that needs no other approval`() async throws {
        try await OnboardingWorld.with { world in
            try await enforced(world, Policies.modern)
            _ = try await ExceptionStore(pool: world.pool).setOverride(override(tls13: .off), of: name)
            let document = try await PlanStore(pool: world.pool).plan(PlanSelection(), capabilities: .enterprise)
            #expect(document.rows.map(\.action) == [.change])
            #expect(document.rows[0].changes.map(\.kind) == [.weaken])
            #expect(document.rows[0].changes.map(\.reason).first?.hasPrefix("old tills; without") == true)
        }
    }

    @Test func `an override that made stronger is left as it is when it is taken back`() async throws {
        try await OnboardingWorld.with { world in
            try await enforced(world, Policies.modern)
            let store = ExceptionStore(pool: world.pool)
            _ = try await store.setOverride(override(minimumTLS: .v1_3), of: name)
            try await world.work()
            try await world.pass()
            #expect(world.served(name)?.minimumTLS == "1.3")
            _ = try await store.withdrawOverride(of: name, author: "joe", reason: "no need")
            try await world.work()
            try await world.pass()
            #expect(world.served(name)?.minimumTLS == "1.3")
            #expect(try await world.message(name).contains("weakening needs approval"))
        }
    }

    @Test func `a grant lets a refused hostname go on, and its end touches nothing that is served`() async throws {
        try await OnboardingWorld.with { world in
            try await world.tier("gold", Self.bronze)
            try await world.enqueue(name, HostnameWish(wildcard: true))
            try await world.work()
            #expect(try await world.standing(name) == "refused")
            let store = ExceptionStore(pool: world.pool)
            let grant = Entitlement(capability: .wildcard, author: "jane", reason: "trial", until: nil)
            #expect(try await store.grant(grant.ending(inDays: 30), to: "acme").jobs == 1)
            try await world.work()
            for _ in 0..<4 { try await world.pass() }
            #expect(try await world.standing(name) == "partial")
            try await letTimePass(world)
            #expect(try await store.endDue() == 1)
            try await world.work()
            #expect(try await world.standing(name) == "refused")
            #expect(world.calls(.edit) == 0)
            #expect(try await TenantStore(pool: world.pool).list("acme").map(\.granted) == [[]])
            #expect(try await store.entitlements(of: "acme").map(\.history.state) == ["expired"])
        }
    }

    @Test func `what was decided is history`() async throws {
        try await OnboardingWorld.with { world in
            try await enforced(world, Policies.strict)
            let store = ExceptionStore(pool: world.pool)
            _ = try await store.setOverride(override(minimumTLS: .v1_2), of: name)
            _ = try await store.setOverride(override(minimumTLS: .v1_1), of: name)
            _ = try await store.withdrawOverride(of: name, author: "joe", reason: "no need")
            let grant = Entitlement(capability: .mutualTLS, author: "jane", reason: "bank")
            _ = try await store.grant(grant, to: "acme")
            _ = try await store.revoke(.mutualTLS, of: "acme", author: "joe", reason: "no bank")
            let history = try await store.overrides(of: name)
            #expect(history.map(\.history.state) == ["withdrawn", "replaced"])
            #expect(history.map(\.history.endedBy) == ["joe", "jane"])
            for statement in [
                "update usher.hostname_override set reason = 'x'", "delete from usher.hostname_override",
                "update usher.hostname_override set ended_reason = 'x'", "update usher.entitlement set until = now()",
                "delete from usher.entitlement",
            ] {
                let refusal = await #expect(throws: PostgresError.self) {
                    try await world.pool.session { db throws(PostgresError) in try db.executeScript(statement) }
                }
                #expect(refusal?.sqlState?.rawValue == "42501", "\(statement)")
            }
        }
    }

    @Test func `a decision without a good end is refused`() async throws {
        try await OnboardingWorld.with { world in
            try await enforced(world, Policies.strict)
            let store = ExceptionStore(pool: world.pool)
            for days: Int64 in [-1, 367] {
                let refusal = await #expect(throws: PostgresError.self) {
                    try await store.setOverride(override(minimumTLS: .v1_2, days: days), of: name)
                }
                #expect(refusal?.sqlState?.rawValue == "22023")
            }
            let grant = Entitlement(capability: .mutualTLS, author: "jane", reason: "bank")
            let late = await #expect(throws: PostgresError.self) {
                try await store.grant(grant.ending(inDays: -1), to: "acme")
            }
            #expect(late?.sqlState?.rawValue == "22023")
            #expect(try await world.rows("usher.hostname_override", "true") == 0)
            #expect(try await world.rows("usher.hostname", "generation = 1") == 1)
        }
    }
}

extension HostnameOverride {
    fileprivate func ending(inDays days: Int64) -> HostnameOverride {
        var other = self
        other.until = now + days * 86_400
        return other
    }
}

extension Entitlement {
    fileprivate func ending(inDays days: Int64) -> Entitlement {
        var other = self
        other.until = now + days * 86_400
        return other
    }
}

/// Seconds since 1970.
private var now: Int64 { Int64(Date().timeIntervalSince1970) }
