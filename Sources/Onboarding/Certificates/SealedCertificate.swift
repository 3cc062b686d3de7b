package import TLSPolicy

/// A tenant's certificate as it is stored: the chain in the clear, the private key sealed.
package struct SealedCertificate: Hashable, Sendable {
    /// Only `CERTIFICATE` blocks, leaf first, lines ended by a line feed.
    package let chainPEM: String
    package let sealedKey: SealedKey
    /// Of the leaf, with those of the chain as it is stored.
    package let facts: CertificateFacts

    /// The key that opens ``sealedKey``.
    package var keyID: SealingKeyID { sealedKey.keyID }
    /// SHA-256 of the leaf's DER, in lower-case hexadecimal.
    package var fingerprint: String { facts.fingerprint }
    /// Seconds since 1970.
    package var notBefore: Int64 { facts.notBefore }
    /// Seconds since 1970.
    package var notAfter: Int64 { facts.notAfter }

    /// Checks a certificate and its key, puts both in their stored form, and seals the key for one hostname.
    ///
    /// Throws ``CertificateProblem`` before anything is sealed, or ``SealingError``. `hostname` is the canonical
    /// A-label; whether the certificate covers it and is in date is for `TLSPolicy` to judge from ``facts``.
    package init(
        chainPEM: String,
        key: PrivateKeyPEM,
        tenant: String,
        hostname: String,
        sealingTo publicKey: PublicSealingKey
    ) throws {
        let chain = try CertificateInspector.chain(fromPEM: chainPEM)
        let normalisedKey = try CertificateInspector.checkKey(key, matches: chain)
        let context = SealingContext(tenant: tenant, hostname: hostname, fingerprint: chain.leaf.fingerprint)
        self.chainPEM = chain.pem
        // Checked above: another key is an error and not a fact.
        self.facts = chain.storedLeaf
        self.sealedKey = try publicKey.seal(normalisedKey, context: context)
    }
}
