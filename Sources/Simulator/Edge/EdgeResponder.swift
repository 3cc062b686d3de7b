import NIOCore
import NIOHTTP1
import NIOSSL
import NIOTLS

/// The last handler of a connection: answers every request with a short text, or with 403 where Access says no.
final class EdgeResponder: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    /// What the client showed of certificates, leaf first, as DER.
    var clientChain: [[UInt8]] = []
    private let edge: Edge
    private let serverName: String
    private let site: EdgeSite
    private var keepsAlive = false

    init(edge: Edge, serverName: String, site: EdgeSite) {
        self.edge = edge
        self.serverName = serverName
        self.site = site
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): keepsAlive = head.isKeepAlive
        case .body: break
        case .end: answer(context)
        }
    }

    private func answer(_ context: ChannelHandlerContext) {
        let verdict = edge.admit(serverName, clientChain)
        let text = verdict.isAdmitted ? "\(serverName) served as \(site.hostname)" : verdict.description
        let body = ByteBuffer(string: text + "\n")
        let headers: HTTPHeaders = [
            "Content-Type": "text/plain; charset=utf-8",
            "Content-Length": String(body.readableBytes),
            "Connection": keepsAlive ? "keep-alive" : "close",
        ]
        let head = HTTPResponseHead(version: .http1_1, status: verdict.isAdmitted ? .ok : .forbidden, headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
        let isLast = !keepsAlive
        context.writeAndFlush(wrapOutboundOut(.end(nil))).assumeIsolated().whenComplete { _ in
            if isLast { context.close(promise: nil) }
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is IdleStateHandler.IdleStateEvent { context.close(promise: nil) }
        if case .handshakeCompleted? = event as? TLSUserEvent { recallCertificate(context) }
    }

    /// A resumed session brings its certificate along without showing it again.
    private func recallCertificate(_ context: ChannelHandlerContext) {
        guard site.asksForCertificate, clientChain.isEmpty else { return }
        let leaf = try? context.pipeline.syncOperations.nioSSL_peerCertificate()
        if let bytes = try? leaf?.toDERBytes() { clientChain = [bytes] }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}
