import Crypto
import Foundation

/// What a sealed key is for.
///
/// A sealed key opens only in the context it was sealed in, so that a row copied to another tenant, hostname or
/// certificate is of no use.
package struct SealingContext: Hashable, Sendable {
    package let tenant: String
    /// The canonical A-label.
    package let hostname: String
    /// The leaf certificate's ``TLSPolicy/CertificateFacts/fingerprint``.
    package let fingerprint: String

    package init(tenant: String, hostname: String, fingerprint: String) {
        self.tenant = tenant
        self.hostname = hostname
        self.fingerprint = fingerprint
    }

    /// HPKE's `info`: `usher-sealed-key-1`, then tenant, hostname and fingerprint, each after its length.
    ///
    /// Text is UTF-8; a length counts bytes and has 4 bytes, most significant first. The lengths keep ("ab", "c") apart
    /// from ("a", "bc"). `info` and not `aad` carries the context, since the one-shot interfaces of other languages'
    /// libraries have no `aad`.
    var info: Data {
        var info = Data("usher-sealed-key-1".utf8)
        for field in [tenant, hostname, fingerprint] {
            let bytes = Data(field.utf8)
            withUnsafeBytes(of: UInt32(bytes.count).bigEndian) { info.append(contentsOf: $0) }
            info.append(bytes)
        }
        return info
    }
}

/// A private key that only the holder of a ``PrivateSealingKey`` can read: HPKE in base mode (RFC 9180).
///
/// Suite: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM; `info` from ``SealingContext``, empty `aad`.
package struct SealedKey: Hashable, Sendable {
    package let keyID: SealingKeyID
    /// The encapsulated key (32 bytes), then the ciphertext with its tag (16 bytes at the end).
    package let bytes: [UInt8]

    package init(keyID: SealingKeyID, bytes: [UInt8]) {
        self.keyID = keyID
        self.bytes = bytes
    }

    static let encapsulatedBytes = 32
    static let suite = HPKE.Ciphersuite(kem: .Curve25519_HKDF_SHA256, kdf: .HKDF_SHA256, aead: .AES_GCM_256)
}

extension SealedKey: CustomStringConvertible {
    package var description: String { "\(bytes.count) bytes sealed to key \(keyID)" }
}

extension PublicSealingKey {
    /// Seals a key; anybody can do this, and only the private key undoes it.
    package func seal(_ key: PrivateKeyPEM, context: SealingContext) throws(SealingError) -> SealedKey {
        do {
            var sender = try HPKE.Sender(recipientKey: agreementKey(), ciphersuite: SealedKey.suite, info: context.info)
            let ciphertext = try key.withBytes { try sender.seal($0) }
            return SealedKey(keyID: id, bytes: Array(sender.encapsulatedKey) + ciphertext)
        } catch {
            throw .cannotSeal(id)
        }
    }
}

extension PrivateSealingKey {
    /// Opens a sealed key in the context it was sealed in.
    ///
    /// Throws ``SealingError/wrongKey(sealedTo:opener:)`` or ``SealingError/notAuthentic(_:_:)``.
    package func open(_ sealed: SealedKey, context: SealingContext) throws(SealingError) -> PrivateKeyPEM {
        guard sealed.keyID == id else { throw .wrongKey(sealedTo: sealed.keyID, opener: id) }
        do {
            var recipient = try HPKE.Recipient(
                privateKey: agreementKey,
                ciphersuite: SealedKey.suite,
                info: context.info,
                encapsulatedKey: Data(sealed.bytes.prefix(SealedKey.encapsulatedBytes))
            )
            var plain = try recipient.open(sealed.bytes.dropFirst(SealedKey.encapsulatedBytes))
            return PrivateKeyPEM(wiping: &plain)
        } catch {
            throw .notAuthentic(id, context)
        }
    }
}
