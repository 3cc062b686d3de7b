/// The `ssl.settings` object of one hostname: only what is set on the hostname itself.
package struct ExplicitSettings: Hashable, Sendable {
    package var minimumTLS: TLSVersion?
    /// Provider spellings in any order; empty is unset.
    package var ciphers: [String]
    package var tls13: Switch?
    package var http2: Switch?
    package var earlyHints: Switch?
    /// Keys we have no name for, and values of ours we cannot read, as raw JSON text; they go out as they came in.
    package var foreign: [String: String]

    package init(
        minimumTLS: TLSVersion? = nil,
        ciphers: [String] = [],
        tls13: Switch? = nil,
        http2: Switch? = nil,
        earlyHints: Switch? = nil,
        foreign: [String: String] = [:]
    ) {
        self.minimumTLS = minimumTLS
        self.ciphers = ciphers
        self.tls13 = tls13
        self.http2 = http2
        self.earlyHints = earlyHints
        self.foreign = foreign
    }
}
