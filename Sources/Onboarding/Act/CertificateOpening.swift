import Cloudflare
import TLSPolicy

/// Opens the sealed keys of a hostname's certificates for the one call that sends them, and reads each chain once more.
struct CertificateOpening: Sendable {
    let store: HostnameStore
    /// `nil` in a worker without a key ring.
    let keys: WorkerKeys?

    /// What goes out, with what was read off it this moment.
    struct Opened: Sendable {
        var certificates: [CustomCertificate] = []
        var stored: [OnboardingContext.StoredCertificate] = []
        /// The database's clock, in seconds since 1970.
        var now: Int64 = 0
    }

    /// Throws ``CertificateTrouble``.
    func open(_ numbers: [Int64], for context: OnboardingContext) async throws -> Opened {
        var opened = Opened()
        for number in numbers {
            guard let sealed = try await store.sealedCertificate(number) else {
                throw CertificateTrouble.retired(number)
            }
            let (certificate, leaf) = try open(sealed, context)
            opened.certificates.append(certificate)
            opened.stored.append(.init(certificateID: number, facts: leaf))
            opened.now = sealed.now
        }
        return opened
    }

    /// The key is in the clear from here until the request has gone; see ``PrivateKeyPEM`` for what is zeroed then.
    private func open(
        _ sealed: HostnameStore.Sealed,
        _ context: OnboardingContext
    ) throws(CertificateTrouble) -> (CustomCertificate, CertificateFacts) {
        let chain: CertificateChain
        do { chain = try CertificateInspector.chain(fromPEM: sealed.chainPEM) } catch { throw .unusable(error) }
        let key = try unseal(
            sealed,
            SealingContext(
                tenant: context.tenant,
                hostname: context.name,
                fingerprint: chain.leaf.fingerprint
            )
        )
        do {
            let checked = try CertificateInspector.checkKey(key, matches: chain)
            // `force` serves the chain exactly as the tenant gave it.
            let certificate = CustomCertificate(
                chain: chain.pem,
                key: Secret(checked.reveal()),
                bundleMethod: .force
            )
            return (certificate, chain.storedLeaf)
        } catch {
            throw .unusable(error)
        }
    }

    private func unseal(
        _ sealed: HostnameStore.Sealed,
        _ context: SealingContext
    ) throws(CertificateTrouble) -> PrivateKeyPEM {
        guard let keys, let keyID = SealingKeyID(sealed.keyID) else { throw .noKeys }
        do {
            return try keys.ring(holding: keyID).open(
                SealedKey(keyID: keyID, bytes: sealed.sealedKey),
                context: context
            )
        } catch {
            if case .unknownKey = error { throw .missingKey(error) }
            throw .notAuthentic(error)
        }
    }
}
