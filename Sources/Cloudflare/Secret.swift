/// A text that must not be seen: a private key or an API token.
///
/// Printing, reflecting, dumping and encoding it all give `<redacted>`; only ``reveal()`` gives the text. The one
/// encoder that writes the text itself is the one with which the client builds a request's body.
package struct Secret: Hashable, Sendable {
    /// What stands in the text's place wherever a secret is printed or encoded.
    package static let placeholder = "<redacted>"

    private let text: String

    package init(_ text: String) {
        self.text = text
    }

    /// The text itself, for the one place that needs it.
    package func reveal() -> String { text }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { Self.placeholder }
    package var debugDescription: String { Self.placeholder }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

extension Secret: Encodable {
    package func encode(to encoder: any Encoder) throws {
        let mayReveal = CodingUserInfoKey.revealsSecrets.flatMap { encoder.userInfo[$0] as? Bool } ?? false
        var container = encoder.singleValueContainer()
        try container.encode(mayReveal ? text : Self.placeholder)
    }
}

extension CodingUserInfoKey {
    /// Set to `true` on the encoder of request bodies only; not visible outside this module, so nobody else can ask.
    static let revealsSecrets = CodingUserInfoKey(rawValue: "usher.cloudflare.revealsSecrets")
}
