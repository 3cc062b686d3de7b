import Dashboard
import Foundation
import Hummingbird
import HummingbirdTesting
import Logging
import Postgres
import TestSupport
import Testing

@Suite(.database)
struct WebhookTests {
    private static let secret = "a-secret-of-the-webhook"
    private static let providerID = "0d89c70d-ad9f-4843-b99f-6cc0252067e9"

    /// The certificate events' own shape.
    private static func certificateEvent(_ id: String = "e1", hostname: String = "shop.acme-usher.com") -> String {
        """
        {"metadata": {"event": {"id": "\(id)", "type": "ssl.custom_hostname_certificate.validation.succeeded",
                                "created_at": "2022-02-09T00:03:28.385080Z"},
                      "account": {"id": "a"}, "zone": {"id": "z"}},
         "data": {"id": "\(providerID)", "hostname": "\(hostname)",
                  "ssl": {"id": "s", "status": "pending_issuance"}, "custom_metadata": {"k": 1}}}
        """
    }

    /// The notifications' shape.
    private static let notification = """
        {"name": "TLS", "text": "validated", "data": {"id": "\(providerID)", "hostname": "shop.acme-usher.com"},
         "ts": 1710604800, "account_id": "a", "policy_id": "p", "policy_name": "TLS",
         "alert_type": "custom_ssl_certificate_event_type", "alert_correlation_id": "c1",
         "alert_event": "ALERT_STATE_EVENT_START"}
        """

    private func post(
        _ body: String,
        secret: String? = Self.secret,
        configured: String? = Self.secret
    ) async throws -> HTTPResponse.Status {
        let pool = PostgresPool(TestDatabase.current.settings, size: 2, logger: .quiet)
        let server = DashboardServer(
            pool: pool,
            webhookSecret: configured.flatMap(SharedSecret.init),
            logger: .quiet
        )
        let status = try await server.application(port: 0).test(.router) { client in
            var headers = HTTPFields()
            headers[try #require(HTTPFields.Element.Name("cf-webhook-auth"))] = secret
            return try await client.execute(
                uri: "/provider/webhook",
                method: .post,
                headers: headers,
                body: ByteBuffer(string: body)
            ) { $0.status }
        }
        pool.close()
        return status
    }

    /// A hostname that waits for the provider, its job due in an hour.
    private func makeWaiting() async throws {
        try await run(
            """
            insert into usher.tier (name, revision, weight, max_running) values ('free', 1, 1, 1);
            insert into usher.policy (tier, revision, document, checksum, author, reason)
            values ('free', 1, '{}', repeat('a', 64), 'test', 'test');
            select usher.set_tier('acme', 'free', 'e1', 1);
            select usher.enqueue_onboarding('acme', 'shop.acme-usher.com');
            update usher.hostname set standing = 'waiting', provider_id = '\(Self.providerID)';
            with taken as (delete from usher.ready returning job_id, lane_id, priority)
            insert into usher.deferred (job_id, lane_id, priority, due_at, reason, actor)
            select job_id, lane_id, priority, now() + interval '1 hour', 'waiting_provider', 'provider' from taken;
            insert into usher.zone (zone_id, swept_at) values ('z', now());
            """
        )
    }

    private func run(_ script: String) async throws {
        let connection = try await TestDatabase.current.connect()
        try await connection.transaction { db throws(PostgresError) in try db.executeScript(script) }
        await connection.close()
    }

    private func count(_ statement: Statement) async throws -> Int {
        let connection = try await TestDatabase.current.connect()
        let count = try await connection.transaction { db throws(PostgresError) in try db.one(statement, as: Int.self) }
        await connection.close()
        return count
    }

    @Test(arguments: [certificateEvent(), notification])
    func `an event of either shape wakes the hostname's job, once`(_ body: String) async throws {
        try await makeWaiting()
        #expect(try await post(body) == .noContent)
        let due = "select count(*) from usher.deferred where due_at <= clock_timestamp()" as Statement
        #expect(try await count(due) == 1)
        #expect(
            try await count("select count(*) from usher.hostname where intent = 'edit'") == 1,
            "it looks for itself"
        )
        try await run(
            "update usher.deferred set due_at = now() + interval '1 hour'; update usher.hostname set intent = null"
        )
        #expect(try await post(body) == .noContent)
        #expect(try await count(due) == 0, "the same event again is no news")
        #expect(try await count("select count(*) from usher.provider_hint") == 1)
    }

    @Test func `an event about a hostname that does not wait has the zone read soon`() async throws {
        try await makeWaiting()
        #expect(
            try await post(
                Self.certificateEvent(hostname: "other.acme-usher.com").replacing(Self.providerID, with: "x")
            ) == .noContent
        )
        #expect(try await count("select count(*) from usher.zone where hinted_at > swept_at") == 1)
        #expect(try await count("select count(*) from usher.deferred where due_at <= clock_timestamp()") == 0)
    }

    @Test func `what an event claims is never taken for true`() async throws {
        try await makeWaiting()
        _ = try await post(Self.certificateEvent())
        #expect(
            try await count("select count(*) from usher.hostname where observed is null and standing = 'waiting'") == 1
        )
    }

    @Test(arguments: [nil, "", "a-secret-of-the-webhooK", "a-secret-of-the-webhoo", "a-secret-of-the-webhook-"])
    func `a message without the secret is not heard`(_ secret: String?) async throws {
        #expect(try await post(Self.certificateEvent(), secret: secret) == .unauthorized)
        #expect(try await count("select count(*) from usher.provider_hint") == 0)
    }

    @Test(arguments: [nil, ""])
    func `without a configured secret nothing is heard`(_ configured: String?) async throws {
        #expect(try await post(Self.certificateEvent(), configured: configured) == .notFound)
    }

    @Test func `a message that is too long, no JSON, or a trial is answered as such`() async throws {
        let long = #"{"text": ""# + String(repeating: "x", count: 70_000) + #""}"#
        #expect(try await post(long) == .contentTooLarge)
        #expect(try await post("[]") == .badRequest)
        #expect(try await post("{") == .badRequest)
        #expect(try await post(#"{"text": "Hello World! This is a test message"}"#) == .noContent)
        #expect(try await count("select count(*) from usher.provider_hint") == 0)
    }

    @Test func `a secret is never printed`() throws {
        let secret = try #require(SharedSecret(Self.secret))
        #expect(
            "\(secret) \(String(reflecting: secret)) \(Mirror(reflecting: secret).children.count)"
                == "<redacted> <redacted> 0"
        )
    }
}
