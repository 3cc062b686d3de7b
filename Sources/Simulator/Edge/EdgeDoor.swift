import NIOCore
import NIOHTTP1
import NIOSSL

/// The first handler of a connection: reads the client's hello, decides, and gives way to what was decided.
final class EdgeDoor: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let edge: Edge
    private var received = ByteBuffer()
    private var isDecided = false

    init(edge: Edge) {
        self.edge = edge
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        received.writeImmutableBuffer(unwrapInboundIn(data))
        guard !isDecided else { return }
        switch ClientHello.read(Array(received.readableBytesView)) {
        case .incomplete:
            return
        case .foreign:
            isDecided = true
            context.close(promise: nil)
        case .complete(let hello):
            isDecided = true
            do throws(EdgeAlert) {
                try open(context, try edge.decide(hello))
            } catch {
                refuse(context, error.record(for: hello))
            }
        }
    }

    private func open(_ context: ChannelHandlerContext, _ decision: Edge.Decision) throws(EdgeAlert) {
        do {
            let pipeline = context.pipeline.syncOperations
            let responder = EdgeResponder(edge: edge, serverName: decision.serverName, site: decision.site)
            try pipeline.addHandler(try Self.handler(decision.engine, responder))
            try pipeline.configureHTTPServerPipeline(withErrorHandling: true)
            try pipeline.addHandler(responder)
        } catch {
            throw .internalError
        }
        context.pipeline.syncOperations.removeHandler(self, promise: nil)
    }

    /// Whatever certificates the client shows, the handshake goes on: the responder judges them.
    private static func handler(_ engine: EdgeEngine, _ responder: EdgeResponder) throws -> any ChannelHandler {
        switch engine {
        case .boringSSL(let context):
            NIOSSLServerHandler(context: context) { certificates, verdict in
                responder.clientChain = certificates.map { (try? $0.toDERBytes()) ?? [] }
                verdict.succeed(.certificateVerified)
            }
        case .openSSL(let settings):
            try OpenSSLHandler(settings) { responder.clientChain = $0 }
        }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        guard received.readableBytes > 0 else { return }
        context.fireChannelRead(wrapInboundOut(received))
        context.fireChannelReadComplete()
    }

    private func refuse(_ context: ChannelHandlerContext, _ alert: [UInt8]) {
        received.clear()
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: alert))).assumeIsolated().whenComplete { _ in
            context.close(promise: nil)
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is IdleStateHandler.IdleStateEvent { context.close(promise: nil) }
    }
}
