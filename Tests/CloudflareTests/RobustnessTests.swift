import Cloudflare
import Foundation
import InMemoryLogging
import Logging
import TLSPolicy
import Testing

/// What an answer may look like without being wrong, and what a client must not do about one that is.
struct RobustnessTests {
    private let creation = HostnameCreation(hostname: "app.tenant.dev", method: .http, settings: SSLSettings())

    @Test(arguments: [200, 201, 202, 203, 206, 226, 299])
    func `every 2xx is a success`(_ status: Int) async throws {
        try await withClient(.answer(status: status, body: Fixtures.created)) { client, _ in
            let answer = try await client.createHostname(creation)
            #expect(answer.status == status)
            #expect(answer.value.id == hostnameID)
        }
    }

    @Test(arguments: [
        (#""over quota""#, ["over quota"]), (#"{"code": 7, "message": "m"}"#, ["7 m"]), ("null", []),
        (#"{"message": "m"}, "s", 5"#, ["m", "s"]), (#"{"code": 7}"#, ["7 7"]),
    ])
    func `messages are texts or objects`(_ messages: String, _ read: [String]) async throws {
        let body =
            #"{"success": true, "errors": null, "messages": [\#(messages)], "result": {"id": "i", "hostname": "h"}}"#
        try await withClient(.answer(body: body)) { client, _ in
            let answer = try await client.getHostname(id: hostnameID)
            #expect(answer.messages == read)
        }
    }

    @Test func `validation records that come late are read when they come, and their going is no error`() async throws {
        let validated = #"{"id": "i", "hostname": "h", "ssl": {"status": "active", "validation_records": null}}"#
        try await withClient(
            .answer(body: Fixtures.created),
            .answer(body: Fixtures.envelope(Fixtures.pendingValidation)),
            .answer(body: Fixtures.envelope(validated))
        ) { client, _ in
            var counts: [Int?] = []
            for _ in 0..<3 {
                counts.append(try await client.getHostname(id: hostnameID).value.ssl?.validationRecords.count)
            }
            #expect(counts == [0, 2, 0])
        }
    }

    @Test func `null stands for absent in every field that may be`() throws {
        let names = [
            "status", "created_at", "verification_errors", "ownership_verification", "ownership_verification_http",
            "custom_metadata", "custom_origin_server",
        ]
        let nulls = names.map { #""\#($0)": null"# }.joined(separator: ", ")
        let ssl = [
            "id", "status", "method", "type", "settings", "bundle_method", "wildcard", "certificate_authority",
            "validation_records", "validation_errors", "hosts", "issuer", "serial_number", "signature", "uploaded_on",
            "expires_on", "custom_certificate", "custom_csr_id", "certificates",
        ]
        let inner = ssl.map { #""\#($0)": null"# }.joined(separator: ", ")
        let hostname = try decode(CustomHostname.self, #"{"id": "i", "hostname": "h", \#(nulls), "ssl": {\#(inner)}}"#)
        var expected = CustomHostname(id: "i", hostname: "h", ssl: CustomHostname.SSL())
        expected.ssl?.type = nil
        #expect(hostname == expected)
    }

    @Test(arguments: [StubProvider.Step.reset, .cut("HTTP/1.1 201 Created\r\ncontent-length: 9\r\n\r\n{")])
    func `a creation whose connection breaks after its body was sent is never sent again`(
        _ broken: StubProvider.Step
    ) async throws {
        let good = StubProvider.Step.answer(body: Fixtures.created)
        // Over a new connection, and over one that was kept: only there might a client think of repeating.
        try await withClient(broken, good) { client, stub in
            let error = try await failure { try await client.createHostname(creation) }
            #expect(error.isOutcomeUnknown)
            #expect(stub.requests.count == 1)
        }
        try await withClient(good, broken, good) { client, stub in
            _ = try await client.getHostname(id: hostnameID)
            let error = try await failure { try await client.createHostname(creation) }
            #expect(error.isOutcomeUnknown)
            #expect(stub.requests.count == 2)
            #expect(stub.requests.last?.hasPrefix("POST ") == true)
        }
    }

    static let announced = "HTTP/1.1 200 OK\r\ncontent-length: 67108864\r\n\r\n"
    static let unannounced = "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n"

    @Test(.timeLimit(.minutes(2)), arguments: [announced, unannounced])
    func `of a body of 64 MB no more is read than the limit`(_ head: String) async throws {
        func limit(_ settings: inout CloudflareSettings) { settings.maximumBodyBytes = 1 << 20 }
        try await withClient(.flood(head, bytes: 64 << 20), configure: limit) { client, stub in
            let error = try await failure { try await client.getHostname(id: hostnameID) }
            #expect(error.fault == .unreadable(status: 200, .tooLarge))
            // What lies in the sockets' own buffers was not read either.
            #expect(stub.floodedBytes < 24 << 20, "\(stub.floodedBytes) bytes taken")
        }
    }

    @Test func `the number of a request is the same in its header, its error and its log line`() async throws {
        let handler = InMemoryLogHandler()
        var logger = Logger(label: "test") { _ in handler }
        logger.logLevel = .debug
        let refusal = StubProvider.Step.answer(
            status: 400,
            headers: ["cf-ray: 8c1-AMS"],
            body: Fixtures.refusal(1_442)
        )
        try await withLogger(logger) { _ in
            try await withClient(refusal) { client, stub in
                let error = try await failure { try await client.createHostname(creation) }
                #expect(!error.requestID.isEmpty)
                #expect(stub.requests.first?.contains("X-Request-ID: \(error.requestID)\r\n") == true)
                let line = try #require(handler.entries.first)
                #expect(line.metadata["request_id"] == "\(error.requestID)")
                #expect(line.metadata["cf_ray"] == "8c1-AMS")
            }
        }
    }
}
