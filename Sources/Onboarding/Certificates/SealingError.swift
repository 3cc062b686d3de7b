/// Why a private key could not be sealed or opened.
package enum SealingError: Error, Hashable, Sendable {
    /// Not `usher-public-key-1:` and the base64 of a usable X25519 public key.
    case malformedPublicKey
    /// Not `usher-private-key-1:` and the base64 of 32 bytes.
    case malformedPrivateKey
    /// Sealed to another key than the one it was to be opened with.
    case wrongKey(sealedTo: SealingKeyID, opener: SealingKeyID)
    /// Sealed to a key that the ring does not hold.
    case unknownKey(SealingKeyID, held: [SealingKeyID])
    /// The ciphertext was altered, or was sealed for another tenant, hostname or certificate.
    case notAuthentic(SealingKeyID, SealingContext)
    /// The cryptographic library refused to seal.
    case cannotSeal(SealingKeyID)
}

extension SealingError: CustomStringConvertible {
    /// What is wrong and what can be done about it, in one line.
    package var description: String {
        switch self {
        case .malformedPublicKey:
            "not a public sealing key: it reads \(PublicSealingKey.prefix)BASE64, as `usher keys generate` prints it"
        case .malformedPrivateKey:
            "not a private sealing key: it reads \(PrivateSealingKey.prefix)BASE64, as `usher keys generate` writes it"
        case .wrongKey(let sealedTo, let opener):
            "sealed to key \(sealedTo), not to \(opener): open it with the key it was sealed to"
        case .unknownKey(let id, let held):
            "sealed to key \(id), and this worker holds \(held.map(\.text).joined(separator: ", ")): "
                + "add that key to the worker's key file, or have the certificate put again"
        case .notAuthentic(let id, let context):
            "what is sealed to key \(id) was altered, or was not sealed for hostname \(context.hostname) of tenant "
                + "\(context.tenant) and certificate \(context.fingerprint): have the certificate put again"
        case .cannotSeal(let id):
            "sealing to key \(id) failed: check that the public key is the one the workers gave out"
        }
    }
}
