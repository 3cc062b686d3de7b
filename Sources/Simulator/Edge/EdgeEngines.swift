import NIOSSL
import Synchronization

/// The TLS library that carries out what was agreed on, ready for it.
enum EdgeEngine: Sendable {
    /// BoringSSL, which has all but four of the provider's suites.
    case boringSSL(NIOSSLContext)
    /// OpenSSL for those four; Debian's has no 3DES, so it could not do for all.
    case openSSL(OpenSSLSession.Settings)
}

/// Engines for each thing that edge and client can agree on, kept for the next client.
final class EdgeEngines: Sendable {
    private let identities: EdgeIdentities
    private let engines = Mutex<[Negotiation: EdgeEngine]>([:])
    /// Beyond this many all are dropped: an engine is quickly made again.
    private static let capacity = 2_048

    init(identities: EdgeIdentities) {
        self.identities = identities
    }

    /// The engine that can do exactly what was agreed on.
    ///
    /// - Throws: What the library throws over a certificate or key.
    func engine(for negotiation: Negotiation) throws -> EdgeEngine {
        if let known = engines.withLock({ $0[negotiation] }) { return known }
        let made = try make(negotiation)
        engines.withLock { engines in
            if engines.count >= Self.capacity { engines.removeAll() }
            engines[negotiation] = made
        }
        return made
    }

    private func make(_ negotiation: Negotiation) throws -> EdgeEngine {
        let identity = try identities.identity(of: negotiation.leaf)
        if let suite = negotiation.suite, suite.needsOpenSSL {
            let asks = negotiation.asksForCertificate
            return .openSSL(.init(suite: suite.name, identity: identity, asksForCertificate: asks))
        }
        return .boringSSL(try NIOSSLContext(configuration: try Self.configuration(negotiation, identity)))
    }

    private static func configuration(
        _ negotiation: Negotiation,
        _ identity: EdgeIdentities.Identity
    ) throws -> TLSConfiguration {
        let chain = try NIOSSLCertificate.fromPEMBytes(Array(identity.chainPEM.utf8))
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) },
            privateKey: .privateKey(try NIOSSLPrivateKey(bytes: Array(identity.keyPEM.utf8), format: .pem))
        )
        configuration.minimumTLSVersion = negotiation.version.library
        configuration.maximumTLSVersion = negotiation.version.library
        if let suite = negotiation.suite { configuration.cipherSuites = suite.name }
        configuration.applicationProtocols = ["http/1.1"]
        if negotiation.asksForCertificate {
            // Asked for and not demanded; the callback of the connection takes any. Without the empty list of roots
            // the system's would be read.
            configuration.certificateVerification = .optionalVerification
            configuration.trustRoots = .certificates([])
        }
        return configuration
    }
}

extension EdgeVersion {
    fileprivate var library: NIOSSL.TLSVersion {
        switch self {
        case .tls10: .tlsv1
        case .tls11: .tlsv11
        case .tls12: .tlsv12
        case .tls13: .tlsv13
        }
    }
}
