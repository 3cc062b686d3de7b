import Foundation
import Onboarding
import Postgres
import Simulator
import TLSPolicy
import TestSupport
import Testing

@Suite(.database)
struct PlanStoreTests {
    private let policy = TierPolicy(
        minimumTLS: .v1_2,
        ciphers: TLSProfile.modern1.ciphers,
        tls13: .on,
        customCertificate: .allowed,
        wildcard: .directOnly
    )

    private func plan(_ pool: PostgresPool, _ selection: PlanSelection = PlanSelection()) async throws -> PlanDocument {
        try await PlanStore(pool: pool).plan(selection, capabilities: .enterprise)
    }

    @Test func `of what the worker has brought into force nothing is planned`() async throws {
        try await OnboardingWorld.with { world in
            try await world.tier("gold", policy)
            for index in 1...3 { try await world.enqueue("h\(index).shop.com") }
            let before = try await plan(world.pool)
            #expect(before.rows.map(\.action) == [.create, .create, .create])
            #expect(before.rows[0].changes.map(\.key) == [.minimumTLS, .ciphers, .tls13, .certificate])
            try await world.work()
            for _ in 0..<6 { try await world.pass() }
            #expect(try await world.rows("usher.hostname", "standing = 'enforced'") == 3)
            let after = try await plan(world.pool)
            #expect(after.rows.isEmpty)
            #expect(after.head.summary.unchanged == 3)
            #expect(after.head.policies == ["gold@1"])
        }
    }

    @Test func `a plan carries the strictest guards of the tiers it touches, and of no others`() async throws {
        let pool = PostgresPool(TestDatabase.current.settings, logger: .quiet)
        defer { pool.close() }
        var strict = policy
        strict.guards = Guards(maximumChangePercent: 3)
        var loose = policy
        loose.guards = Guards(maximumChangePercent: 60, minimumPopulation: 5)
        let tiers = [("bronze", policy), ("silver", loose), ("gold", strict)].map { (name: $0.0, policy: $0.1) }
        _ = try await TierStore(pool: pool).apply(tiers, author: "test", reason: "test")
        for (tenant, tier) in [("acme", "silver"), ("beta", "gold")] {
            _ = try await TenantStore(pool: pool).setTier(tenant, to: tier, event: tenant, version: 1)
            _ = try await EnqueueStore(pool: pool).enqueue(
                tenant: tenant,
                hostname: "www.\(tenant)-usher.com",
                wish: HostnameWish()
            )
        }
        #expect(try await plan(pool, PlanSelection(tier: "silver")).head.guards == loose.guards)
        #expect(try await plan(pool, PlanSelection(tier: "gold")).head.guards == strict.guards)
        let both = Guards(maximumChangePercent: 3, minimumPopulation: 5)
        #expect(try await plan(pool).head.guards == both)
        #expect(try await plan(pool, PlanSelection(tier: "bronze")).head.guards == Guards())
    }

    @Test func `another authority is planned as a new certificate, and refused where it cannot be had`() async throws {
        try await OnboardingWorld.with { world in
            try await world.tier("gold", policy)
            try await world.enqueue("a.shop.com")
            try await world.work()
            for _ in 0..<6 { try await world.pass() }
            var chosen = policy
            chosen.certificateAuthority = .letsEncrypt
            try await world.tier("gold", chosen)
            let document = try await plan(world.pool)
            let change = try #require(document.rows.first?.changes.first)
            #expect(document.rows.map(\.action) == [.change])
            #expect(change.key == .authority && change.kind == .reissue)
            #expect(change.before == "google" && change.after == "lets_encrypt")
            #expect(change.reason == "gold@2 has certificates issued by lets_encrypt")
            let refused = try await PlanStore(pool: world.pool).plan(PlanSelection(), capabilities: .business)
            #expect(refused.rows.map(\.action) == [.refuse])
            #expect(refused.rows[0].reasons.compactMap(\.code) == ["certificate_authority_not_in_plan"])
        }
    }

    @Test func `what is planned is what the worker then does`() async throws {
        try await OnboardingWorld.with { world in
            try await world.tier("gold", policy)
            try await world.enqueue("a.shop.com")
            try await world.work()
            for _ in 0..<6 { try await world.pass() }
            var stricter = policy
            stricter.ciphers = nil
            stricter.minimumTLS = .v1_3
            try await world.tier("gold", stricter)
            let document = try await plan(world.pool)
            #expect(document.rows.map(\.action) == [.change])
            #expect(document.rows[0].changes.map(\.key) == [.minimumTLS, .ciphers])
            #expect(document.rows[0].changes.map(\.kind) == [.strengthen, .neutral])
            let outcome = try await PlanStore(pool: world.pool).apply(document, author: "test")
            #expect(outcome.queued == 1)
            #expect(outcome.moved.isEmpty)
            try await world.work()
            for _ in 0..<3 { try await world.pass() }
            #expect(try await plan(world.pool).rows.isEmpty)
            #expect(world.calls(.edit) == 1)
            #expect(try await world.rows("usher.plan", "queued = 1 and author = 'test'") == 1)
        }
    }

    private func store(_ hostnames: [(observed: ObservedHostname, number: Int)], _ pool: PostgresPool) async throws {
        for (observed, number) in hostnames {
            let document = JSONText(Self.text(observed))
            _ = try await pool.session { db throws(PostgresError) in
                try db.execute(
                    """
                    insert into usher.hostname (tenant, name, provider_id, observed, observed_at)
                    values ('acme', \("h\(number).shop.com"), \("id\(number)"), \(document), now())
                    on conflict (name) where released_at is null do update set observed = excluded.observed
                    """
                )
            }
        }
    }

    private static func text(_ observed: ObservedHostname) -> String {
        var settings: [String] = observed.settings.foreign.map { "\"\($0.key)\": \($0.value)" }
        func add(_ key: String, _ value: String?) { if let value { settings.append("\"\(key)\": \"\(value)\"") } }
        add("min_tls_version", observed.settings.minimumTLS?.rawValue)
        add("tls_1_3", observed.settings.tls13?.rawValue)
        add("http2", observed.settings.http2?.rawValue)
        if !observed.settings.ciphers.isEmpty {
            settings.append("\"ciphers\": [\(observed.settings.ciphers.map { "\"\($0)\"" }.joined(separator: ","))]")
        }
        return """
            {"id": "\(observed.providerID)", "status": "active", "ssl_status": "active", "method": "http",
             "type": "dv", "wildcard": \(observed.wildcard), "custom_certificate": false,
             "verification_errors": [], "validation_errors": [], "settings": {\(settings.joined(separator: ","))}}
            """
    }

    private static func settings(_ generator: inout some RandomNumberGenerator) -> ExplicitSettings {
        let lists = [[], ["AES128-SHA"], TLSProfile.modern1.ciphers?.map(\.name) ?? []]
        return ExplicitSettings(
            minimumTLS: Bool.random(using: &generator) ? TLSVersion.allCases.randomElement(using: &generator) : nil,
            ciphers: lists.randomElement(using: &generator) ?? [],
            tls13: Bool.random(using: &generator) ? Switch.allCases.randomElement(using: &generator) : nil,
            http2: Switch.allCases.randomElement(using: &generator),
            foreign: Bool.random(using: &generator) ? ["http3": "\"on\""] : [:]
        )
    }

    @Test func `a weakening is never classed otherwise, and a plan carried out leaves an empty one`() async throws {
        let pool = PostgresPool(TestDatabase.current.settings, logger: .quiet)
        defer { pool.close() }
        _ = try await TierStore(pool: pool).apply([("gold", policy)], author: "test", reason: "test")
        _ = try await TenantStore(pool: pool).setTier("acme", to: "gold", event: "1", version: 1)
        let wanted = ProcessInfo.processInfo.environment["USHER_SEED"].flatMap(UInt64.init)
        let seed = wanted ?? UInt64.random(in: 0...UInt64.max)
        var generator = SeededRandom(seed: seed)
        var hostnames: [(observed: ObservedHostname, number: Int)] = (1...300).map { number in
            let settings = Self.settings(&generator)
            let observed = ObservedHostname(
                providerID: "id\(number)",
                status: "active",
                certificateStatus: "active",
                settings: settings
            )
            return (observed, number)
        }
        try await store(hostnames, pool)
        let document = try await plan(pool)
        let rows = Dictionary(uniqueKeysWithValues: document.rows.map { ($0.hostname, $0) })
        let effective = resolve(PolicyRevision(tier: "gold", revision: 1, policy: policy))
        for (index, hostname) in hostnames.enumerated() {
            let expected = TLSPolicy.plan(effective, observed: hostname.observed)
            let row = rows["h\(hostname.number).shop.com"]
            #expect(
                (row?.action ?? .unchanged)
                    == (expected.weakens ? .approve : expected == .nothing ? .unchanged : .change),
                "USHER_SEED=\(seed)"
            )
            #expect((row?.changes.map(\.kind) ?? []) == expected.changes.map(\.kind))
            if case .edit(let edit) = expected { hostnames[index].observed.settings = edit.settings }
        }
        #expect(document.head.summary.approve > 0 && document.head.summary.change > 0)
        try await store(hostnames, pool)
        #expect(try await plan(pool).rows.isEmpty)
    }

    @Test func `a row that moved since is left alone, whatever moved`() async throws {
        let pool = PostgresPool(TestDatabase.current.settings, logger: .quiet)
        defer { pool.close() }
        let tiers = TierStore(pool: pool)
        _ = try await tiers.apply([("gold", policy), ("silver", policy)], author: "test", reason: "test")
        _ = try await TenantStore(pool: pool).setTier("acme", to: "gold", event: "1", version: 1)
        _ = try await TenantStore(pool: pool).setTier("beta", to: "silver", event: "1", version: 1)
        let enqueue = EnqueueStore(pool: pool)
        let wish = HostnameWish()
        for name in ["released", "generation", "observed", "intent", "good"] {
            _ = try await enqueue.enqueue(tenant: "acme", hostname: "\(name).shop.com", wish: wish)
        }
        _ = try await enqueue.enqueue(tenant: "beta", hostname: "policy.shop.com", wish: wish)
        let document = try await plan(pool)
        #expect(document.rows.count == 6)
        var other = policy
        other.weight = 9
        _ = try await tiers.apply([("silver", other)], author: "test", reason: "test")
        try await pool.session { db throws(PostgresError) in
            try db.executeScript(
                """
                update usher.hostname set generation = 2 where name = 'generation.shop.com';
                update usher.hostname set intent = 'create' where name = 'intent.shop.com';
                update usher.hostname set observed = '{}', observed_at = now() where name = 'observed.shop.com';
                update usher.hostname set standing = 'released', released_at = now() where name = 'released.shop.com';
                """
            )
        }
        let outcome = try await PlanStore(pool: pool).apply(document, author: "test")
        #expect(outcome.queued == 1)
        #expect(outcome.created == 0)
        let moved = Dictionary(uniqueKeysWithValues: outcome.moved.map { ($0.hostname, $0.what) })
        #expect(
            moved == [
                "released.shop.com": .released, "generation.shop.com": .generation, "observed.shop.com": .observed,
                "intent.shop.com": .observed, "policy.shop.com": .policy,
            ]
        )
        try await pool.session { db throws(PostgresError) in
            _ = try db.execute("insert into usher.zone (zone_id, settings, read_at) values ('z', '{}', now())")
        }
        let late = try await PlanStore(pool: pool).apply(document, author: "test")
        #expect(late.batchID == nil)
        #expect(Set(late.moved.map(\.what)) == [.released, .zone])
    }
}
