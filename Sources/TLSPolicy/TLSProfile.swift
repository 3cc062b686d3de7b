/// A named, versioned bundle of what the edge negotiates, such as `pci@1`.
///
/// A published version never changes: what "pci" means may, as `pci@2`. `nil` leaves a key to the zone.
package struct TLSProfile: Hashable, Sendable {
    /// `name@version`.
    package let name: String
    package let minimumTLS: TLSVersion?
    package let ciphers: [CipherSuite]?
    package let tls13: Switch?
    /// Where the bundle comes from.
    package let source: String?

    package init(
        name: String,
        minimumTLS: TLSVersion? = nil,
        ciphers: [CipherSuite]? = nil,
        tls13: Switch? = nil,
        source: String? = nil
    ) {
        self.name = name
        self.minimumTLS = minimumTLS
        self.ciphers = ciphers
        self.tls13 = tls13
        self.source = source
    }

    /// The built-in profile of this full name.
    package static func named(_ name: String) -> TLSProfile? {
        builtIn.first { $0.name == name }
    }

    /// The bundles that exist without being defined, from wide to narrow.
    package static let builtIn = [
        legacy1, fips1, compatible1, modern1, pci1, mozillaIntermediate1, strict1, mozillaModern1,
    ]

    /// Every settable suite at every version: for clients nothing else can serve.
    package static let legacy1 = TLSProfile(
        name: "legacy@1",
        minimumTLS: .v1_0,
        ciphers: CipherSuite.settable,
        tls13: .on,
        source: "the provider's cipher suite recommendations, \"Legacy\""
    )

    /// The suites whose algorithms FIPS 140-2 approves.
    ///
    /// TLS 1.3 is off: where it is on, ChaCha20 is offered and cannot be taken out. The page names suites only; the
    /// minimum is that of NIST SP 800-52 revision 2.
    package static let fips1 = TLSProfile(
        name: "fips@1",
        minimumTLS: .v1_2,
        ciphers: suites([
            "AES128-GCM-SHA256", "AES128-SHA", "AES128-SHA256", "AES256-SHA", "AES256-SHA256", "DES-CBC3-SHA",
            "ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES128-SHA", "ECDHE-ECDSA-AES128-SHA256",
            "ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-ECDSA-AES256-SHA384", "ECDHE-RSA-AES128-GCM-SHA256",
            "ECDHE-RSA-AES128-SHA", "ECDHE-RSA-AES128-SHA256", "ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-RSA-AES256-SHA",
            "ECDHE-RSA-AES256-SHA384",
        ]),
        tls13: .off,
        source: "the provider's compliance page, \"FIPS-140-2\""
    )

    /// The modern suites, and forward secret ones with CBC for clients before 2013.
    package static let compatible1 = TLSProfile(
        name: "compatible@1",
        minimumTLS: .v1_2,
        ciphers: Array(CipherSuite.settable.prefix(10)),
        tls13: .on,
        source: "the provider's cipher suite recommendations, \"Compatible\""
    )

    /// Forward secret AEAD suites only.
    package static let modern1 = TLSProfile(
        name: "modern@1",
        minimumTLS: .v1_2,
        ciphers: Array(CipherSuite.settable.prefix(6)),
        tls13: .on,
        source: "the provider's cipher suite recommendations, \"Modern\""
    )

    /// What PCI DSS asks for: TLS 1.2 or better with strong cryptography.
    package static let pci1 = TLSProfile(
        name: "pci@1",
        minimumTLS: .v1_2,
        ciphers: suites([
            "ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384",
            "ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-ECDSA-CHACHA20-POLY1305", "ECDHE-RSA-CHACHA20-POLY1305",
        ]),
        tls13: .on,
        source: "the provider's compliance page, \"PCI DSS\""
    )

    /// TLS 1.3 only, whose suites cannot be chosen; Mozilla's "modern".
    package static let strict1 = TLSProfile(
        name: "strict@1",
        minimumTLS: .v1_3,
        tls13: .on,
        source: "Mozilla's server side TLS guidelines, \"modern\""
    )

    /// Mozilla's general recommendation, as far as the provider has it.
    ///
    /// Its three suites of finite-field Diffie-Hellman (`DHE-RSA-…`) do not exist at the provider; the others are all
    /// here, and decide at TLS 1.2 only.
    package static let mozillaIntermediate1 = TLSProfile(
        name: "mozilla-intermediate@1",
        minimumTLS: .v1_2,
        ciphers: suites([
            "ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384",
            "ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-ECDSA-CHACHA20-POLY1305", "ECDHE-RSA-CHACHA20-POLY1305",
        ]),
        tls13: .on,
        source: "Mozilla's server side TLS guidelines, version 5.7, \"intermediate\" without its DHE suites"
    )

    /// Mozilla's recommendation for clients that all speak TLS 1.3.
    package static let mozillaModern1 = TLSProfile(
        name: "mozilla-modern@1",
        minimumTLS: .v1_3,
        tls13: .on,
        source: "Mozilla's server side TLS guidelines, version 5.7, \"modern\""
    )

    private static func suites(_ names: [String]) -> [CipherSuite] {
        CipherSuite.parse(names).suites
    }
}
