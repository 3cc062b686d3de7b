/// A private key that was uploaded: kept for the edge, never shown.
package struct PrivateKeyPEM: Hashable, Sendable {
    /// The PEM text; only what serves TLS may read it.
    package let unredactedText: String
}

extension PrivateKeyPEM: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "<redacted>" }
    package var debugDescription: String { "<redacted>" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
