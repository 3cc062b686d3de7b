package import TLSPolicy

/// The first message of a TLS client, as bytes: written by ourselves because no library offers any suite alone, nor
/// tells which one was chosen.
///
/// RFC 5246 section 7.4.1.2 and RFC 8446 section 4.1.2; nothing of a handshake beyond it is spoken.
package struct ClientHello: Sendable {
    private let serverName: String
    private let version: TLSVersion
    private let suites: [UInt16]
    private let random: [UInt8]
    private let keyShare: [UInt8]

    /// - Parameters:
    ///   - serverName: An A-label form of at most 253 bytes.
    ///   - version: The newest version offered; with TLS 1.3 no other is offered, nor any of `suites`.
    ///   - random: 64 bytes: the random, and the session id that TLS 1.3 sends for the sake of old middleboxes.
    ///   - keyShare: A public key of X25519, 32 bytes.
    package init(
        serverName: String,
        version: TLSVersion,
        suites: [CipherSuite],
        random: [UInt8],
        keyShare: [UInt8]
    ) {
        precondition(serverName.utf8.count <= 253 && random.count == 64 && keyShare.count == 32)
        self.serverName = serverName
        self.version = version
        // TLS_EMPTY_RENEGOTIATION_INFO_SCSV (RFC 5746): some servers refuse clients without it.
        self.suites = version == .v1_3 ? [0x1301, 0x1302, 0x1303] : suites.map(\.codePoint) + [0x00FF]
        self.random = random
        self.keyShare = keyShare
    }

    /// One record with one handshake message.
    package var bytes: [UInt8] {
        let sessionID = version == .v1_3 ? Array(random[32...]) : []
        let legacyVersion = min(version, .v1_2).number
        let body =
            legacyVersion.octets + random[..<32] + sessionID.sized8
            + suites.flatMap(\.octets).sized16
            + [1, 0]  // one compression method: none
            + extensions.flatMap { $0.octets + $1.sized16 }.sized16
        let message = [HandshakeType.clientHello.rawValue] + body.sized24
        // Records of a first hello say TLS 1.0 whatever follows (RFC 8446 section 5.1).
        return [RecordType.handshake.rawValue, 3, 1] + message.sized16
    }

    /// Numbers and contents (IANA registry "TLS ExtensionType Values").
    private var extensions: [(UInt16, [UInt8])] {
        var extensions: [(UInt16, [UInt8])] = [
            (0, ([0] + Array(serverName.utf8).sized16).sized16),
            (10, Self.groups.flatMap(\.octets).sized16),
            (11, [1, 0]),
        ]
        if version >= .v1_2 { extensions.append((13, Self.signatures.flatMap(\.octets).sized16)) }
        if version == .v1_3 {
            extensions.append((43, version.number.octets.sized8))
            extensions.append((45, [1, 1]))
            extensions.append((51, (Self.groups[0].octets + keyShare.sized16).sized16))
        } else {
            extensions.append((23, []))
        }
        return extensions
    }

    /// X25519, P-256, P-384, P-521.
    private static let groups: [UInt16] = [0x001D, 0x0017, 0x0018, 0x0019]

    /// ECDSA, RSA-PSS and RSA with SHA-2, the last two also with SHA-1 for old edges.
    private static let signatures: [UInt16] = [
        0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0603, 0x0806, 0x0601, 0x0203, 0x0201,
    ]
}

extension TLSVersion {
    /// The number on the wire.
    var number: UInt16 {
        switch self {
        case .v1_0: 0x0301
        case .v1_1: 0x0302
        case .v1_2: 0x0303
        case .v1_3: 0x0304
        }
    }
}

extension UInt16 {
    fileprivate var octets: [UInt8] { [UInt8(self >> 8), UInt8(self & 0xFF)] }
}

extension [UInt8] {
    /// The bytes with their count before them, in 1, 2 or 3 bytes.
    fileprivate var sized8: [UInt8] { [UInt8(count)] + self }
    fileprivate var sized16: [UInt8] { UInt16(count).octets + self }
    fileprivate var sized24: [UInt8] { [UInt8(count >> 16)] + UInt16(count & 0xFFFF).octets + self }
}
