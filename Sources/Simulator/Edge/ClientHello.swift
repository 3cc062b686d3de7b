/// What a client offers, as far as the edge decides by it (RFC 5246 section 7.4.1.2, RFC 8446 section 4.1.2).
struct ClientHello: Hashable, Sendable {
    /// `host_name` of the server name indication in lower case (RFC 6066 section 3).
    var serverName: String?
    /// The version field, which is the highest version for clients before TLS 1.3.
    var legacyVersion: UInt16
    /// The extension `supported_versions`, which replaces that field.
    var supportedVersions: [UInt16]?
    var suites: [UInt16]
    /// The extension `signature_algorithms`.
    var signatureSchemes: [UInt16]?
    /// The extension `supported_groups`.
    var groups: [UInt16]?

    /// Whether the client takes this version.
    ///
    /// A client without `supported_versions` names its highest only and takes whatever is below.
    func offers(_ version: EdgeVersion) -> Bool {
        if let supportedVersions { return supportedVersions.contains(version.codePoint) }
        return version < .tls13 && version.codePoint <= legacyVersion
    }

    /// Whether the client can check a signature by such a key at this version; silence means yes.
    func canVerify(ecdsa: Bool, at version: EdgeVersion) -> Bool {
        guard version >= .tls12, let signatureSchemes else { return true }
        return signatureSchemes.contains { scheme in
            if ecdsa { return scheme & 0xFF == 0x03 }
            // RSASSA-PKCS1-v1_5 does not sign handshakes of TLS 1.3 (RFC 8446 section 4.2.3).
            return Self.rsaPSS.contains(scheme) || (version == .tls12 && scheme & 0xFF == 0x01)
        }
    }

    /// Whether client and edge have a curve in common; silence means yes (RFC 8422 section 4).
    var sharesGroup: Bool {
        guard let groups else { return true }
        return groups.contains(where: Self.edgeGroups.contains)
    }

    private static let rsaPSS: Set<UInt16> = [0x0804, 0x0805, 0x0806]
    /// P-256, P-384 and X25519.
    private static let edgeGroups: Set<UInt16> = [23, 24, 29]
}
