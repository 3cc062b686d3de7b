import Foundation
import Onboarding
import Postgres
import Simulator
import TLSPolicy
import TestSupport
import Testing

/// The chain of a tenant's certificate is judged with its leaf, and stored anew when it changes.
@Suite(.database)
struct CustomCertificateTests {
    private let name = "shop.acme.com"
    /// Leaf and intermediate.
    private let chain: String
    private let leaf: String
    private let key: String

    init() throws {
        let now = VirtualInstant(microseconds: Int64(Date().timeIntervalSince1970 * 1_000_000))
        (chain, key) = try CertificateAuthority(start: now).issue(
            names: [name],
            key: .p256,
            notBefore: now.adding(seconds: -86_400),
            notAfter: now.adding(seconds: 90 * 86_400)
        )
        let end = "-----END CERTIFICATE-----\n"
        leaf = chain.components(separatedBy: end)[0] + end
    }

    private func put(_ chainPEM: String, _ world: OnboardingWorld) async throws -> Int64 {
        let sealed = try SealedCertificate(
            chainPEM: chainPEM,
            key: PrivateKeyPEM(text: key),
            tenant: "acme",
            hostname: name,
            sealingTo: world.keys.current.publicKey
        )
        return try await CertificateStore(pool: world.pool).put(sealed, tenant: "acme", hostname: name)
    }

    @Test func `a leaf without its intermediate costs no call, and the completed chain is applied`() async throws {
        try await OnboardingWorld.with { world in
            try await world.tier("gold", Policies.modern)
            let incomplete = try await put(leaf, world)
            try await world.enqueue(name, HostnameWish(customCertificate: true))
            try await world.work()
            #expect(world.calls(.create) == 0)
            #expect(try await world.standing(name) == "refused")
            #expect(try await world.message(name).contains("came without an intermediate"))

            let complete = try await put(chain, world)
            #expect(complete != incomplete, "the same leaf with another chain is another certificate")
            try await world.work()
            #expect(world.calls(.create) == 1)
            try await world.pass()
            #expect(try await world.standing(name) == "enforced")
        }
    }

    @Test func `the same leaf with the same chain changes nothing`() async throws {
        try await OnboardingWorld.with { world in
            try await world.tier("gold", Policies.modern)
            let first = try await put(chain, world)
            #expect(try await put(chain, world) == first)
            #expect(try await world.rows("usher.certificate", "true") == 1)
        }
    }
}
