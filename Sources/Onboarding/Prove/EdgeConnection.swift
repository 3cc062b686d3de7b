import Crypto
import NIOCore
import NIOPosix
import NIOSSL
import NIOTLS
import TLSPolicy

/// One connection to an edge: a hello of ours and the answer to it, or a whole handshake by NIOSSL.
struct EdgeConnection: Sendable {
    /// What came of it, and the leaf certificate in DER if one was shown.
    typealias Outcome = (answer: ProbePlan.Answer, leaf: [UInt8]?)

    let address: SocketAddress
    let serverName: String
    let limits: ProbeLimits

    func make(_ probe: ProbePlan.Probe) async -> Outcome {
        switch probe {
        case .hello(let version, let suites): await hello(version, suites)
        case .handshake(let version, let suites): await handshake(version, suites)
        }
    }

    private func hello(_ version: TLSPolicy.TLSVersion, _ suites: [CipherSuite]) async -> Outcome {
        var generator = SystemRandomNumberGenerator()
        let hello = ClientHello(
            serverName: serverName,
            version: version,
            suites: suites,
            random: (0..<64).map { _ in UInt8.random(in: 0...255, using: &generator) },
            keyShare: Array(Curve25519.KeyAgreement.PrivateKey().publicKey.rawRepresentation)
        )
        return await connect { promise in [HelloHandler(hello.bytes, promise)] }
    }

    private func handshake(_ version: TLSPolicy.TLSVersion, _ suites: [CipherSuite]) async -> Outcome {
        guard let context = Self.context(version, suites) else { return (.notPossible, nil) }
        return await connect { promise in
            [try NIOSSLClientHandler(context: context, serverHostname: serverName), HandshakeHandler(promise)]
        }
    }

    /// Connects, and waits for the promise that the last handler keeps, within the limits of time.
    private func connect(
        _ handlers: @escaping @Sendable (EventLoopPromise<Outcome>) throws -> [any ChannelHandler]
    ) async -> Outcome {
        let group = NIOSingletons.posixEventLoopGroup
        let loop = group.next()
        let promise = loop.makePromise(of: Outcome.self)
        do {
            let channel = try await ClientBootstrap(group: loop)
                .connectTimeout(TimeAmount(limits.connect))
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandlers(try handlers(promise))
                    }
                }
                .connect(to: address).get()
            let timer = loop.scheduleTask(in: TimeAmount(limits.answer)) {
                promise.succeed((.silence("\(address.text) gave no answer within \(limits.answer)"), nil))
            }
            let outcome = try await promise.futureResult.get()
            timer.cancel()
            channel.close(promise: nil)
            return outcome
        } catch {
            let silence = Outcome(.silence("\(address.text) takes no connection: \(Self.text(error))"), nil)
            // The channel may not have come far enough to keep it.
            promise.succeed(silence)
            return silence
        }
    }

    private static func text(_ error: any Error) -> String {
        switch error {
        case let error as ChannelError:
            if case .connectTimeout = error { "no answer in time" } else { "\(error)" }
        case let error as IOError: "errno \(error.errnoCode)"
        default: "\(error)"
        }
    }
}

// MARK: - Whole handshakes

extension EdgeConnection {
    /// `nil` if NIOSSL has none of the suites.
    ///
    /// Nobody need trust the chain: which leaf must be served, and for which name, is judged apart.
    private static func context(_ version: TLSPolicy.TLSVersion, _ suites: [CipherSuite]) -> NIOSSLContext? {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.certificateVerification = .none
        configuration.minimumTLSVersion = version.library
        configuration.maximumTLSVersion = version.library
        if version < .v1_3 {
            let names = suites.filter(supported.contains).map(\.name)
            if names.isEmpty { return nil }
            configuration.cipherSuites = names.joined(separator: ":")
        }
        return try? NIOSSLContext(configuration: configuration)
    }

    /// The suites NIOSSL has; of a list it keeps those it knows.
    private static let supported: Set<CipherSuite> = {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.cipherSuites = CipherSuite.settable.map(\.name).joined(separator: ":")
        let numbers = Set(configuration.cipherSuiteValues.map(\.rawValue))
        return Set(CipherSuite.settable.filter { numbers.contains($0.codePoint) })
    }()
}

extension TLSPolicy.TLSVersion {
    fileprivate var library: NIOSSL.TLSVersion {
        switch self {
        case .v1_0: .tlsv1
        case .v1_1: .tlsv11
        case .v1_2: .tlsv12
        case .v1_3: .tlsv13
        }
    }
}

/// Waits for the end of a handshake.
private final class HandshakeHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let promise: EventLoopPromise<EdgeConnection.Outcome>

    init(_ promise: EventLoopPromise<EdgeConnection.Outcome>) {
        self.promise = promise
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted? = event as? TLSUserEvent {
            let handler = try? context.pipeline.syncOperations.handler(type: NIOSSLHandler.self)
            promise.succeed((.completed, try? handler?.peerCertificate?.toDERBytes()))
        }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        promise.succeed((.refused("\(error)"), nil))
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        promise.succeed((.refused("closed in the middle"), nil))
    }
}

/// Sends a hello and reads what comes back.
private final class HelloHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let hello: [UInt8]
    private let promise: EventLoopPromise<EdgeConnection.Outcome>
    private var flight = ServerFlight()

    init(_ hello: [UInt8], _ promise: EventLoopPromise<EdgeConnection.Outcome>) {
        self.hello = hello
        self.promise = promise
    }

    func channelActive(context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(context.channel.allocator.buffer(bytes: hello)), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        settle(flight.receive(unwrapInboundIn(data).readableBytesView))
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        settle(flight.end())
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        settle(flight.end())
    }

    private func settle(_ reading: ServerFlight.Reading) {
        switch reading {
        case .incomplete: break
        case .hello(let hello):
            if let version = TLSPolicy.TLSVersion.allCases.first(where: { $0.number == hello.version }) {
                promise.succeed((.chosen(version, hello.suite), hello.leaf))
            } else {
                promise.succeed((.silence("chose a version unknown to TLS, \(hello.version)"), nil))
            }
        case .alert(TLSAlert.internalError):
            promise.succeed((.silence(TLSAlert.text(TLSAlert.internalError)), nil))
        case .alert(TLSAlert.protocolVersion):
            promise.succeed((.refusedVersion(TLSAlert.text(TLSAlert.protocolVersion)), nil))
        case .alert(let number): promise.succeed((.refused(TLSAlert.text(number)), nil))
        case .malformed(let problem): promise.succeed((.silence(problem), nil))
        }
    }
}
