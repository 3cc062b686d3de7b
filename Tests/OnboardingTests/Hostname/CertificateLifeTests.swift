import Foundation
import JobQueue
import Onboarding
import Postgres
import Simulator
import TLSPolicy
import TestSupport
import Testing

/// A tenant's certificate from its first upload to the shredding of its key.
@Suite(.database)
struct CertificateLifeTests {
    private let name = "shop.acme.com"
    private let certificates: TenantCertificates
    private let custom = HostnameWish(customCertificate: true)

    init() throws {
        certificates = try TenantCertificates()
    }

    private func states(_ world: OnboardingWorld) async throws -> [String] {
        try await CertificateStore(pool: world.pool).list(includingRetired: true)
            .sorted { $0.certificateID < $1.certificateID }.map(\.state)
    }

    private func serials(_ world: OnboardingWorld) -> Set<String> {
        Set(
            world.simulator.snapshot().hostnames[name: name]?.certificate?.inForce?.uploads.map(\.facts.fingerprint)
                ?? []
        )
    }

    private func fingerprint(_ number: Int64, _ world: OnboardingWorld) async throws -> String {
        try await world.pool.session { db throws(PostgresError) in
            try db.one("select fingerprint from usher.certificate where certificate_id = \(number)", as: String.self)
        }
    }

    /// A hostname that serves the tenant's certificate.
    private func served(_ world: OnboardingWorld) async throws -> Int64 {
        try await world.tier("gold", Policies.modern)
        let number = try await certificates.put(name, world)
        try await world.enqueue(name, custom)
        try await world.work()
        try await world.pass()
        try #require(try await world.standing(name) == "enforced")
        return number
    }

    @Test func `a replaced certificate keeps its key and is served until the other is seen in force`() async throws {
        try await OnboardingWorld.with { world in
            let first = try await served(world)
            let second = try await certificates.put(name, world)
            #expect(try await states(world) == ["replaced", "wanted"])
            try await world.work()
            #expect(world.calls(.edit) == 1)
            #expect(try await states(world) == ["replaced", "wanted"], "written is not yet in force")
            #expect(serials(world) == [try await fingerprint(first, world)])
            try await world.pass()
            #expect(serials(world) == [try await fingerprint(second, world)])
            #expect(try await states(world) == ["retired", "wanted"])
            #expect(try await world.rows("usher.certificate", "certificate_id = \(first) and sealed_key is null") == 1)
        }
    }

    @Test func `one that is not in force yet can be taken back for the one it replaced`() async throws {
        try await OnboardingWorld.with { world in
            let first = try await served(world)
            let second = try await certificates.put(name, days: 5, world)
            try await world.work()
            #expect(world.calls(.edit) == 0, "it ends too soon to be sent")
            #expect(try await world.standing(name) == "waiting")
            let store = CertificateStore(pool: world.pool)
            #expect(try await store.retire(second, author: "jane", reason: "a mistake", force: false))
            try await world.work()
            #expect(try await states(world) == ["wanted", "retired"])
            #expect(try await world.standing(name) == "enforced")
            #expect(world.calls(.edit) == 0)
            #expect(serials(world) == [try await fingerprint(first, world)])
        }
    }

    @Test func `an RSA and an ECDSA certificate are served together, and each replaces its own kind`() async throws {
        try await OnboardingWorld.with { world in
            let ecdsa = try await served(world)
            let rsa = try await certificates.put(name, key: .rsa2048, world)
            try await world.work()
            try await world.pass()
            #expect(try await world.standing(name) == "enforced")
            #expect(
                serials(world) == [try await fingerprint(ecdsa, world), try await fingerprint(rsa, world)]
            )
            let other = try await certificates.put(name, key: .rsa2048, world)
            try await world.work()
            try await world.pass()
            #expect(serials(world) == [try await fingerprint(ecdsa, world), try await fingerprint(other, world)])
            #expect(try await states(world) == ["wanted", "retired", "wanted"])
            #expect(world.calls(.edit) == 2)

            try await world.enqueue(name, custom)
            try await world.work()
            #expect(world.calls(.edit) == 2, "nothing changed, nothing is written")
            let retired = try await CertificateStore(pool: world.pool)
                .retire(ecdsa, author: "jane", reason: "RSA alone", force: false)
            #expect(retired)
            try await world.work()
            try await world.pass()
            #expect(serials(world) == [try await fingerprint(other, world)], "RSA alone")
            #expect(world.calls(.edit) == 3)
        }
    }

    @Test func `away from a tenant's certificate goes only what a person approved, and nothing is cut off`()
        async throws
    {
        try await OnboardingWorld.with { world in
            let number = try await served(world)
            let store = CertificateStore(pool: world.pool)
            let refusal = try await #require(throws: PostgresError.self) {
                try await store.retire(number, author: "jane", reason: "tenant left", force: false)
            }
            #expect(refusal.sqlState?.rawValue == "UE016")
            try await world.enqueue(name, HostnameWish(customCertificate: false))
            try await world.work()
            #expect(world.calls(.edit) == 0)

            let plans = PlanStore(pool: world.pool)
            let document = try await plans.plan(PlanSelection(), capabilities: .enterprise)
            #expect(document.rows.map(\.action) == [.approve])
            _ = try await plans.apply(document, author: "jane", approvingWeakening: "tenant left")
            try await world.work()
            #expect(world.calls(.edit) == 1)
            #expect(serials(world) == [try await fingerprint(number, world)], "until the other is there")
            for _ in 0..<10 { try await world.pass() }
            #expect(serials(world).isEmpty)
            #expect(try await world.standing(name) == "enforced")
            #expect(try await store.retire(number, author: "jane", reason: "tenant left", force: false))
            #expect(try await states(world) == ["retired"])
            #expect(try await world.rows("usher.audit", "actor = 'jane' and action = 'retire_certificate'") == 1)

            // And back.
            try await certificates.put(name, world)
            try await world.enqueue(name, custom)
            try await world.work()
            try await world.pass()
            #expect(serials(world).count == 1)
            #expect(try await world.standing(name) == "enforced")
        }
    }

    @Test(arguments: [("expired", -10.0, -1.0), ("not_yet_valid", 3, 90), ("ends_soon", -1, 20)])
    func `one that is not in date when it is applied costs no call and no attempt`(
        cause: String,
        first: Double,
        days: Double
    ) async throws {
        try await OnboardingWorld.with { world in
            var policy = Policies.modern
            policy.minimumCertificateDays = 30
            try await world.tier("gold", policy)
            try await certificates.put(name, world)
            try await world.enqueue(name, custom)
            try await world.work()
            try await world.pass()
            let before = serials(world)
            let number = try await certificates.put(name, fromDay: first, days: days, world)
            for _ in 0..<3 {
                try await world.work()
                try await world.hurry()
            }
            #expect(world.calls(.edit) == 0)
            #expect(serials(world) == before && before.count == 1)
            #expect(try await world.standing(name) == "waiting")
            #expect(
                try await world.rows("usher.hostname", "standing_actor = 'tenant'") == 1,
                "the tenant must act"
            )
            #expect(try await world.rows("usher.deferred", "attempts = 0 and actor = 'tenant'") == 1)
            #expect(
                try await world.rows(
                    "usher.certificate_finding",
                    "certificate_id = \(number) and cause = \(cause)"
                ) == 1,
                "told once"
            )
            #expect(try await states(world) == ["replaced", "wanted"])
        }
    }

    /// More on request: `USHER_CERTIFICATES=1000 swift test --filter CertificateLifeTests`.
    private static let count = Int(ProcessInfo.processInfo.environment["USHER_CERTIFICATES"] ?? "") ?? 60

    @Test func `a second full pass over hostnames with certificates of their own writes nothing`() async throws {
        try await OnboardingWorld.with { world in
            try await world.tier("gold", Policies.modern)
            let names = (0..<Self.count).map { "h\($0).acme.com" }
            for name in names {
                try await certificates.put(name, world)
                try await world.enqueue(name, custom)
            }
            try await world.work()
            try await world.pass()
            #expect(try await world.rows("usher.hostname", "standing = 'enforced'") == names.count)
            #expect(world.calls(.create) == names.count)
            let writes = world.calls(.edit)
            for name in names { try await world.enqueue(name, custom) }
            try await world.work()
            try await world.pass()
            #expect(try await world.rows("usher.hostname", "standing = 'enforced'") == names.count)
            #expect(world.calls(.create) == names.count && world.calls(.edit) == writes && writes == 0)
            #expect(world.simulator.snapshot().counters.equalPatches == 0)
        }
    }
}
