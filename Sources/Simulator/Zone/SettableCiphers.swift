/// The names a hostname's cipher list may hold, in the provider's own order.
///
/// Source: the provider's page on supported cipher suites, less the three TLS 1.3 suites, which cannot be chosen.
/// It repeats the policy's catalogue on purpose: the two sides of the wire are written apart, and a test compares them.
package enum SettableCiphers {
    /// OpenSSL names of all 20.
    package static let names = [
        "ECDHE-ECDSA-AES128-GCM-SHA256",
        "ECDHE-ECDSA-CHACHA20-POLY1305",
        "ECDHE-RSA-AES128-GCM-SHA256",
        "ECDHE-RSA-CHACHA20-POLY1305",
        "ECDHE-ECDSA-AES128-SHA256",
        "ECDHE-ECDSA-AES128-SHA",
        "ECDHE-RSA-AES128-SHA256",
        "ECDHE-RSA-AES128-SHA",
        "AES128-GCM-SHA256",
        "AES128-SHA256",
        "AES128-SHA",
        "ECDHE-ECDSA-AES256-GCM-SHA384",
        "ECDHE-ECDSA-AES256-SHA384",
        "ECDHE-RSA-AES256-GCM-SHA384",
        "ECDHE-RSA-AES256-SHA384",
        "ECDHE-RSA-AES256-SHA",
        "AES256-GCM-SHA384",
        "AES256-SHA256",
        "AES256-SHA",
        "DES-CBC3-SHA",
    ]

    private static let known = Set(names)

    /// True for the two families of names that TLS 1.3 suites go by.
    static func isOfTLS13(_ name: String) -> Bool { name.hasPrefix("AEAD-") || name.hasPrefix("TLS_") }

    static func areAll(_ ciphers: [String]) -> Bool {
        ciphers.allSatisfy(known.contains)
    }
}
