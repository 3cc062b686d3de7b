import NIOCore

/// TLS by OpenSSL in a channel's pipeline, in the place where others have NIOSSL's handler.
final class OpenSSLHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let session: OpenSSLSession
    private let showsCertificates: ([[UInt8]]) -> Void
    private var isOpen = false

    /// - Parameter showsCertificates: Called once, with what the client showed, when the handshake is complete.
    init(_ settings: OpenSSLSession.Settings, showsCertificates: @escaping ([[UInt8]]) -> Void) throws {
        session = try OpenSSLSession(settings)
        self.showsCertificates = showsCertificates
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        session.feed(Array(unwrapInboundIn(data).readableBytesView))
        if !isOpen {
            let outcome = session.shakeHands()
            flush(context)
            switch outcome {
            case .wantsMore: return
            case .over: return context.close(promise: nil)
            case .done: isOpen = true
            }
            showsCertificates(session.clientChain)
        }
        let (bytes, outcome) = session.read()
        if !bytes.isEmpty { context.fireChannelRead(wrapInboundOut(ByteBuffer(bytes: bytes))) }
        flush(context)
        if outcome == .over { context.close(promise: nil) }
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard session.write(Array(unwrapOutboundIn(data).readableBytesView)) == .done else {
            promise?.fail(ChannelError.ioOnClosedChannel)
            return
        }
        context.write(wrapOutboundOut(ByteBuffer(bytes: session.drain())), promise: promise)
    }

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        if isOpen {
            session.close()
            flush(context)
        }
        context.close(mode: mode, promise: promise)
    }

    private func flush(_ context: ChannelHandlerContext) {
        let bytes = session.drain()
        if !bytes.isEmpty { context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: nil) }
    }
}
