import Crypto
import Foundation

/// Which key pair a private key was sealed to: the first 8 bytes of the public key's SHA-256, in hexadecimal.
package struct SealingKeyID: Hashable, Sendable {
    /// 16 digits, lower case.
    package let text: String

    /// `nil` unless the text is 16 lower-case hexadecimal digits.
    package init?(_ text: String) {
        let digits: (Character) -> Bool = { $0.isASCII && $0.isHexDigit && !$0.isUppercase }
        guard text.count == 16, text.allSatisfy(digits) else { return nil }
        self.text = text
    }

    fileprivate init(of key: Curve25519.KeyAgreement.PublicKey) {
        let prefix = SHA256.hash(data: key.rawRepresentation).prefix(8)
        self.text = prefix.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}

extension SealingKeyID: CustomStringConvertible {
    package var description: String { text }
}

/// The X25519 public key that tenants' private keys are sealed to; anybody may have it.
package struct PublicSealingKey: Hashable, Sendable {
    /// 32 bytes (RFC 7748).
    package let bytes: [UInt8]
    package let id: SealingKeyID

    static let prefix = "usher-public-key-1:"

    /// Throws ``SealingError/malformedPublicKey`` unless there are 32 bytes that X25519 can agree on a secret with.
    package init(bytes: some Sequence<UInt8>) throws(SealingError) {
        let bytes = Array(bytes)
        guard let key = try? Curve25519.KeyAgreement.PublicKey(rawRepresentation: bytes), Self.isUsable(key) else {
            throw .malformedPublicKey
        }
        self.init(key)
    }

    /// False for a point of low order: every agreement with it gives zeros, so that anybody could open what was sealed.
    ///
    /// RFC 9180 section 7.1.4 asks for this check, and swift-crypto 4.5 leaves it out where it runs on BoringSSL.
    private static func isUsable(_ key: Curve25519.KeyAgreement.PublicKey) -> Bool {
        let agreed = try? Curve25519.KeyAgreement.PrivateKey().sharedSecretFromKeyAgreement(with: key)
        return agreed?.withUnsafeBytes { bytes in bytes.contains { $0 != 0 } } ?? false
    }

    /// Reads the form `usher-public-key-1:BASE64`; throws ``SealingError/malformedPublicKey``.
    package init(text: String) throws(SealingError) {
        guard let bytes = SealingKeyText.bytes(of: text, prefix: Self.prefix) else { throw .malformedPublicKey }
        try self.init(bytes: bytes)
    }

    fileprivate init(_ key: Curve25519.KeyAgreement.PublicKey) {
        self.bytes = Array(key.rawRepresentation)
        self.id = SealingKeyID(of: key)
    }

    /// The form `usher-public-key-1:BASE64`.
    package var text: String { Self.prefix + Data(bytes).base64EncodedString() }

    func agreementKey() throws -> Curve25519.KeyAgreement.PublicKey {
        try Curve25519.KeyAgreement.PublicKey(rawRepresentation: bytes)
    }
}

extension PublicSealingKey: CustomStringConvertible {
    package var description: String { text }
}

/// The X25519 private key that opens sealed keys; only workers have it.
package struct PrivateSealingKey: Redacted, Sendable {
    package let publicKey: PublicSealingKey
    /// Zeroed by swift-crypto when the last copy goes.
    let agreementKey: Curve25519.KeyAgreement.PrivateKey

    static let prefix = "usher-private-key-1:"

    /// Makes a new key.
    package init() {
        self.init(Curve25519.KeyAgreement.PrivateKey())
    }

    /// Reads the form `usher-private-key-1:BASE64`; throws ``SealingError/malformedPrivateKey``.
    package init(text: String) throws(SealingError) {
        guard var bytes = SealingKeyText.bytes(of: text, prefix: Self.prefix) else { throw .malformedPrivateKey }
        defer { bytes.wipe() }
        guard let key = try? Curve25519.KeyAgreement.PrivateKey(rawRepresentation: bytes) else {
            throw .malformedPrivateKey
        }
        self.init(key)
    }

    private init(_ key: Curve25519.KeyAgreement.PrivateKey) {
        self.agreementKey = key
        self.publicKey = PublicSealingKey(key.publicKey)
    }

    /// The id of the pair.
    package var id: SealingKeyID { publicKey.id }

    /// The form `usher-private-key-1:BASE64`, for the file it is kept in: a copy that cannot be zeroed.
    package func reveal() -> String { Self.prefix + agreementKey.rawRepresentation.base64EncodedString() }
}

private enum SealingKeyText {
    static func bytes(of text: String, prefix: String) -> [UInt8]? {
        guard text.hasPrefix(prefix) else { return nil }
        return Base64.decode(text.utf8.dropFirst(prefix.utf8.count))
    }
}
