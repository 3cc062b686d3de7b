import NIOCore
import NIOPosix

/// The provider's TLS edge: a listener that serves what the API was told and has deployed.
///
/// Each hello is judged by the simulation as it is at that moment, so whatever a read of the API shows as deployed
/// holds for the next client; connections that stand are left alone.
final class Edge: Sendable {
    /// What was decided for one client.
    struct Decision {
        var serverName: String
        var site: EdgeSite
        var engine: EdgeEngine
    }

    /// What the edge asks the simulation, which answers for the present moment.
    struct Questions: Sendable {
        /// What is served under a server name.
        var site: @Sendable (String) -> EdgeSite?
        /// Whether Access lets a client with these certificates, leaf first and DER, through to a server name.
        var admission: @Sendable (String, [[UInt8]]) -> AccessVerdict
    }

    private let ask: Questions
    private let engines: EdgeEngines
    private static let idleLimit = TimeAmount.seconds(60)

    init(authority: CertificateAuthority, ask: Questions) {
        self.ask = ask
        self.engines = EdgeEngines(identities: EdgeIdentities(authority: authority))
    }

    /// Listens on 127.0.0.1.
    ///
    /// - Parameter port: 0 lets the system choose.
    /// - Throws: An `IOError` if the port cannot be bound.
    func listen(port: Int) async throws -> any Channel {
        try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: 512)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { [self] channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandlers(
                        IdleStateHandler(allTimeout: Self.idleLimit),
                        EdgeDoor(edge: self)
                    )
                }
            }
            .bind(host: "127.0.0.1", port: port).get()
    }

    /// Decides what becomes of a client.
    ///
    /// - Throws: The alert that ends the handshake.
    func decide(_ hello: ClientHello) throws(EdgeAlert) -> Decision {
        guard let serverName = hello.serverName else { throw .handshakeFailure }
        guard let site = ask.site(serverName) else { throw .unrecognizedName }
        let negotiation = try Negotiation(hello, site)
        do {
            return Decision(serverName: serverName, site: site, engine: try engines.engine(for: negotiation))
        } catch {
            throw .internalError
        }
    }

    /// Decides about one request of a client whose handshake is complete.
    func admit(_ serverName: String, _ clientChain: [[UInt8]]) -> AccessVerdict {
        ask.admission(serverName, clientChain)
    }
}
