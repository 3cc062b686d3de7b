import Foundation
import NIOCore
import NIOHTTP1

/// What came back over HTTP, before it is judged.
struct ProviderReply: Sendable {
    let status: Int
    let pacing: Pacing
    let ray: String?
    let body: Body

    enum Body: Sendable {
        case complete(ByteBuffer)
        case unreadable(UnreadableBody)
        case interrupted(TransportFault, detail: String)
    }

    init(status: Int, headers: HTTPHeaders, body: Body, now: Date) {
        func joined(_ name: String) -> String? {
            let values = headers[name]
            return values.isEmpty ? nil : values.joined(separator: ",")
        }
        self.status = status
        self.pacing = Pacing(
            ratelimit: joined("Ratelimit"),
            policy: joined("Ratelimit-Policy"),
            retryAfter: headers.first(name: "Retry-After"),
            // The provider's date is counted from the provider's clock, which ours may differ from.
            now: headers.first(name: "Date").flatMap(HTTPDate.parse) ?? now
        )
        self.ray = headers.first(name: "cf-ray").map { String($0.prefix(64)) }
        self.body = body
    }
}

/// A good answer, with the paging of a list.
struct Reply<Value: Sendable>: Sendable {
    let answer: Answer<Value>
    let page: PageInfo?
}

extension ProviderReply {
    /// Reads the answer: the value if the provider says success in status and body, else what is wrong.
    func read<Value: Decodable & Sendable>(
        _ type: Value.Type,
        redaction: Redaction
    ) throws(CloudflareFault) -> Reply<Value> {
        guard (200..<300).contains(status) else {
            let errors = (try? decode(NoResult.self).errors) ?? []
            throw .refused(status: status, errors: redaction(errors))
        }
        // What has nothing to say may say nothing (204).
        if case .complete(let buffer) = body, buffer.readableBytes == 0, let nothing = NoResult() as? Value {
            return Reply(answer: Answer(value: nothing, pacing: pacing, ray: ray, status: status), page: nil)
        }
        let envelope = try decode(Value.self)
        guard envelope.success else { throw .refused(status: status, errors: redaction(envelope.errors)) }
        // A deletion may answer with nothing but success.
        guard let value = envelope.result ?? NoResult() as? Value else {
            throw .unreadable(status: status, .unexpectedShape)
        }
        let messages = redaction(envelope.messages).map(\.description)
        let answer = Answer(value: value, pacing: pacing, ray: ray, status: status, messages: messages)
        return Reply(answer: answer, page: envelope.page)
    }

    private func decode<Value>(_ type: Value.Type) throws(CloudflareFault) -> Envelope<Value> {
        switch body {
        case .unreadable(let reason):
            throw .unreadable(status: status, reason)
        case .interrupted(let fault, let detail):
            throw .transport(fault, detail: detail)
        case .complete(let buffer):
            if buffer.readableBytes == 0 { throw .unreadable(status: status, .empty) }
            do {
                return try JSONDecoder().decode(Envelope<Value>.self, from: Data(buffer.readableBytesView))
            } catch DecodingError.dataCorrupted(let context) where context.codingPath.isEmpty {
                throw .unreadable(status: status, .notJSON)
            } catch {
                throw .unreadable(status: status, .unexpectedShape)
            }
        }
    }
}

extension Redaction {
    /// At most ten messages, each made safe.
    fileprivate func callAsFunction(_ messages: [ProviderMessage]) -> [ProviderMessage] {
        messages.prefix(10).map { message in
            ProviderMessage(
                code: message.code,
                message: self(message.message),
                causes: Array(message.causes.prefix(10))
            )
        }
    }
}
