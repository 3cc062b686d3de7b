import NIOCore
import NIOPosix
import NIOSSL
import NIOTLS
import TLSPolicy

/// An edge on 127.0.0.1 that enforces effective settings with NIOSSL, and clients of one version and one suite.
///
/// NIOSSL holds one leaf a context, so an edge with two leaves is two listeners: a client of one suite that either
/// takes is a client the edge takes.
struct BoringEdge: Sendable {
    /// The settings of one listener.
    struct Settings: Hashable, Sendable {
        let minimum: TLSPolicy.TLSVersion
        let tls13: Bool
        let suites: [CipherSuite]
        let key: CipherSuite.Authentication
    }

    /// The suites of the catalogue that this build of BoringSSL lacks.
    static let blind = Set(CipherSuite.settable.filter { !supports($0) })

    private let group: MultiThreadedEventLoopGroup
    private let clients: [WireOffer: NIOSSLContext]

    init(group: MultiThreadedEventLoopGroup) throws {
        self.group = group
        let offers = WireOffer.all(without: Self.blind)
        clients = Dictionary(uniqueKeysWithValues: try offers.map { ($0, try Self.client($0)) })
    }

    /// The offers the listener accepts.
    func handshakes(_ settings: Settings) async throws -> Set<WireOffer> {
        guard let context = try Self.server(settings) else { return [] }
        let listener = try await ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 256)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandlers(
                        NIOSSLServerHandler(context: context),
                        HandshakeObserver(promise: nil)
                    )
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        defer { listener.close(promise: nil) }
        guard let address = listener.localAddress else { return [] }
        return try await withThrowingTaskGroup { tasks in
            for (offer, context) in clients {
                tasks.addTask { try await shakesHands(context, address) ? offer : nil }
            }
            return try await tasks.reduce(into: Set()) { if let offer = $1 { $0.insert(offer) } }
        }
    }

    private func shakesHands(_ context: NIOSSLContext, _ address: SocketAddress) async throws -> Bool {
        let promise = group.next().makePromise(of: Bool.self)
        let channel = try await ClientBootstrap(group: group)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandlers(
                        NIOSSLClientHandler(context: context, serverHostname: "shop.usher.de"),
                        HandshakeObserver(promise: promise)
                    )
                }
            }
            .connect(to: address).get()
        let isComplete = try await promise.futureResult.get()
        channel.close(promise: nil)
        return isComplete
    }
}

extension BoringEdge {
    /// `nil` if no version is left, which NIOSSL has no setting for.
    private static func server(_ settings: Settings) throws -> NIOSSLContext? {
        if settings.minimum == .v1_3, !settings.tls13 { return nil }
        let leaf = try WireCertificates.shared.get()[settings.key]
        let certificates = try NIOSSLCertificate.fromPEMBytes(Array(leaf.certificate.utf8))
        let key = try NIOSSLPrivateKey(bytes: Array(leaf.key.utf8), format: .pem)
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: certificates.map { .certificate($0) },
            privateKey: .privateKey(key)
        )
        configuration.minimumTLSVersion = version(settings.minimum)
        configuration.maximumTLSVersion = settings.tls13 ? .tlsv13 : .tlsv12
        let names = settings.suites.filter { !blind.contains($0) }.map(\.name)
        if !names.isEmpty { configuration.cipherSuites = names.joined(separator: ":") }
        return try NIOSSLContext(configuration: configuration)
    }

    private static func client(_ offer: WireOffer) throws -> NIOSSLContext {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.certificateVerification = .none
        configuration.minimumTLSVersion = version(offer.version)
        configuration.maximumTLSVersion = version(offer.version)
        if let suite = offer.suite { configuration.cipherSuites = suite.name }
        return try NIOSSLContext(configuration: configuration)
    }

    /// Asked beside a suite that every build has: NIOSSL ends the process over a list of none.
    private static func supports(_ suite: CipherSuite) -> Bool {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.cipherSuites = "ECDHE-RSA-AES128-GCM-SHA256:\(suite.name)"
        return configuration.cipherSuiteValues.contains { $0.rawValue == suite.codePoint }
    }

    private static func version(_ version: TLSPolicy.TLSVersion) -> NIOSSL.TLSVersion {
        switch version {
        case .v1_0: .tlsv1
        case .v1_1: .tlsv11
        case .v1_2: .tlsv12
        case .v1_3: .tlsv13
        }
    }
}

/// Tells whether a handshake came to its end, and closes what did not.
private final class HandshakeObserver: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private var promise: EventLoopPromise<Bool>?

    init(promise: EventLoopPromise<Bool>?) {
        self.promise = promise
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted? = event as? TLSUserEvent { settle(true) }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        settle(false)
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) { settle(false) }

    func handlerRemoved(context: ChannelHandlerContext) { settle(false) }

    private func settle(_ isComplete: Bool) {
        promise?.succeed(isComplete)
        promise = nil
    }
}
