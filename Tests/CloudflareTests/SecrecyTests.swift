import Cloudflare
import Foundation
import InMemoryLogging
import Logging
import TLSPolicy
import Testing

/// A canary key and token are hunted wherever a person or a program might see them.
struct SecrecyTests {
    private let creation = HostnameCreation(
        hostname: "app.tenant.dev",
        method: .http,
        settings: SSLSettings(minimumTLS: .v1_2),
        certificates: [CustomCertificate(chain: "CHAIN", key: Secret(canaryKey))]
    )

    private func isClean(_ text: String) -> Bool {
        !text.contains(canaryPiece) && !text.contains(canaryToken) && !text.isEmpty
    }

    private func forms(_ value: some Any) -> [String] {
        var dumped = ""
        dump(value, to: &dumped)
        return ["\(value)", String(reflecting: value), String(describing: value), dumped]
    }

    @Test func `a secret is redacted in every printed form and gives its text only when asked`() throws {
        let secret = Secret(canaryToken)
        #expect(secret.reveal() == canaryToken)
        #expect(forms(secret).allSatisfy(isClean))
        #expect("\(secret)" == "<redacted>")
        #expect(Mirror(reflecting: secret).children.isEmpty)
        #expect(try String(decoding: JSONEncoder().encode([secret]), as: UTF8.self) == #"["<redacted>"]"#)
    }

    @Test func `requests, settings and the client print without key and token`() throws {
        var observed = CustomHostname.SSL(method: .http)
        observed.hasCustomCertificate = true
        let certificate = try #require(creation.certificates.first)
        let edit = try HostnameEdit(
            observed: observed,
            settings: observed.settings,
            certificate: .custom([certificate])
        )
        let settings = CloudflareSettings(zoneID: zone, token: Secret(canaryToken))
        #expect((forms(creation) + forms(edit) + forms(settings)).allSatisfy(isClean))
        for encoded in [try JSONEncoder().encode(creation), try JSONEncoder().encode(edit)] {
            #expect(isClean(String(decoding: encoded, as: UTF8.self)))
        }
    }

    @Test func `a provider that quotes the key and token back is not quoted`() async throws {
        let pem = canaryKey.replacing("\n", with: "\\n")
        let lines = "Q0FOQVJZQ0FOQVJZQ0FOQVJZQ0FOQVJZQ0FOQVJZ\\\\nQ0FOQVJZ"
        let body = """
            {"success": false, "errors": [
              {"code": 1428, "message": "cannot \\u001B[2Jparse \(pem) of app.tenant.dev",
               "error_chain": [{"code": 9}]},
              {"code": 1428, "message": "key\\n\(lines) for Bearer \(canaryToken)"},
              {"code": 1428, "message": "\(String(pem.prefix(80)))"}
            ]}
            """
        try await withClient(.answer(status: 400, body: body)) { client, stub in
            let error = try await failure { try await client.createHostname(creation) }
            #expect(stub.requests.first?.contains(canaryPiece) == true)
            #expect(forms(error).allSatisfy(isClean))
            #expect(
                error.errors.map(\.message) == [
                    "cannot  [2Jparse <redacted>  of app.tenant.dev", "key <redacted> for Bearer <redacted>",
                    "<redacted>",
                ]
            )
            #expect(error.errors.first?.causes == [9])
        }
    }

    @Test func `remarks of the provider are bounded, and a hostname in them stays readable`() async throws {
        let name = "shop-of-a-tenant-with-a-rather-long-name.customers.tenant.dev"
        let text = name + " " + String(repeating: "é", count: 9_999)
        let body = #"{"success": false, "errors": [{"code": 1, "message": "\#(text)"}]}"#
        try await withClient(.answer(status: 400, body: body)) { client, _ in
            let error = try await failure { try await client.quota() }
            let message = try #require(error.errors.first).message
            #expect(message.hasPrefix(name))
            #expect(message.count == 301)
        }
    }

    @Test func `each request is one debug line and no line at any level holds a secret`() async throws {
        let handler = InMemoryLogHandler()
        var logger = Logger(label: "test") { _ in handler }
        logger.logLevel = .trace
        try await withLogger(logger) { _ in
            try await withClient(
                .answer(status: 201, headers: ["cf-ray: r1"], body: Fixtures.created),
                .answer(status: 400, body: Fixtures.refusal(1_429))
            ) { client, _ in
                _ = try await client.createHostname(creation)
                _ = try await failure { try await client.createHostname(creation) }
            }
        }
        let entries = handler.entries
        #expect(entries.map(\.level) == [.debug, .debug])
        #expect(entries.first?.metadata["operation"] == "create_hostname")
        #expect(entries.first?.metadata["status"] == "201")
        #expect(entries.first?.metadata["cf_ray"] == "r1")
        #expect(entries.first?.metadata["duration_ms"] != nil)
        #expect(entries.first?.metadata["request_id"] != entries.last?.metadata["request_id"])
        #expect(entries.last?.metadata["error_class"] == "rejected")
        #expect(entries.last?.metadata["provider_code"] == "1429")
        #expect(entries.allSatisfy { isClean("\($0.message) \($0.metadata)") })
    }
}
