import Foundation
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import ServiceLifecycle

/// Keeps the connection, so that it can be closed without an answer.
struct SimulatorContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    let channel: any Channel

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        channel = source.channel
    }
}

/// The edge between HTTP and the simulation.
///
/// It is no router: the provider's answer to an unknown path is part of what is simulated.
struct SimulatorResponder: HTTPResponder {
    typealias Context = SimulatorContext

    let server: SimulatorServer
    /// Larger than any certificate bundle; a client that sends more is wrong.
    private static let maximumBodyBytes = 1 << 20

    func respond(to request: Request, context: Context) async throws -> Response {
        guard let body = try? await request.body.collect(upTo: Self.maximumBodyBytes) else {
            return Response(status: .contentTooLarge)
        }
        let call = APIRequest(
            method: request.method.rawValue,
            target: request.uri.string,
            authorization: request.headers[.authorization],
            body: Array(body.readableBytesView)
        )
        return switch call.path.split(separator: "/").first {
        case "client": try await provider(call, context)
        case "simulator": Response(server.control(call), clock: server.clock)
        case nil: Response(page(call), clock: server.clock)
        default: Response(status: .notFound)
        }
    }

    private func provider(_ call: APIRequest, _ context: Context) async throws -> Response {
        let exchange = server.withSimulation { simulation, now in simulation.respond(to: call, now: now) }
        if exchange.delaySeconds > 0 {
            try await cancelWhenGracefulShutdown { [clock = server.clock] in
                try await clock.sleep(seconds: exchange.delaySeconds)
            }
        }
        guard let answer = exchange.answer else { return try await hangUp(context, exchange.hangUp) }
        return Response(answer, clock: server.clock)
    }

    /// Ends the connection before a byte is written.
    ///
    /// The response that is returned then goes nowhere. Throwing instead would be answered with status 500.
    private func hangUp(_ context: Context, _ manner: APIAnswer.HangUp) async throws -> Response {
        if manner == .reset {
            // Lingering for no time makes the kernel answer with a reset (socket(7)).
            let none = linger(l_onoff: 1, l_linger: 0)
            try? await (context.channel as? any SocketOptionProvider)?.setSoLinger(none).get()
        }
        try? await context.channel.close()
        return Response(status: .internalServerError)
    }

    private func page(_ call: APIRequest) -> APIAnswer {
        let (simulation, now) = server.withSimulation { simulation, now in
            (simulation, now)
        }
        let refresh = call.query["refresh"].flatMap(Int.init).map { max(1, $0) }
        return APIAnswer(status: 200, body: .html(StatusPage(simulation, now: now, refreshSeconds: refresh).html))
    }
}

extension Response {
    fileprivate init(_ answer: APIAnswer, clock: VirtualClock) {
        let (type, text) =
            switch answer.body {
            case .json(let value): ("application/json", value.text)
            case .html(let page): ("text/html; charset=utf-8", page)
            }
        self.init(
            status: .init(code: answer.status),
            headers: [.contentType: type],
            body: ResponseBody(text, answer.delivery, clock)
        )
        for header in answer.headers {
            if let name = HTTPField.Name(header.name) { headers[name] = header.value }
        }
        if let seconds = answer.retryDateSeconds {
            headers[.retryAfter] = VirtualInstant.realNow.adding(seconds: Double(seconds)).httpDate
        }
    }
}

extension ResponseBody {
    private static let pieces = 10

    fileprivate init(_ text: String, _ delivery: APIAnswer.Delivery, _ clock: VirtualClock) {
        switch delivery {
        case .whole: self.init(byteBuffer: ByteBuffer(string: text))
        case .cut: self.init(byteBuffer: ByteBuffer(bytes: text.utf8.prefix(text.utf8.count / 2)))
        case .padded(let bytes):
            var buffer = ByteBuffer(string: text)
            buffer.writeRepeatingByte(UInt8(ascii: " "), count: max(0, bytes - buffer.readableBytes))
            self.init(byteBuffer: buffer)
        case .dribbled(let seconds):
            self.init(contentLength: text.utf8.count) { writer in
                var rest = ByteBuffer(string: text)
                let length = rest.readableBytes / Self.pieces + 1
                while let piece = rest.readSlice(length: min(length, rest.readableBytes)), piece.readableBytes > 0 {
                    try await clock.sleep(seconds: seconds / Double(Self.pieces))
                    try await writer.write(piece)
                }
                try await writer.finish(nil)
            }
        }
    }
}
