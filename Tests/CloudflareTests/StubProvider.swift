import Foundation
import NIOCore
import NIOPosix
import Synchronization

/// A server on a local port that plays a script: each request that arrives whole is answered by the next step.
///
/// It speaks bytes, not HTTP, so that it can misbehave in ways a server framework would not allow.
final class StubProvider: Sendable {
    enum Step: Sendable {
        /// A whole answer, over a connection that stays open.
        case answer(status: Int = 200, headers: [String] = [], body: String = "")
        /// Some bytes and then the end of the connection.
        case cut(String)
        /// Some bytes and then nothing, over a connection that stays open.
        case stall(String)
        /// Some bytes and then one space at a time without end.
        case trickle(String)
        /// Some bytes and then so many more, in pieces, for as long as the other side reads.
        case flood(String, bytes: Int)
        /// The request is read and the connection is reset.
        case reset
    }

    private let channel: any Channel
    private let script: Script

    private init(channel: any Channel, script: Script) {
        self.channel = channel
        self.script = script
    }

    /// Requests so far, each as it was on the wire.
    var requests: [String] { script.requests }

    /// Bytes of a flood that the other side's buffers took.
    var floodedBytes: Int { script.floodedBytes }

    var baseURL: String { "http://127.0.0.1:\(channel.localAddress?.port ?? 0)/client/v4" }

    static func start(_ steps: [Step]) async throws -> StubProvider {
        let script = Script(steps)
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(StubConnection(script))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        return StubProvider(channel: channel, script: script)
    }

    func stop() async throws {
        try await channel.close()
    }
}

/// The steps to play and the requests seen, shared by the server's connections.
private final class Script: Sendable {
    private let state: Mutex<(steps: ArraySlice<StubProvider.Step>, requests: [String])>
    private let flooded = Mutex(0)

    init(_ steps: [StubProvider.Step]) {
        self.state = Mutex((steps[...], []))
    }

    var floodedBytes: Int { flooded.withLock { $0 } }

    func countFlood(_ bytes: Int) {
        flooded.withLock { $0 += bytes }
    }

    var requests: [String] { state.withLock { $0.requests } }

    func next(after request: String) -> StubProvider.Step {
        state.withLock { state in
            state.requests.append(request)
            return state.steps.popFirst() ?? .reset
        }
    }
}

private final class StubConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let script: Script
    private var received = ""

    init(_ script: Script) {
        self.script = script
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        received += String(buffer: unwrapInboundIn(data))
        guard let request = completeRequest() else { return }
        received = ""
        play(script.next(after: request), context)
    }

    private func completeRequest() -> String? {
        guard let head = received.range(of: "\r\n\r\n") else { return nil }
        let length = received[..<head.lowerBound].split(separator: "\r\n")
            .first { $0.lowercased().hasPrefix("content-length:") }
            .flatMap { Int($0.drop { $0 != ":" }.dropFirst().trimmingCharacters(in: .whitespaces)) }
        return received[head.upperBound...].utf8.count >= length ?? 0 ? received : nil
    }

    private func play(_ step: StubProvider.Step, _ context: ChannelHandlerContext) {
        switch step {
        case .answer(let status, let headers, let body):
            let lines = ["HTTP/1.1 \(status) Stub", "content-length: \(body.utf8.count)"] + headers
            write(lines.joined(separator: "\r\n") + "\r\n\r\n" + body, context)
        case .cut(let bytes):
            write(bytes, context)
            context.close(promise: nil)
        case .stall(let bytes):
            write(bytes, context)
        case .trickle(let bytes):
            write(bytes, context)
            writeSpaces(context.channel)
        case .flood(let bytes, let count):
            write(bytes, context)
            flood(context.channel, left: count, script)
        case .reset:
            reset(context.channel)
        }
    }

    private func writeSpaces(_ channel: any Channel) {
        channel.eventLoop.scheduleRepeatedTask(initialDelay: .zero, delay: .milliseconds(10)) { task in
            guard channel.isActive else { return task.cancel() }
            channel.writeAndFlush(ByteBuffer(string: " "), promise: nil)
        }
    }

    /// Closes without waiting for unsent bytes, which the other side sees as a reset.
    private func reset(_ channel: any Channel) {
        let withoutLinger = linger(l_onoff: 1, l_linger: 0)
        let prepared = (channel as? any SocketOptionProvider)?.setSoLinger(withoutLinger)
        prepared?.whenComplete { _ in channel.close(promise: nil) }
    }

    private func write(_ text: String, _ context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
    }
}

/// Writes so many spaces, a piece whenever the one before was taken.
private func flood(_ channel: any Channel, left: Int, _ script: Script) {
    let size = min(left, 65_536)
    guard size > 0 else { return }
    channel.writeAndFlush(ByteBuffer(repeating: UInt8(ascii: " "), count: size)).whenSuccess {
        script.countFlood(size)
        flood(channel, left: left - size, script)
    }
}
