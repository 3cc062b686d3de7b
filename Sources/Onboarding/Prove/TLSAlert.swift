/// The reason a server gives for ending a handshake, by its number.
enum TLSAlert {
    /// A sentence fragment such as `alert 70 protocol_version`.
    static func text(_ number: UInt8) -> String {
        "alert \(number)" + (names[number].map { " \($0)" } ?? "")
    }

    /// A fault of the server's own says nothing about what it allows.
    static let internalError: UInt8 = 80

    /// None of the client's versions is allowed, older ones included.
    static let protocolVersion: UInt8 = 70

    /// Those a client meets before a handshake is done (IANA registry "TLS Alerts").
    private static let names: [UInt8: String] = [
        10: "unexpected_message", 20: "bad_record_mac", 40: "handshake_failure", 47: "illegal_parameter",
        48: "unknown_ca", 49: "access_denied", 50: "decode_error", 51: "decrypt_error", 70: "protocol_version",
        71: "insufficient_security", 80: "internal_error", 86: "inappropriate_fallback", 109: "missing_extension",
        110: "unsupported_extension", 112: "unrecognized_name", 116: "certificate_required",
        120: "no_application_protocol",
    ]
}
