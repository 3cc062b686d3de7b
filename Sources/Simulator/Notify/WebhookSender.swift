import AsyncHTTPClient
import Logging
import NIOCore
import NIOHTTP1

/// Sends what waits in the outbox; a receiver that does not answer with 2xx is noted and not asked again.
struct WebhookSender: Sendable {
    let server: SimulatorServer
    let logger: Logger

    /// Sends until it is cancelled, looking again each time the outbox may have grown.
    func run() async throws {
        while !Task.isCancelled {
            for delivery in server.takeWebhooks() {
                let trouble = await send(delivery)
                server.noteWebhook(trouble: trouble)
            }
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    /// What went wrong, if something did.
    private func send(_ delivery: Notifications.Delivery) async -> String? {
        var request = HTTPClientRequest(url: delivery.url)
        request.method = .POST
        request.headers.add(name: "content-type", value: "application/json")
        if let secret = delivery.secret { request.headers.add(name: "cf-webhook-auth", value: secret) }
        request.body = .bytes(ByteBuffer(string: delivery.body.text))
        do {
            let response = try await HTTPClient.shared.execute(request, timeout: .seconds(5))
            return (200..<300).contains(response.status.code) ? nil : "answered with \(response.status.code)"
        } catch {
            return "\(error)"
        }
    }
}
