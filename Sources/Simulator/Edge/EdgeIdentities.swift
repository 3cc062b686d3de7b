import Synchronization

/// The certificates and keys that the edge shows, made when they are first needed.
final class EdgeIdentities: Sendable {
    /// A chain, leaf first, and the leaf's key, both PEM.
    struct Identity: Sendable {
        var chainPEM: String
        var keyPEM: String
    }

    private let authority: CertificateAuthority
    /// One key of a kind serves all managed certificates: making one of RSA for each takes too long.
    private let keys = Mutex<[CertificateAuthority.KeyType: LeafKey]>([:])
    /// A certificate has one fingerprint, however often it is shown.
    private let issued = Mutex<[EdgeLeaf: Identity]>([:])
    /// More are forgotten, and issued anew when they are needed again.
    private static let mostIssued = 20_000

    init(authority: CertificateAuthority) {
        self.authority = authority
    }

    /// The identity that a leaf stands for.
    ///
    /// - Throws: What the signing library throws.
    func identity(of leaf: EdgeLeaf) throws -> Identity {
        switch leaf {
        case .uploaded(let certificate):
            return Identity(chainPEM: certificate.chain, keyPEM: certificate.key.unredactedText)
        case .managed(let names, let certificate, let type):
            if let known = issued.withLock({ $0[leaf] }) { return known }
            // Clients live in real time, which a fast virtual clock runs ahead of.
            let start = min(certificate.issuedAt, .realNow).adding(seconds: -3_600)
            let pair = try authority.issue(
                names: names,
                key: try key(type),
                serialNumber: certificate.serial(type),
                notBefore: start,
                notAfter: certificate.expiresAt
            )
            return issued.withLock { issued in
                // Two who came first together show the same one.
                if let known = issued[leaf] { return known }
                if issued.count >= Self.mostIssued { issued.removeAll() }
                let identity = Identity(chainPEM: pair.chainPEM, keyPEM: pair.keyPEM)
                issued[leaf] = identity
                return identity
            }
        }
    }

    private func key(_ type: CertificateAuthority.KeyType) throws -> LeafKey {
        try keys.withLock { keys in
            if let key = keys[type] { return key }
            let key = try LeafKey(type)
            keys[type] = key
            return key
        }
    }
}

extension SimulatedCertificate.Issued {
    /// The API tells one serial number, which is the ECDSA certificate's; an authority gives the other another one.
    fileprivate func serial(_ type: CertificateAuthority.KeyType) -> UInt64? {
        UInt64(serialNumber).map { type == .p256 ? $0 : ~$0 }
    }
}
