/// Makes a text that came from outside safe to log, store and show.
///
/// The provider may quote a request in its error texts. A private key or a token must not come back to us that way.
struct Redaction: Sendable {
    /// Texts that are cut out wherever they appear.
    var secrets: [Secret] = []
    /// Longest text let through, in characters.
    var maximumLength = 300

    /// Characters of a text that are looked at; one cut inside a PEM block is still redacted to its end.
    private static let inspectedLength = 16_384

    /// Cuts out secrets, PEM blocks and long base64, makes it one line and cuts it to length.
    func callAsFunction(_ text: String) -> String {
        var safe = String(text.prefix(Self.inspectedLength))
        for secret in secrets where !secret.reveal().isEmpty {
            safe = safe.replacing(secret.reveal(), with: Secret.placeholder)
        }
        safe = safe.replacing(Self.pemBlock, with: Secret.placeholder)
        safe = safe.replacing(Self.base64Lines, with: Secret.placeholder)
        safe = safe.replacing(Self.controls, with: " ")
        return safe.count <= maximumLength ? safe : safe.prefix(maximumLength) + "…"
    }

    /// Line breaks and what would steer a terminal.
    private static var controls: Regex<Substring> { /\p{Cc}+/ }

    /// From a BEGIN line to its END line, or to the end of the text where that line is missing.
    private static var pemBlock: Regex<Substring> {
        /(?s)-----BEGIN.*?(?:-----END[^-]*-----|$)/
    }

    /// At least 40 characters of base64 and the lines after them, by real line breaks or by `\n` in quoted JSON.
    ///
    /// A token of the provider has 40 characters, a line of PEM has 64.
    private static var base64Lines: Regex<Substring> {
        /[A-Za-z0-9+\/=]{40,}(?:(?:\\n|\\r|[\r\n])+[A-Za-z0-9+\/=]+)*/
    }
}
