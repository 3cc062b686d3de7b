import NIOSSL
import Synchronization

/// The TLS libraries' contexts, one for each thing that edge and client can agree on, kept for the next client.
final class EdgeContexts: Sendable {
    private let identities: EdgeIdentities
    private let contexts = Mutex<[Negotiation: NIOSSLContext]>([:])
    /// Beyond this many all are dropped: a context is quickly made again.
    private static let capacity = 2_048

    init(identities: EdgeIdentities) {
        self.identities = identities
    }

    /// The context that can do exactly what was agreed on.
    ///
    /// - Throws: What the library throws over a certificate or key.
    func context(for negotiation: Negotiation) throws -> NIOSSLContext {
        if let known = contexts.withLock({ $0[negotiation] }) { return known }
        let made = try make(negotiation)
        contexts.withLock { contexts in
            if contexts.count >= Self.capacity { contexts.removeAll() }
            contexts[negotiation] = made
        }
        return made
    }

    private func make(_ negotiation: Negotiation) throws -> NIOSSLContext {
        let identity = try identities.identity(of: negotiation.leaf)
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: try NIOSSLCertificate.fromPEMBytes(Array(identity.chainPEM.utf8)).map {
                .certificate($0)
            },
            privateKey: .privateKey(try NIOSSLPrivateKey(bytes: Array(identity.keyPEM.utf8), format: .pem))
        )
        configuration.minimumTLSVersion = negotiation.version.library
        configuration.maximumTLSVersion = negotiation.version.library
        if let suite = negotiation.suite { configuration.cipherSuites = suite.name }
        configuration.applicationProtocols = ["http/1.1"]
        return try NIOSSLContext(configuration: configuration)
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
