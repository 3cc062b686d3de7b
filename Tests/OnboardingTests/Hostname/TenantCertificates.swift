import Foundation
import Onboarding
import Postgres
import Simulator
import TLSPolicy

/// Certificates of a tenant `acme` as they would come from a public authority, valid from now on by the real clock.
struct TenantCertificates: Sendable {
    let authority: CertificateAuthority
    let now: VirtualInstant

    init() throws {
        now = VirtualInstant(microseconds: Int64(Date().timeIntervalSince1970) * 1_000_000)
        authority = try CertificateAuthority(start: now)
    }

    func issue(
        _ name: String,
        key: CertificateAuthority.KeyType = .p256,
        fromDay first: Double = -1,
        days: Double = 90
    ) throws -> (chainPEM: String, keyPEM: String) {
        try authority.issue(
            names: [name],
            key: key,
            notBefore: now.adding(seconds: first * 86_400),
            notAfter: now.adding(seconds: days * 86_400)
        )
    }

    /// Issues one and stores it as `usher cert put` does, without its checks.
    @discardableResult
    func put(
        _ name: String,
        key: CertificateAuthority.KeyType = .p256,
        fromDay first: Double = -1,
        days: Double = 90,
        sealedTo sealing: PublicSealingKey? = nil,
        _ world: OnboardingWorld
    ) async throws -> Int64 {
        let issued = try issue(name, key: key, fromDay: first, days: days)
        return try await put(issued, name, sealedTo: sealing ?? world.keys.current.publicKey, world.pool)
    }

    @discardableResult
    func put(
        _ issued: (chainPEM: String, keyPEM: String),
        _ name: String,
        sealedTo sealing: PublicSealingKey,
        _ pool: PostgresPool
    ) async throws -> Int64 {
        let sealed = try SealedCertificate(
            chainPEM: issued.chainPEM,
            key: PrivateKeyPEM(text: issued.keyPEM),
            tenant: "acme",
            hostname: name,
            sealingTo: sealing
        )
        return try await CertificateStore(pool: pool).put(sealed, tenant: "acme", hostname: name)
    }
}
