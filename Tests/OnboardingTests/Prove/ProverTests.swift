import NIOCore
import NIOPosix
import Onboarding
import Synchronization
import TLSPolicy
import Testing

/// What stands in a prover's way is told, within its time, and never taken for a refusal by policy.
@Suite struct ProverTests {
    private let expectation = ProofExpectation(
        name: "shop.acme-usher.com",
        settings: EdgeSettings(minimumTLS: .v1_2, suites: CipherSuite.settable, tls13: .on),
        keys: [.rsa, .ecdsa]
    )

    private func limits(_ answer: Duration = .seconds(20)) -> ProbeLimits {
        var limits = ProbeLimits.fast
        limits.answer = answer
        return limits
    }

    private func look(
        _ edge: EdgeAddress,
        allowsPrivate: Bool = true,
        _ limits: ProbeLimits = .fast
    ) async
        -> EdgeSighting
    {
        await HandshakeProver(edge: edge, allowsPrivate: allowsPrivate, limits: limits).look(expectation)
    }

    @Test(arguments: ["127.0.0.1", "localhost", "::1", "10.1.2.3", "169.254.169.254", "::ffff:192.168.0.1"])
    func `private addresses are refused without a connection`(host: String) async {
        let seen = await look(EdgeAddress(host: host, port: 443), allowsPrivate: false)
        #expect(seen.trouble?.contains("not an address of the public internet") == true, "\(seen)")
        #expect(seen.connections == 0 && seen.address == nil)
    }

    @Test func `a name without an address is told`() async {
        let seen = await look(EdgeAddress(host: "nowhere.invalid", port: 443))
        #expect(seen.trouble != nil && seen.connections == 0)
    }

    @Test func `a server that never answers ends in time`() async throws {
        try await withServer([]) { port in
            let start = ContinuousClock.now
            let seen = await look(.local(port), limits(.milliseconds(300)))
            #expect(seen.trouble?.contains("gave no answer within") == true, "\(seen)")
            #expect(seen.connections == 1, "after one more try nothing else is asked")
            #expect(ContinuousClock.now - start < .seconds(20))
        }
    }

    @Test func `a port nobody listens at is told`() async throws {
        var closed = 0
        try await withServer([]) { closed = $0 }
        let seen = await look(.local(closed))
        #expect(seen.trouble?.contains("takes no connection") == true, "\(seen)")
    }

    @Test(arguments: [
        Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8),
        [22, 3, 3, 0xFF, 0xFF, 2],
        [22, 3, 3, 0, 4, 14, 0, 0, 0],
        // A fault of the server's own.
        [21, 3, 3, 0, 2, 2, 80],
        // A farewell.
        [21, 3, 3, 0, 2, 1, 0],
    ])
    func `answers that mean neither yes nor no prove nothing`(answer: [UInt8]) async throws {
        try await withServer(answer) { port in
            let seen = await look(.local(port))
            #expect(seen.trouble != nil && seen.versions.isEmpty, "\(seen)")
            #expect(judge(expectation, seen: seen, now: 0).count == 1)
        }
    }

    @Test func `a refusal of everything is a refusal`() async throws {
        try await withServer([21, 3, 3, 0, 2, 2, 70]) { port in
            let seen = await look(.local(port))
            #expect(seen.trouble == nil && seen.connections == 2)
            #expect(seen.versions.allSatisfy { !$0.isAccepted })
            #expect(judge(expectation, seen: seen, now: 0).contains { $0.wanted == "TLS 1.2 accepted" })
        }
    }

    @Test func `an endless answer is cut off`() async throws {
        // Records of a certificate message that is said to be larger than any.
        let hello: [UInt8] = [2, 0, 0, 38, 3, 3] + [UInt8](repeating: 7, count: 32) + [0, 0xC0, 0x2B, 0]
        let start: [UInt8] = [22, 3, 3, 0, UInt8(hello.count)] + hello + [22, 3, 3, 0, 4, 11, 0xFF, 0xFF, 0xFF]
        let filler: [UInt8] = [22, 3, 3, 0x40, 0] + [UInt8](repeating: 1, count: 0x4000)
        try await withServer(start + (0..<16).flatMap { _ in filler }) { port in
            let seen = await look(.local(port))
            #expect(seen.trouble == "an answer without end")
        }
    }

    @Test func `connections to one address are made no faster than allowed`() async throws {
        var limits = ProbeLimits.fast
        limits.perSecond = 5
        let counter = Counter()
        try await withServer([21, 3, 3, 0, 2, 2, 70], counter) { port in
            let prover = HandshakeProver(edge: .local(port), allowsPrivate: true, limits: limits)
            let start = ContinuousClock.now
            await withTaskGroup { tasks in
                for _ in 0..<10 { tasks.addTask { _ = await prover.look(expectation) } }
            }
            #expect(counter.total == 20, "two each")
            #expect(ContinuousClock.now - start >= .milliseconds(19 * 200))
        }
    }

    @Test func `connections to one address are no more at once than allowed`() async throws {
        var limits = limits(.milliseconds(300))
        limits.concurrent = 2
        try await withServer([]) { port in
            let prover = HandshakeProver(edge: .local(port), allowsPrivate: true, limits: limits)
            let start = ContinuousClock.now
            await withTaskGroup { tasks in
                for _ in 0..<6 { tasks.addTask { _ = await prover.look(expectation) } }
            }
            #expect(ContinuousClock.now - start >= .milliseconds(6 * 300), "two tries each, two at once")
        }
    }

    /// A TCP server that answers the first bytes of every connection in the same way.
    private func withServer(
        _ answer: [UInt8],
        _ counter: Counter = Counter(),
        _ body: (Int) async throws -> Void
    ) async throws {
        let channel = try await ServerBootstrap(group: NIOSingletons.posixEventLoopGroup)
            .serverChannelOption(.backlog, value: 64)
            .childChannelInitializer { channel in
                counter.add()
                return channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Answerer(answer: answer))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        do {
            try await body(channel.localAddress?.port ?? 0)
        } catch {
            try await channel.close()
            throw error
        }
        try await channel.close()
    }
}

/// Connections that were made.
private final class Counter: Sendable {
    private let count = Mutex(0)

    var total: Int { count.withLock { $0 } }

    func add() { count.withLock { $0 += 1 } }
}

private final class Answerer: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let answer: [UInt8]

    init(answer: [UInt8]) {
        self.answer = answer
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if answer.isEmpty { return }
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: answer)), promise: nil)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
