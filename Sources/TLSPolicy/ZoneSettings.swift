/// The zone's own TLS settings, which apply wherever a hostname sets nothing, and to the children of wildcards.
package struct ZoneSettings: Hashable, Sendable, Codable {
    package var minimumTLS: TLSVersion
    /// Provider spellings as read; empty is the provider's default, which is every suite.
    package var ciphers: [String]
    package var tls13: Switch

    /// The defaults are the provider's.
    package init(minimumTLS: TLSVersion = .v1_0, ciphers: [String] = [], tls13: Switch = .on) {
        self.minimumTLS = minimumTLS
        self.ciphers = ciphers
        self.tls13 = tls13
    }

    private enum CodingKeys: String, CodingKey {
        case minimumTLS = "min_tls_version"
        case ciphers
        case tls13 = "tls_1_3"
    }
}

extension ZoneSettings {
    /// The suites the zone offers at TLS 1.2 and below; names we do not know are left out.
    package var offeredSuites: [CipherSuite] {
        ciphers.isEmpty ? CipherSuite.settable : ciphers.compactMap(CipherSuite.named)
    }
}
