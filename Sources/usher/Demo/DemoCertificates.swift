import Foundation
import Onboarding
import Simulator
import TLSPolicy

/// Certificates as the demo's tenants would bring them, from an authority nobody else trusts.
struct DemoCertificates {
    let world: DemoWorld

    /// Issues a certificate for the row's hostname, seals its key and stores both, as `usher cert put` does.
    ///
    /// Hostnames whose first label is `rsa` bring an RSA key, the others ECDSA P-256.
    func put(for row: OnboardingRow) async throws {
        let now = VirtualInstant(microseconds: Int64(Date().timeIntervalSince1970 * 1_000_000))
        let authority = try CertificateAuthority(start: now)
        let name = row.hostname.ascii
        let issued = try authority.issue(
            names: row.wish.wildcard ? [name, "*.\(name)"] : [name],
            key: name.hasPrefix("rsa.") ? .rsa2048 : .p256,
            notBefore: now.adding(seconds: -86_400),
            notAfter: now.adding(seconds: 180 * 86_400)
        )
        let sealed = try SealedCertificate(
            chainPEM: issued.chainPEM,
            key: PrivateKeyPEM(text: issued.keyPEM),
            tenant: row.tenant,
            hostname: name,
            sealingTo: world.publicKey
        )
        _ = try await CertificateStore(pool: world.pool).put(sealed, tenant: row.tenant, hostname: name)
    }
}
