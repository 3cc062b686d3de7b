import Dashboard
import Foundation
import Hummingbird
import HummingbirdTesting
import Logging
import Postgres
import TestSupport
import Testing

/// Certificates over HTTP: reading is free, changing takes the operator's token, and keys are never told back.
@Suite(.database)
struct CertificateRoutesTests {
    private let path = "/v1/tenants/acme/hostnames/shop.acme-usher.com/certificate"

    private func withServer(
        token: String? = "s3cret",
        _ body: @Sendable (any TestClientProtocol) async throws -> Void
    ) async throws {
        let pool = PostgresPool(TestDatabase.current.settings, size: 2, logger: .quiet)
        let server = DashboardServer(pool: pool, operatorToken: token.flatMap(SharedSecret.init), logger: .quiet)
        let connection = try await TestDatabase.current.connect()
        try await connection.transaction { db throws(PostgresError) in
            try db.executeScript(
                """
                insert into usher.tier (name, revision, weight, max_running) values ('free', 1, 1, 1);
                insert into usher.policy (tier, revision, document, checksum, author, reason)
                values ('free', 1, '{}', repeat('a', 64), 'test', 'test');
                select usher.set_tier('acme', 'free', 'e1', 1);
                """
            )
        }
        await connection.close()
        try await server.application(port: 0).test(.router, body)
    }

    /// A certificate whose key is random bytes, as a sealed one is.
    private func body(key: Data = Data((0..<200).map { _ in UInt8.random(in: .min ... .max) })) -> ByteBuffer {
        let leaf = Data("not a certificate, and the database cannot tell".utf8)
        let chain = "-----BEGIN CERTIFICATE-----\n\(leaf.base64EncodedString())\n-----END CERTIFICATE-----\n"
        return ByteBuffer(
            string: """
                {"chain_pem": "\(chain.replacing("\n", with: "\\n"))", "sealed_key": "\(key.base64EncodedString())",
                 "key_id": "0123456789abcdef", "fingerprint": "\(Self.fingerprint)",
                 "not_before": "2026-01-01T00:00:00Z", "not_after": "2027-01-01T00:00:00Z"}
                """
        )
    }

    /// SHA-256 of that text.
    private static let fingerprint = "0a45976f7eac73d4439260cbd9a27a6c8663547dc78ad705162cb2e338b893fa"

    private let token: HTTPFields = [.authorization: "Bearer s3cret"]

    @Test func `putting and retiring take the token, reading shows no key`() async throws {
        try await withServer { client in
            try await client.execute(uri: path, method: .put, body: body()) { #expect($0.status == .unauthorized) }
            try await client.execute(uri: path, method: .put, headers: token, body: body()) { response in
                #expect(response.status == .ok, "\(String(buffer: response.body))")
                #expect(String(buffer: response.body).contains(#""state": "wanted""#))
            }
            try await client.execute(uri: "/v1/tenants/acme/certificates", method: .get) { response in
                #expect(response.status == .ok)
                #expect(!String(buffer: response.body).contains("sealed_key"))
                #expect(String(buffer: response.body).contains(Self.fingerprint))
            }
            try await client.execute(uri: "/v1/certificates/1", method: .delete) { #expect($0.status == .unauthorized) }
            try await client.execute(uri: "/v1/certificates/1?reason=gone", method: .delete, headers: token) {
                #expect(String(buffer: $0.body).contains(#""retired": true"#))
            }
            try await client.execute(uri: "/v1/certificates/2", method: .get) { #expect($0.status == .notFound) }
        }
    }

    @Test func `without a configured token nothing can be changed`() async throws {
        try await withServer(token: nil) { client in
            try await client.execute(uri: path, method: .put, headers: token, body: body()) {
                #expect($0.status == .forbidden)
            }
        }
    }

    @Test func `a key that nobody sealed is refused and not told back`() async throws {
        let secret = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj"
        let pem = "-----BEGIN PRIVATE KEY-----\n\(secret)\n-----END PRIVATE KEY-----\n"
        try await withServer { client in
            try await client.execute(uri: path, method: .put, headers: token, body: body(key: Data(pem.utf8))) {
                #expect($0.status == .unprocessableContent)
                #expect(String(buffer: $0.body).contains("UE010"))
                #expect(!String(buffer: $0.body).contains(secret))
            }
            try await client.execute(uri: path, method: .put, headers: token, body: ByteBuffer(string: pem)) {
                #expect($0.status == .unprocessableContent)
                #expect(!String(buffer: $0.body).contains(secret))
            }
        }
    }

    @Test func `the key to seal to is told once it is published`() async throws {
        try await withServer { client in
            try await client.execute(uri: "/v1/sealing-key", method: .get) { #expect($0.status == .notFound) }
            let connection = try await TestDatabase.current.connect()
            let key = "usher-public-key-1:" + Data(repeating: 9, count: 32).base64EncodedString()
            _ = try await connection.session { db throws(PostgresError) in
                try db.one("select usher.publish_sealing_key(\(key), 'test')", as: String.self)
            }
            await connection.close()
            try await client.execute(uri: "/v1/sealing-key", method: .get) {
                #expect(String(buffer: $0.body).contains(key))
            }
        }
    }
}
