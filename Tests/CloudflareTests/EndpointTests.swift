import Cloudflare
import Foundation
import Testing

/// The endpoints beside custom hostnames: each is one call to the published address, and its answer is read.
struct EndpointTests {
    private static let account = "01a7362d577a6c3019a474fd6f485823"
    private static let accessCertificate = """
        {"id": "f174e90a-fafe-4643-bbbc-4a0ed4fc8415", "name": "Tenant CA", "fingerprint": "MD5 Fingerprint=1E",
         "associated_hostnames": ["app.tenant.dev"], "created_at": "2014-01-01T05:20:00.12345Z", "expires_on": ""}
        """

    /// Calls and answers with how the request must begin.
    private func check<Value>(
        _ beginning: String,
        answer: String,
        account: String? = nil,
        _ call: (CloudflareClient) async throws -> Answer<Value>
    ) async throws -> (value: Value, request: String) {
        func own(_ settings: inout CloudflareSettings) { settings.accountID = account }
        return try await withClient(.answer(body: answer), configure: own) { client, stub in
            let value = try await call(client).value
            let request = try #require(stub.requests.first)
            #expect(request.hasPrefix(beginning + " HTTP/1.1\r\n"), "\(request.prefix(200))")
            #expect(stub.requests.count == 1)
            return (value, request)
        }
    }

    private let hostnames = "/client/v4/zones/\(zone)/custom_hostnames"

    @Test func `one of two certificates is replaced with its key, and the other is deleted`() async throws {
        let path = "\(hostnames)/\(hostnameID)/certificate_pack/p1/certificates/c1"
        let certificate = CustomCertificate(chain: "CHAIN", key: Secret(canaryKey), bundleMethod: .force)
        let replaced = try await check("PUT \(path)", answer: Fixtures.created) {
            try await $0.replaceCertificate("c1", pack: "p1", hostname: hostnameID, by: certificate)
        }
        #expect(replaced.value.id == hostnameID)
        let body = JSONValue.object(["custom_certificate": .string("CHAIN"), "custom_key": .string(canaryKey)])
        #expect(try jsonBody(replaced.request) == body)
        let deleted = try await check("DELETE \(path)", answer: #"{"id": "\#(hostnameID)"}"#) {
            try await $0.deleteCertificate("c1", pack: "p1", hostname: hostnameID)
        }
        #expect(deleted.value.id == hostnameID)
    }

    @Test func `the fallback origin is read, set and deleted`() async throws {
        let answer = Fixtures.envelope(
            """
            {"origin": "fallback.saas.dev", "status": "pending_deployment", "errors": ["DNS records are not setup"],
             "created_at": "2019-10-28T18:11:23.374885Z", "updated_at": "2020-03-16T18:11:23.531995Z"}
            """
        )
        let path = "\(hostnames)/fallback_origin"
        let read = try await check("GET \(path)", answer: answer) { try await $0.fallbackOrigin() }.value
        #expect(read.status == .known(.pendingDeployment))
        #expect(read.errors == ["DNS records are not setup"])
        #expect(read.updatedAt.map { Int($0.timeIntervalSince1970) } == 1_584_382_283)
        let set = try await check("PUT \(path)", answer: answer) { try await $0.setFallbackOrigin("fallback.saas.dev") }
        #expect(try jsonBody(set.request) == .object(["origin": .string("fallback.saas.dev")]))
        for body in [answer, Fixtures.envelope("null"), ""] {
            _ = try await check("DELETE \(path)", answer: body) { try await $0.deleteFallbackOrigin() }
        }
    }

    @Test func `delegated validation is one CNAME for a tenant`() async throws {
        let answer = Fixtures.envelope(#"{"uuid": "abc123def456ab12"}"#)
        let path = "GET /client/v4/zones/\(zone)/dcv_delegation/uuid"
        let delegation = try await check(path, answer: answer) { try await $0.dcvDelegation() }.value
        #expect(delegation.target(of: "app.tenant.dev") == "app.tenant.dev.abc123def456ab12.dcv.cloudflare.com")
    }

    @Test func `signing requests are made, listed, read and deleted`() async throws {
        let item = """
            {"id": "7b163417-1d2b-4c84-a38a-2fb7a0cd7752", "common_name": "app.tenant.dev", "sans": ["app.tenant.dev"],
             "key_type": "ed25519", "csr": "-----BEGIN CERTIFICATE REQUEST-----", "created_at": "2014-01-01T05:20:00Z"}
            """
        let path = "/client/v4/zones/\(zone)/custom_csrs"
        let wish = SigningRequestWish(
            country: "DE",
            state: "Berlin",
            locality: "Berlin",
            organization: "Tenant",
            commonName: "app.tenant.dev",
            names: ["app.tenant.dev"]
        )
        let made = try await check("POST \(path)", answer: Fixtures.envelope(item)) {
            try await $0.createSigningRequest(wish)
        }
        #expect(made.value.keyType == .unknown("ed25519"))
        #expect(made.value.names == ["app.tenant.dev"])
        #expect(try jsonBody(made.request)["key_type"] == .string("p256v1"))
        let list = try await check("GET \(path)?page=2", answer: Fixtures.envelope("[\(item)]")) {
            try await $0.listSigningRequests(page: 2)
        }
        #expect(list.value.map(\.id) == [made.value.id])
        _ = try await check("GET \(path)/x1", answer: Fixtures.envelope(item)) {
            try await $0.getSigningRequest(id: "x1")
        }
        _ = try await check("DELETE \(path)/x1", answer: Fixtures.envelope(#"{"id": "x1"}"#)) {
            try await $0.deleteSigningRequest(id: "x1")
        }
    }

    @Test(arguments: [nil, account])
    func `Access certificates belong to the account where one is set, else to the zone`(_ owner: String?) async throws {
        let path = "/client/v4/" + (owner.map { "accounts/\($0)" } ?? "zones/\(zone)") + "/access/certificates"
        let one = Fixtures.envelope(Self.accessCertificate)
        let list = try await check("GET \(path)?per_page=1000", answer: Fixtures.envelope("[]"), account: owner) {
            try await $0.listAccessCertificates()
        }
        #expect(list.value.isEmpty)
        let created = try await check("POST \(path)", answer: one, account: owner) {
            try await $0.createAccessCertificate(name: "Tenant CA", certificate: "PEM", hostnames: ["app.tenant.dev"])
        }
        #expect(created.value.hostnames == ["app.tenant.dev"])
        #expect(created.value.expiresOn == nil)
        let whole = #"{"name": "Tenant CA", "certificate": "PEM", "associated_hostnames": ["app.tenant.dev"]}"#
        #expect(try jsonBody(created.request) == decode(JSONValue.self, whole))
        _ = try await check("GET \(path)/a1", answer: one, account: owner) {
            try await $0.getAccessCertificate(id: "a1")
        }
        let emptied = try await check("PUT \(path)/a1", answer: one, account: owner) {
            try await $0.setAccessCertificate(id: "a1", hostnames: [])
        }
        #expect(try jsonBody(emptied.request) == .object(["associated_hostnames": .array([])]))
        _ = try await check("DELETE \(path)/a1", answer: Fixtures.envelope(#"{"id": "a1"}"#), account: owner) {
            try await $0.deleteAccessCertificate(id: "a1")
        }
    }

    @Test func `Access settings are read and set by hostname`() async throws {
        let list = #"[{"hostname": "app.tenant.dev", "china_network": null, "client_certificate_forwarding": true}]"#
        let path = "/client/v4/zones/\(zone)/access/certificates/settings"
        let read = try await check("GET \(path)", answer: Fixtures.envelope(list)) { try await $0.accessSettings() }
            .value
        #expect(read == [AccessHostnameSettings(hostname: "app.tenant.dev", forwardsClientCertificate: true)])
        let set = try await check("PUT \(path)", answer: Fixtures.envelope(list)) {
            try await $0.setAccessSettings(read)
        }
        let sent = """
            {"settings": [{"hostname": "app.tenant.dev", "china_network": false,
                           "client_certificate_forwarding": true}]}
            """
        #expect(try jsonBody(set.request) == decode(JSONValue.self, sent))
    }

    @Test func `alarms and their addresses belong to the account`() async throws {
        let path = "/client/v4/accounts/\(Self.account)/alerting/v3"
        let available = """
            {"SSL/TLS": [{"type": "custom_ssl_certificate_event_type", "display_name": "SSL for SaaS", "x": 1}],
             "Access": [{"type": "access_custom_certificate_expiration_type"}]}
            """
        let alerts = try await check(
            "GET \(path)/available_alerts",
            answer: Fixtures.envelope(available),
            account: Self.account
        ) { try await $0.availableAlerts() }.value
        #expect(
            alerts.map(\.type) == ["access_custom_certificate_expiration_type", "custom_ssl_certificate_event_type"]
        )
        let policy = NotificationPolicy(name: "TLS", alertType: alerts[1].type, webhooks: ["w1"])
        let created = try await check(
            "POST \(path)/policies",
            answer: Fixtures.envelope(#"{"id": "p1"}"#),
            account: Self.account
        ) { try await $0.createNotificationPolicy(policy) }
        #expect(created.value.id == "p1")
        let body = try jsonBody(created.request)
        #expect(body["mechanisms"]?["webhooks"] == .array([.object(["id": .string("w1")])]))
        let stored = #"[{"id": "p1", "name": "TLS", "alert_type": "x", "enabled": true, "mechanisms": {"email": []}}]"#
        let listed = try await check(
            "GET \(path)/policies",
            answer: Fixtures.envelope(stored),
            account: Self.account
        ) { try await $0.listNotificationPolicies() }
        #expect(listed.value.map(\.alertType) == ["x"])
        _ = try await check("DELETE \(path)/policies/p1", answer: Fixtures.envelope("null"), account: Self.account) {
            try await $0.deleteNotificationPolicy(id: "p1")
        }
    }

    @Test func `a webhook's secret goes over the wire and nowhere else`() async throws {
        let path = "/client/v4/accounts/\(Self.account)/alerting/v3/destinations/webhooks"
        let created = try await check(
            "POST \(path)",
            answer: Fixtures.envelope(#"{"id": "w1"}"#),
            account: Self.account
        ) {
            try await $0.createWebhookDestination(name: "usher", url: "https://u.dev", secret: Secret(canaryToken))
        }
        #expect(try jsonBody(created.request)["secret"] == .string(canaryToken))
        let list = #"[{"id": "w1", "name": "usher", "url": "https://u.dev", "secret": "s", "last_success": null}]"#
        let read = try await check("GET \(path)", answer: Fixtures.envelope(list), account: Self.account) {
            try await $0.listWebhookDestinations()
        }
        #expect(read.value.map(\.url) == ["https://u.dev"])
        _ = try await check("DELETE \(path)/w1", answer: Fixtures.envelope("null"), account: Self.account) {
            try await $0.deleteWebhookDestination(id: "w1")
        }
    }

    @Test func `without an account no alarm is asked for`() async throws {
        try await withClient { client, stub in
            let error = try await failure { try await client.availableAlerts() }
            #expect(error.class == .rejected)
            #expect(stub.requests.isEmpty)
        }
    }
}
