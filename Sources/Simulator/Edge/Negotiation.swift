/// What edge and client agree on, decided before any TLS library sees the client.
///
/// The library is then given exactly this version, this suite and this certificate, and nothing to choose from: what
/// the edge accepts follows from this value alone.
struct Negotiation: Hashable, Sendable {
    var version: EdgeVersion
    /// `nil` at TLS 1.3, whose suites nobody can choose.
    var suite: EdgeSuite?
    var leaf: EdgeLeaf
    /// Whether the client is asked for a certificate of its own.
    var asksForCertificate: Bool

    /// Finds what both take: the highest version, then the first suite of the site's list.
    ///
    /// - Throws: The alert that ends the handshake.
    init(_ hello: ClientHello, _ site: EdgeSite) throws(EdgeAlert) {
        let versions = EdgeVersion.allCases.filter { site.minimum <= $0 && $0 <= site.maximum }
        guard let version = versions.last(where: hello.offers) else { throw .protocolVersion }
        self.version = version
        self.asksForCertificate = site.asksForCertificate
        if version == .tls13 {
            let leaf = site.leaves.first { hello.canVerify(ecdsa: $0.isECDSA, at: .tls13) }
            guard let leaf else { throw .handshakeFailure }
            self.leaf = leaf
        } else {
            let options = site.suites.lazy.compactMap { suite in
                Self.leaf(for: suite, hello, site, version).map { (suite, $0) }
            }
            guard let (suite, leaf) = options.first else { throw .handshakeFailure }
            self.suite = suite
            self.leaf = leaf
        }
    }

    /// The certificate with which a suite can be used, if it can.
    private static func leaf(
        for suite: EdgeSuite,
        _ hello: ClientHello,
        _ site: EdgeSite,
        _ version: EdgeVersion
    ) -> EdgeLeaf? {
        guard suite.isUsable(at: version), hello.suites.contains(suite.codePoint) else { return nil }
        if suite.isEphemeral {
            guard hello.sharesGroup, hello.canVerify(ecdsa: suite.needsECDSA, at: version) else { return nil }
        }
        return site.leaves.first { $0.isECDSA == suite.needsECDSA }
    }
}

/// Why the edge ends a handshake (RFC 8446 section 6.2, RFC 6066 section 3).
enum EdgeAlert: UInt8, Error, Hashable, Sendable {
    case handshakeFailure = 40
    case protocolVersion = 70
    case internalError = 80
    case unrecognizedName = 112

    /// The record that tells the client: fatal, and in the clear, as nothing is agreed on yet.
    func record(for hello: ClientHello) -> [UInt8] {
        let version = min(max(hello.legacyVersion, 0x0300), EdgeVersion.tls12.codePoint)
        return [21, UInt8(version >> 8), UInt8(version & 0xFF), 0, 2, 2, rawValue]
    }
}
