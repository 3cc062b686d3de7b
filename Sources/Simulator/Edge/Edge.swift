import NIOCore
import NIOPosix
import NIOSSL

/// The provider's TLS edge: a listener that serves what the API was told and has deployed.
///
/// Each hello is judged by the simulation as it is at that moment, so whatever a read of the API shows as deployed
/// holds for the next client; connections that stand are left alone.
final class Edge: Sendable {
    /// What was decided for one client.
    struct Decision {
        var serverName: String
        var site: EdgeSite
        var context: NIOSSLContext
    }

    private let sites: @Sendable (String) -> EdgeSite?
    private let contexts: EdgeContexts
    private static let idleLimit = TimeAmount.seconds(60)

    /// - Parameter sites: What is served under a server name at this moment.
    init(authority: CertificateAuthority, sites: @escaping @Sendable (String) -> EdgeSite?) {
        self.sites = sites
        self.contexts = EdgeContexts(identities: EdgeIdentities(authority: authority))
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
        guard let serverName = hello.serverName, let site = sites(serverName) else { throw .unrecognizedName }
        let negotiation = try Negotiation(hello, site)
        do {
            return Decision(serverName: serverName, site: site, context: try contexts.context(for: negotiation))
        } catch {
            throw .internalError
        }
    }
}
