/// A cipher suite the provider lets a hostname choose for TLS 1.2 and below.
///
/// Only the 20 suites of ``settable`` exist as values, so a list of them cannot hold a name the provider refuses.
package struct CipherSuite: Sendable {
    /// The provider's spelling, which is OpenSSL's.
    package let name: String
    /// The spelling of the IANA registry "TLS Cipher Suites".
    package let ianaName: String
    /// The number on the wire (IANA registry "TLS Cipher Suites").
    package let codePoint: UInt16
    /// The lowest version that has the suite: TLS 1.0 or TLS 1.2.
    package let minimumTLS: TLSVersion
    package let keyExchange: KeyExchange
    /// The kind of key the certificate must have.
    package let authentication: Authentication
    package let encryption: Encryption
    package let mac: MAC

    /// How the session key is agreed on.
    package enum KeyExchange: String, Hashable, Sendable {
        /// Ephemeral Diffie-Hellman over elliptic curves: forward secret.
        case ecdhe
        /// The secret is encrypted to the certificate's key: who gets that key later reads what was recorded.
        case rsa
    }

    /// What kind of key the served certificate must have.
    package enum Authentication: String, CaseIterable, Hashable, Sendable {
        case rsa
        case ecdsa
    }

    /// The cipher and its key size.
    package enum Encryption: String, Hashable, Sendable {
        case aes128GCM
        case aes256GCM
        case chacha20Poly1305
        case aes128CBC
        case aes256CBC
        case tripleDES
    }

    /// How records are authenticated; an AEAD does it itself.
    package enum MAC: String, Hashable, Sendable {
        case aead
        case sha1
        case sha256
        case sha384
    }

    /// Whether recorded traffic stays secret when the certificate's key is lost later.
    package var hasForwardSecrecy: Bool { keyExchange == .ecdhe }

    /// Whether the edge can negotiate the suite at this version.
    ///
    /// Suites of TLS 1.3 cannot be chosen, and 3DES is off above TLS 1.0 whatever the list says.
    /// Source: the provider's pages on supported cipher suites and on compliance and vulnerabilities.
    package func isUsable(at version: TLSVersion) -> Bool {
        minimumTLS <= version && version <= (encryption == .tripleDES ? .v1_0 : .v1_2)
    }
}

extension CipherSuite: Hashable {
    package static func == (left: CipherSuite, right: CipherSuite) -> Bool {
        left.codePoint == right.codePoint
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(codePoint)
    }
}

extension CipherSuite: Codable {
    /// Reads the bare name.
    ///
    /// - Throws: `DecodingError.dataCorrupted` with the message of ``CipherProblem`` for any other spelling.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        switch CipherSuite.parse(try container.decode(String.self)) {
        case .success(let suite): self = suite
        case .failure(let problem):
            throw DecodingError.dataCorruptedError(in: container, debugDescription: problem.message)
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(name)
    }
}

extension CipherSuite: CustomStringConvertible {
    package var description: String { name }
}
