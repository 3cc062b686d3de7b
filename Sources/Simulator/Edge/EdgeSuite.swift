/// A TLS version that the edge can speak.
enum EdgeVersion: String, CaseIterable, Hashable, Sendable {
    case tls10 = "1.0"
    case tls11 = "1.1"
    case tls12 = "1.2"
    case tls13 = "1.3"

    /// The number on the wire (RFC 8446 section 4.2.1).
    var codePoint: UInt16 {
        switch self {
        case .tls10: 0x0301
        case .tls11: 0x0302
        case .tls12: 0x0303
        case .tls13: 0x0304
        }
    }
}

extension EdgeVersion: Comparable {
    static func < (left: EdgeVersion, right: EdgeVersion) -> Bool { left.codePoint < right.codePoint }
}

/// A cipher suite of TLS 1.2 and below that the edge can speak.
struct EdgeSuite: Hashable, Sendable {
    /// OpenSSL's name.
    let name: String
    /// The number on the wire (IANA registry "TLS Cipher Suites").
    let codePoint: UInt16

    /// Whether the certificate's key must be an elliptic-curve key; the others need RSA.
    var needsECDSA: Bool { name.hasPrefix("ECDHE-ECDSA-") }

    /// Whether the session key is agreed on over an elliptic curve.
    var isEphemeral: Bool { name.hasPrefix("ECDHE-") }

    /// Suites with AEAD or SHA-2 came with TLS 1.2 (RFC 5246, 5289, 7905); the edge takes 3DES at TLS 1.0 only.
    ///
    /// Source for 3DES: the provider's page on compliance and vulnerabilities.
    func isUsable(at version: EdgeVersion) -> Bool {
        if version == .tls13 { return false }
        if name == "DES-CBC3-SHA" { return version == .tls10 }
        return name.hasSuffix("-SHA") || version == .tls12
    }

    /// Suites that BoringSSL does not have.
    var needsOpenSSL: Bool { Self.foreignToBoringSSL.contains(name) }

    private static let foreignToBoringSSL: Set = [
        "ECDHE-ECDSA-AES256-SHA384", "ECDHE-RSA-AES256-SHA384", "AES128-SHA256", "AES256-SHA256",
    ]

    /// The suites of a list of names, ECDSA first and otherwise in the order given, as the provider presents them.
    static func suites(_ names: [String]) -> [EdgeSuite] {
        let suites = names.compactMap { name in codePoints[name].map { EdgeSuite(name: name, codePoint: $0) } }
        return suites.filter(\.needsECDSA) + suites.filter { !$0.needsECDSA }
    }

    private static let codePoints: [String: UInt16] = [
        "ECDHE-ECDSA-AES128-GCM-SHA256": 0xC02B,
        "ECDHE-ECDSA-CHACHA20-POLY1305": 0xCCA9,
        "ECDHE-ECDSA-AES256-GCM-SHA384": 0xC02C,
        "ECDHE-ECDSA-AES128-SHA256": 0xC023,
        "ECDHE-ECDSA-AES256-SHA384": 0xC024,
        "ECDHE-ECDSA-AES128-SHA": 0xC009,
        "ECDHE-RSA-AES128-GCM-SHA256": 0xC02F,
        "ECDHE-RSA-CHACHA20-POLY1305": 0xCCA8,
        "ECDHE-RSA-AES256-GCM-SHA384": 0xC030,
        "ECDHE-RSA-AES128-SHA256": 0xC027,
        "ECDHE-RSA-AES256-SHA384": 0xC028,
        "ECDHE-RSA-AES128-SHA": 0xC013,
        "ECDHE-RSA-AES256-SHA": 0xC014,
        "AES128-GCM-SHA256": 0x009C,
        "AES256-GCM-SHA384": 0x009D,
        "AES128-SHA256": 0x003C,
        "AES256-SHA256": 0x003D,
        "AES128-SHA": 0x002F,
        "AES256-SHA": 0x0035,
        "DES-CBC3-SHA": 0x000A,
    ]
}
