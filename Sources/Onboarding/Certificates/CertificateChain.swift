package import TLSPolicy
import X509

/// A certificate file that was read and put in order: one leaf and the authorities above it.
///
/// Facts only. Whether the names cover a hostname, the dates suffice or the algorithms please the provider is for
/// `TLSPolicy` to judge.
package struct CertificateChain: Hashable, Sendable {
    /// The certificate that is not an authority's.
    package let leaf: CertificateFacts
    /// The other certificates, each after the one it signed; those that signed none of them stand last, as found.
    package let intermediates: [CertificateFacts]
    /// Whether the file listed them in this order.
    package let wasInOrder: Bool
    /// Index in `[leaf] + intermediates` of the first certificate that the next one did not sign; `nil` if none.
    ///
    /// A signature by an algorithm other than RSA with SHA-1 or SHA-2, ECDSA or Ed25519 counts as not verified.
    package let firstBrokenLink: Int?
    /// True if the last certificate signed itself; the provider refuses a chain with its root (its code 1441).
    package let includesRoot: Bool
    /// True if the leaf signed itself; the provider takes publicly trusted certificates only (its code 1441).
    package let isSelfSigned: Bool
    /// The whole chain: only `CERTIFICATE` blocks, leaf first, lines of 64 characters ended by a line feed.
    package let pem: String
    /// The leaf alone, in the same form: what the provider wants unless it is told to serve the chain as given.
    package let leafPEM: String
    let leafKey: Certificate.PublicKey

    /// True if every certificate was signed by the next.
    package var linksVerified: Bool { firstBrokenLink == nil }
}
