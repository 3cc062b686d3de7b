import AsyncHTTPClient
import Foundation
import Logging
import NIOCore
import NIOHTTP1

extension CloudflareClient {
    /// Sends one request and reads its answer; the only way to the network.
    func send<Value: Decodable & Sendable>(_ request: ProviderRequest) async throws(CloudflareError) -> Reply<Value> {
        let requestID = String(UInt64.random(in: .min ... .max), radix: 16)
        let clock = ContinuousClock()
        let start = clock.now
        var reply: ProviderReply?
        do throws(CloudflareFault) {
            let received = try await exchange(request, requestID)
            reply = received
            let read = try received.read(Value.self, redaction: redaction)
            log(request.call, requestID, reply, error: nil, elapsed: clock.now - start)
            return read
        } catch {
            let failure = CloudflareError(
                call: request.call,
                fault: error,
                pacing: reply?.pacing ?? Pacing(),
                ray: reply?.ray,
                requestID: requestID,
                table: errors
            )
            log(request.call, requestID, reply, error: failure, elapsed: clock.now - start)
            throw failure
        }
    }

    private var redaction: Redaction { Redaction(secrets: [settings.token]) }

    private func exchange(
        _ request: ProviderRequest,
        _ requestID: String
    ) async throws(CloudflareFault) -> ProviderReply {
        let prepared = try prepare(request, requestID)
        do {
            return try await withDeadline(settings.requestTimeout) { [self] in
                let response = try await http.execute(prepared, timeout: TimeAmount(settings.requestTimeout))
                let body = await body(of: response)
                return ProviderReply(
                    status: Int(response.status.code),
                    headers: response.headers,
                    body: body,
                    now: now()
                )
            }
        } catch {
            throw .transport(TransportFault(error), detail: detail(of: error))
        }
    }

    private func prepare(
        _ request: ProviderRequest,
        _ requestID: String
    ) throws(CloudflareFault) -> HTTPClientRequest {
        if let complaint = settings.complaint { throw .transport(.misconfigured, detail: complaint) }
        guard let target = request.target else { throw .invalidRequest("a part of the path is no identifier") }
        var prepared = HTTPClientRequest(url: settings.baseURL + target)
        prepared.method = request.call.method
        prepared.headers = [
            "Authorization": "Bearer \(settings.token.reveal())",
            "User-Agent": settings.userAgent,
            "Accept": "application/json",
            "X-Request-ID": requestID,
        ]
        do {
            guard let body = try request.encodedBody() else { return prepared }
            prepared.headers.add(name: "Content-Type", value: "application/json")
            prepared.body = .bytes(ByteBuffer(bytes: body))
            return prepared
        } catch {
            // The encoder's own error would quote the value, which may be a key.
            throw .invalidRequest("the body cannot be written as JSON")
        }
    }

    /// The body, or why there is none; a status already received is not lost by it.
    private func body(of response: HTTPClientResponse) async -> ProviderReply.Body {
        do {
            return .complete(try await response.body.collect(upTo: settings.maximumBodyBytes))
        } catch is NIOTooManyBytesError {
            return .unreadable(.tooLarge)
        } catch {
            let fault = TransportFault(error)
            return fault == .connectionLost ? .unreadable(.truncated) : .interrupted(fault, detail: detail(of: error))
        }
    }

    /// A short text on a transport error; the long form of some quotes header values, and so the token.
    private func detail(of error: any Error) -> String {
        redaction((error as? HTTPClientError)?.shortDescription ?? String(describing: error))
    }

    private func log(
        _ call: ProviderCall,
        _ requestID: String,
        _ reply: ProviderReply?,
        error: CloudflareError?,
        elapsed: Duration
    ) {
        var metadata: Logger.Metadata = [
            "operation": "\(call)",
            "request_id": "\(requestID)",
            "duration_ms": "\(elapsed / .milliseconds(1))",
        ]
        if let reply { metadata["status"] = "\(reply.status)" }
        if let ray = reply?.ray { metadata["cf_ray"] = "\(ray)" }
        if let error { metadata["error_class"] = "\(error.class.rawValue)" }
        if let code = error?.code { metadata["provider_code"] = "\(code)" }
        Logger.current.debug("provider call", metadata: metadata)
    }
}

/// Runs an operation for at most so long.
///
/// The HTTP client's own deadline ends when the head has arrived, so a body that trickles in would never time out.
private func withDeadline<Value: Sendable>(
    _ limit: Duration,
    _ operation: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    try await withThrowingTaskGroup(of: Value.self) { group in
        defer { group.cancelAll() }
        group.addTask { try await operation() }
        group.addTask {
            try await Task.sleep(for: limit)
            throw DeadlineExceeded()
        }
        guard let first = try await group.next() else { throw CancellationError() }
        return first
    }
}
