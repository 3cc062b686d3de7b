import NIOCore
import NIOPosix
import NIOSSL
import NIOTLS

/// A TLS client of the edge that offers what a test wants.
struct EdgeClient: Sendable {
    /// What a connection came to.
    enum Outcome: Hashable, Sendable {
        /// HTTP status, the answer from its first line on, and the leaf as DER.
        case answered(Int, text: String, leaf: [UInt8])
        /// The handshake failed; the library's words.
        case refused(String)

        var status: Int? {
            guard case .answered(let status, _, _) = self else { return nil }
            return status
        }

        var leaf: [UInt8]? {
            guard case .answered(_, _, let leaf) = self else { return nil }
            return leaf
        }
    }

    let port: Int
    /// Name of the server indication.
    var name: String
    var minimum = TLSVersion.tlsv1
    var maximum = TLSVersion.tlsv13
    /// OpenSSL's name of the only suite offered for TLS 1.2 and below.
    var suite: String?
    /// Sends every byte in a packet of its own.
    var sendsSingleBytes = false
    /// The only root that is trusted, as PEM; `nil` trusts whatever is shown.
    var trustedRoot: String?
    /// Chain and key to show when asked.
    var identity: (chainPEM: String, keyPEM: String)?

    /// Offers one version, and one suite of it.
    mutating func restrict(to version: TLSChoice, _ suite: String?) {
        minimum = version.library
        maximum = version.library
        self.suite = suite
    }

    /// Shakes hands and sends one request.
    func request() async throws -> Outcome {
        let connection: EdgeConnection
        do {
            connection = try await connect()
        } catch {
            return .refused("\(error)")
        }
        do {
            let text = try await connection.exchange()
            let leaf = try await connection.leaf()
            try? await connection.close()
            let parts = text.split(separator: " ")
            return .answered(parts.count > 1 ? Int(parts[1]) ?? 0 : 0, text: text, leaf: leaf)
        } catch {
            try? await connection.close()
            return .refused("\(error)")
        }
    }

    /// Connects and waits for the end of the handshake.
    func connect() async throws -> EdgeConnection {
        let context = try NIOSSLContext(configuration: try configuration())
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let exchange = Exchange(loop: loop)
        let channel = try await ClientBootstrap(group: loop)
            .channelInitializer { [name, sendsSingleBytes] channel in
                channel.eventLoop.makeCompletedFuture {
                    if sendsSingleBytes { try channel.pipeline.syncOperations.addHandler(ByteByByte()) }
                    try channel.pipeline.syncOperations.addHandlers(
                        NIOSSLClientHandler(context: context, serverHostname: name),
                        exchange.handler()
                    )
                }
            }
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .connect(host: "127.0.0.1", port: port).get()
        try await exchange.handshake.futureResult.get()
        return EdgeConnection(channel: channel, exchange: exchange, name: name)
    }

    private func configuration() throws -> TLSConfiguration {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.certificateVerification = .none
        if let trustedRoot {
            configuration.certificateVerification = .fullVerification
            configuration.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes(Array(trustedRoot.utf8)))
        }
        configuration.minimumTLSVersion = minimum
        configuration.maximumTLSVersion = maximum
        if let suite { configuration.cipherSuites = suite }
        if let identity {
            configuration.certificateChain = try NIOSSLCertificate.fromPEMBytes(Array(identity.chainPEM.utf8))
                .map { .certificate($0) }
            configuration.privateKey = .privateKey(
                try NIOSSLPrivateKey(bytes: Array(identity.keyPEM.utf8), format: .pem)
            )
        }
        return configuration
    }
}

/// A connection that stands.
struct EdgeConnection: Sendable {
    fileprivate let channel: any Channel
    fileprivate let exchange: Exchange
    fileprivate let name: String

    /// Sends a request and waits for its answer: the text from the status line to the end of the body.
    func exchange() async throws -> String {
        let answer = channel.eventLoop.makePromise(of: String.self)
        let request = "GET / HTTP/1.1\r\nHost: \(name)\r\n\r\n"
        try await exchange.expect(answer)
        try await channel.writeAndFlush(ByteBuffer(string: request))
        return try await answer.futureResult.get()
    }

    /// The leaf that the edge showed, as DER.
    func leaf() async throws -> [UInt8] {
        try await channel.nioSSL_peerCertificate().get()?.toDERBytes() ?? []
    }

    func close() async throws { try await channel.close() }
}

/// What client and handler of one connection share.
private final class Exchange: Sendable {
    let handshake: EventLoopPromise<Void>
    private let waiting: NIOLoopBoundBox<EventLoopPromise<String>?>
    private let loop: any EventLoop

    init(loop: any EventLoop) {
        self.loop = loop
        handshake = loop.makePromise()
        waiting = .makeBoxSendingValue(nil, eventLoop: loop)
    }

    func expect(_ promise: EventLoopPromise<String>) async throws {
        try await loop.submit { [waiting] in waiting.value = promise }.get()
    }

    func handler() -> ExchangeHandler { ExchangeHandler(handshake: handshake, waiting: waiting) }
}

/// Cuts what is sent into single bytes.
private final class ByteByByte: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        for byte in unwrapOutboundIn(data).readableBytesView {
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: [byte])), promise: nil)
        }
        promise?.succeed()
    }
}

/// Collects an answer until its end: every answer of the edge has a Content-Length.
private final class ExchangeHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private var handshake: EventLoopPromise<Void>?
    private let waiting: NIOLoopBoundBox<EventLoopPromise<String>?>
    private var text = ""

    init(handshake: EventLoopPromise<Void>, waiting: NIOLoopBoundBox<EventLoopPromise<String>?>) {
        self.handshake = handshake
        self.waiting = waiting
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted? = event as? TLSUserEvent { settle(nil) }
        context.fireUserInboundEventTriggered(event)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        text += String(buffer: unwrapInboundIn(data))
        guard let head = text.firstRange(of: "\r\n\r\n"),
            let length = text[..<head.lowerBound].lowercased().firstMatch(of: /content-length: (\d+)/),
            text[head.upperBound...].utf8.count >= Int(length.1) ?? 0
        else { return }
        waiting.value?.succeed(text)
        waiting.value = nil
        text = ""
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        settle(error)
        waiting.value?.fail(error)
        waiting.value = nil
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        let end = ChannelError.eof
        settle(end)
        waiting.value?.fail(end)
        waiting.value = nil
    }

    private func settle(_ error: (any Error)?) {
        if let error { handshake?.fail(error) } else { handshake?.succeed() }
        handshake = nil
    }
}

/// A TLS version, free of NIOSSL's name for it, which TLSPolicy has too.
enum TLSChoice: String, Sendable {
    case tls10 = "1.0"
    case tls11 = "1.1"
    case tls12 = "1.2"
    case tls13 = "1.3"

    fileprivate var library: TLSVersion {
        switch self {
        case .tls10: .tlsv1
        case .tls11: .tlsv11
        case .tls12: .tlsv12
        case .tls13: .tlsv13
        }
    }
}
