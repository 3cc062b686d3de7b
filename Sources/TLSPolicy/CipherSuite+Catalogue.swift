extension CipherSuite {
    /// The 20 suites a list may hold, in the provider's documented order: its preset "Legacy", which is the default.
    ///
    /// Source: the provider's page of supported cipher suites; names and numbers of the IANA registry.
    package static let settable: [CipherSuite] = [
        suite("ECDHE-ECDSA-AES128-GCM-SHA256", "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", 0xC02B, .aes128GCM),
        suite(
            "ECDHE-ECDSA-CHACHA20-POLY1305",
            "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
            0xCCA9,
            .chacha20Poly1305
        ),
        suite("ECDHE-RSA-AES128-GCM-SHA256", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", 0xC02F, .aes128GCM),
        suite("ECDHE-RSA-CHACHA20-POLY1305", "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", 0xCCA8, .chacha20Poly1305),
        suite("ECDHE-ECDSA-AES256-GCM-SHA384", "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", 0xC02C, .aes256GCM),
        suite("ECDHE-RSA-AES256-GCM-SHA384", "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", 0xC030, .aes256GCM),
        suite("ECDHE-ECDSA-AES128-SHA256", "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256", 0xC023, .aes128CBC, .sha256),
        suite("ECDHE-RSA-AES128-SHA256", "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256", 0xC027, .aes128CBC, .sha256),
        suite("ECDHE-ECDSA-AES256-SHA384", "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384", 0xC024, .aes256CBC, .sha384),
        suite("ECDHE-RSA-AES256-SHA384", "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384", 0xC028, .aes256CBC, .sha384),
        suite("AES128-GCM-SHA256", "TLS_RSA_WITH_AES_128_GCM_SHA256", 0x009C, .aes128GCM),
        suite("AES128-SHA256", "TLS_RSA_WITH_AES_128_CBC_SHA256", 0x003C, .aes128CBC, .sha256),
        suite("AES256-GCM-SHA384", "TLS_RSA_WITH_AES_256_GCM_SHA384", 0x009D, .aes256GCM),
        suite("AES256-SHA256", "TLS_RSA_WITH_AES_256_CBC_SHA256", 0x003D, .aes256CBC, .sha256),
        suite("ECDHE-ECDSA-AES128-SHA", "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA", 0xC009, .aes128CBC, .sha1),
        suite("ECDHE-RSA-AES128-SHA", "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", 0xC013, .aes128CBC, .sha1),
        suite("AES128-SHA", "TLS_RSA_WITH_AES_128_CBC_SHA", 0x002F, .aes128CBC, .sha1),
        suite("ECDHE-RSA-AES256-SHA", "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA", 0xC014, .aes256CBC, .sha1),
        suite("AES256-SHA", "TLS_RSA_WITH_AES_256_CBC_SHA", 0x0035, .aes256CBC, .sha1),
        suite("DES-CBC3-SHA", "TLS_RSA_WITH_3DES_EDE_CBC_SHA", 0x000A, .tripleDES, .sha1),
    ]

    /// The suite with exactly this name in the provider's spelling.
    package static func named(_ name: String) -> CipherSuite? {
        byName[name]
    }

    private static let byName = Dictionary(uniqueKeysWithValues: settable.map { ($0.name, $0) })

    /// The name says key exchange and authentication; AEAD and SHA-2 suites need TLS 1.2 (RFC 5246, 5288, 7905).
    private static func suite(
        _ name: String,
        _ ianaName: String,
        _ codePoint: UInt16,
        _ encryption: Encryption,
        _ mac: MAC = .aead
    ) -> CipherSuite {
        CipherSuite(
            name: name,
            ianaName: ianaName,
            codePoint: codePoint,
            minimumTLS: mac == .sha1 ? .v1_0 : .v1_2,
            keyExchange: name.hasPrefix("ECDHE-") ? .ecdhe : .rsa,
            authentication: name.hasPrefix("ECDHE-ECDSA-") ? .ecdsa : .rsa,
            encryption: encryption,
            mac: mac
        )
    }
}
