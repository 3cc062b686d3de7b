import AsyncHTTPClient
import Cloudflare
import Foundation
import Testing

/// Answers that are none, over a real connection: each is an error value with the right meaning.
struct FaultTests {
    private func readError(
        _ step: StubProvider.Step,
        configure: (inout CloudflareSettings) -> Void = { _ in }
    ) async throws -> CloudflareError {
        try await withClient(step, configure: configure) { client, _ in
            try await failure { try await client.getHostname(id: hostnameID) }
        }
    }

    private func createError(
        _ step: StubProvider.Step,
        configure: (inout CloudflareSettings) -> Void = { _ in }
    ) async throws -> CloudflareError {
        try await withClient(step, configure: configure) { client, _ in
            let creation = HostnameCreation(hostname: "app.tenant.dev", method: .http, settings: SSLSettings())
            return try await failure { try await client.createHostname(creation) }
        }
    }

    @Test func `an HTML 502 is the provider being down, and a write under it may have been done`() async throws {
        let step = StubProvider.Step.answer(
            status: 502,
            headers: ["content-type: text/html", "cf-ray: r1"],
            body: Fixtures.badGateway
        )
        let error = try await createError(step)
        #expect(error.class == .providerDown)
        #expect(error.actor == .provider)
        #expect(error.status == 502)
        #expect(error.ray == "r1")
        #expect(error.isOutcomeUnknown)
        #expect(error.errors.isEmpty)
    }

    @Test func `a 429 says how long to wait, in seconds or as a date`() async throws {
        let body = Fixtures.refusal(971, "Please wait and consider throttling your request speed")
        let headers = ["Retry-After: 30", #"Ratelimit: "default";r=0;t=30"#]
        let error = try await readError(.answer(status: 429, headers: headers, body: body))
        #expect(error.class == .throttled)
        #expect(error.retryAfter == .seconds(30))
        #expect(error.pacing.tightest?.calls == 0)
        #expect(error.code == 971)
        let dated = try await readError(.answer(status: 429, headers: ["Retry-After: Mon, 01 Jan 2001 00:00:00 GMT"]))
        #expect(dated.retryAfter == .zero)
        let clocks = ["Date: Mon, 01 Jan 2001 00:00:00 GMT", "Retry-After: Mon, 01 Jan 2001 00:00:30 GMT"]
        let counted = try await readError(.answer(status: 429, headers: clocks))
        #expect(counted.retryAfter == .seconds(30), "a date is counted from the answer's own")
        #expect(try await readError(.answer(status: 429)).retryAfter == nil)
    }

    @Test func `a refusal inside a 200 is a refusal`() async throws {
        let error = try await createError(.answer(body: Fixtures.refusal(1_442, "bad ciphers")))
        #expect(error.class == .rejected)
        #expect(error.errors.map(\.message) == ["bad ciphers"])
        #expect(!error.isOutcomeUnknown)
    }

    @Test func `a redirect is not followed`() async throws {
        try await withClient(.answer(status: 302, headers: ["Location: /elsewhere"]), .answer()) { client, stub in
            let error = try await failure { try await client.quota() }
            #expect(error.status == 302)
            #expect(error.class == .unknown)
            #expect(stub.requests.count == 1)
        }
    }

    @Test(arguments: [
        ("", UnreadableBody.empty), ("<html></html>", .notJSON), (#"{"success": true, "result": {"#, .notJSON),
        (#"{"success": true, "result": null}"#, .unexpectedShape), ("[]", .unexpectedShape),
        (#"{"success": true, "result": {"id": 7}}"#, .unexpectedShape), ("{}", .unexpectedShape),
    ])
    func `a successful status with a useless body is an error that names why`(
        _ body: String,
        _ reason: UnreadableBody
    ) async throws {
        let error = try await createError(.answer(status: 201, body: body))
        #expect(error.fault == .unreadable(status: 201, reason))
        #expect(error.isOutcomeUnknown)
    }

    @Test func `a body that ends too early is truncated, and the status before it still counts`() async throws {
        let half = "content-length: 500\r\n\r\n{\"success\": true, "
        let error = try await createError(.cut("HTTP/1.1 201 Created\r\n" + half))
        #expect(error.fault == .unreadable(status: 201, .truncated))
        #expect(error.isOutcomeUnknown)
        #expect(try await readError(.cut("HTTP/1.1 429 Slow\r\nRetry-After: 9\r\n" + half)).retryAfter == .seconds(9))
    }

    @Test func `a body above the limit is refused, announced or not`() async throws {
        let body = Fixtures.envelope(#"{"id": "i", "hostname": "\#(String(repeating: "h", count: 2_000))"}"#)
        let announced = try await readError(.answer(body: body)) { $0.maximumBodyBytes = 1_000 }
        #expect(announced.fault == .unreadable(status: 200, .tooLarge))
        let chunked =
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n7d0\r\n" + String(repeating: " ", count: 2_000)
        let streamed = try await readError(.stall(chunked)) { $0.maximumBodyBytes = 1_000 }
        #expect(streamed.fault == .unreadable(status: 200, .tooLarge))
    }

    static let head = "HTTP/1.1 200 OK\r\ncontent-length: 500000\r\n\r\n"

    @Test(.timeLimit(.minutes(5)), arguments: [StubProvider.Step.stall(""), .stall(head), .trickle(head)])
    func `an answer or body that does not come ends when time is up`(_ step: StubProvider.Step) async throws {
        let error = try await createError(step) { $0.requestTimeout = .milliseconds(200) }
        guard case .transport(.timedOut, _) = error.fault else {
            Issue.record("\(error)")
            return
        }
        #expect(error.class == .transient)
        #expect(error.isOutcomeUnknown)
    }

    @Test func `a connection reset after the request may have been too late`() async throws {
        let error = try await createError(.reset)
        guard case .transport(.connectionLost, _) = error.fault else {
            Issue.record("\(error)")
            return
        }
        #expect(error.class == .transient)
        #expect(error.isOutcomeUnknown)
        #expect(try await !readError(.reset).isOutcomeUnknown)
    }

    @Test func `a kept connection reset under the next request is an error and the one after it works`() async throws {
        let good = StubProvider.Step.answer(body: Fixtures.created)
        try await withClient(good, .reset, good) { client, _ in
            _ = try await client.getHostname(id: hostnameID)
            let error = try await failure { try await client.getHostname(id: hostnameID) }
            #expect(error.class == .transient)
            _ = try await client.getHostname(id: hostnameID)
        }
    }

    @Test func `a refused connection sent nothing`() async throws {
        let stub = try await StubProvider.start([])
        let abandoned = stub.baseURL
        try await stub.stop()
        let error = try await createError(.answer()) { $0.baseURL = abandoned }
        guard case .transport(.unreachable, _) = error.fault else {
            Issue.record("\(error)")
            return
        }
        #expect(error.class == .providerDown)
        #expect(!error.isOutcomeUnknown)
    }

    @Test(arguments: ["", "api.example/client/v4", "ftp://api.example", "http://", "https://exa mple"])
    func `a base URL that is none is the operator's to correct`(_ url: String) async throws {
        let error = try await createError(.answer()) { $0.baseURL = url }
        #expect(error.class == .rejected)
        #expect(error.actor == .operator)
        #expect(!error.isOutcomeUnknown)
    }

    @Test func `a token with a line break is never quoted`() async throws {
        let error = try await createError(.answer()) { $0.token = Secret(canaryToken + "\n") }
        #expect(error.class == .rejected)
        #expect(!error.description.contains(canaryToken))
    }

    @Test func `a cancelled call says so`() async throws {
        try await withClient(.stall("")) { client, _ in
            let call = Task { try await failure { try await client.quota() } }
            call.cancel()
            guard case .transport(.cancelled, _) = try await call.value.fault else {
                Issue.record("not reported as cancelled")
                return
            }
        }
    }
}
