/// A private key that was uploaded: kept for the edge, never shown.
///
/// It is encoded into the state that a simulator saves, which is a file for its owner only.
package struct PrivateKeyPEM: Hashable, Sendable, Codable {
    /// The PEM text; only what serves TLS may read it.
    package let unredactedText: String
}

extension PrivateKeyPEM: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "<redacted>" }
    package var debugDescription: String { "<redacted>" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
