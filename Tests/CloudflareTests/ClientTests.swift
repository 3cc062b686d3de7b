import Cloudflare
import Foundation
import TLSPolicy
import Testing

struct ClientTests {
    @Test func `a creation is one POST and its answer is read whole`() async throws {
        let headers = [
            "cf-ray: 8c1a-AMS", #"Ratelimit: "default";r=1190;t=12"#, #"Ratelimit-Policy: "burst";q=1200;w=300"#,
        ]
        try await withClient(.answer(status: 201, headers: headers, body: Fixtures.created)) { client, stub in
            let creation = HostnameCreation(hostname: "app.tenant.dev", method: .http, settings: SSLSettings())
            let answer = try await client.createHostname(creation)
            #expect(answer.status == 201)
            #expect(answer.ray == "8c1a-AMS")
            #expect(answer.messages == ["You are over the soft quota"])
            #expect(answer.pacing.tightest?.calls == 1_190)
            #expect(answer.pacing.policies.first?.windowSeconds == 300)
            #expect(answer.value.ssl?.status == .known(.initializing))
            #expect(answer.value.ownershipTXT?.name == "_cf-custom-hostname.app.tenant.dev")
            #expect(answer.value.ownershipHTTP?.body == answer.value.ownershipTXT?.value)
            #expect(answer.value.ssl?.settings.foreign == [:])
            let request = try #require(stub.requests.first)
            #expect(request.hasPrefix("POST /client/v4/zones/\(zone)/custom_hostnames HTTP/1.1\r\n"))
            #expect(request.contains("Authorization: Bearer \(canaryToken)\r\n"))
            #expect(request.contains("User-Agent: usher\r\n"))
            #expect(stub.requests.count == 1)
        }
    }

    @Test func `a list asks for its page and filter and says whether it is the last`() async throws {
        let page = Fixtures.page(Fixtures.active, page: 2, totalPages: 3)
        try await withClient(.answer(body: page), .answer(body: Fixtures.page())) { client, stub in
            let filter = HostnameFilter(name: .startsWith("a b&c"), status: .pending, sslStatus: .pendingValidation)
            let answer = try await client.listHostnames(page: 2, perPage: 5_000, filter: filter)
            #expect(answer.value.hostnames.map(\.id) == [hostnameID])
            #expect(answer.value.totalPages == 3)
            #expect(!answer.value.isLast)
            let query = "page=2&per_page=1000&hostname.startsWith=a%20b%26c&hostname_status=pending"
            let line = "GET /client/v4/zones/\(zone)/custom_hostnames?\(query)&ssl_status=pending_validation HTTP/1.1"
            #expect(stub.requests.first?.hasPrefix(line) == true)
            #expect(try await client.listHostnames(page: 3, perPage: 1).value.isLast)
            #expect(stub.requests.last?.contains("?page=3&per_page=5 ") == true)
        }
    }

    @Test func `a name is found whatever its case, and one that is being deleted comes last`() async throws {
        let dying = #"{"id": "x", "hostname": "app.tenant.dev", "status": "pending_deletion"}"#
        let page = Fixtures.page(dying, Fixtures.active)
        try await withClient(.answer(body: page), .answer(body: Fixtures.page())) { client, stub in
            let found = try await client.findHostname(exact: "APP.tenant.dev").value
            let missing = try await client.findHostname(exact: "app.tenant.dev").value
            #expect(found?.id == hostnameID)
            #expect(missing == nil)
            #expect(stub.requests.first?.contains("&hostname.exact=APP.tenant.dev ") == true)
        }
    }

    @Test func `a list that ignored the filter is no proof of absence`() async throws {
        try await withClient(.answer(body: Fixtures.page(Fixtures.active))) { client, _ in
            let error = try await failure { try await client.findHostname(exact: "other.tenant.dev") }
            #expect(error.fault == .unreadable(status: 200, .unexpectedShape))
        }
    }

    @Test(arguments: [#"{"id": "\#(hostnameID)"}"#, Fixtures.envelope(#"{"id": "\#(hostnameID)"}"#)])
    func `a deletion is read bare and enveloped`(_ body: String) async throws {
        try await withClient(.answer(body: body)) { client, stub in
            let deleted = try await client.deleteHostname(id: hostnameID).value
            #expect(deleted.id == hostnameID)
            let line = "DELETE /client/v4/zones/\(zone)/custom_hostnames/\(hostnameID) HTTP/1.1"
            #expect(stub.requests.first?.hasPrefix(line) == true)
        }
    }

    @Test(arguments: ["", "../x", "a/b", "a?b", "a b", "é"])
    func `an identifier that is none is never sent`(_ id: String) async throws {
        try await withClient { client, stub in
            let error = try await failure { try await client.deleteHostname(id: id) }
            #expect(error.class == .rejected)
            #expect(!error.isOutcomeUnknown)
            #expect(stub.requests.isEmpty)
        }
    }

    @Test func `the quota is read`() async throws {
        let body = Fixtures.envelope(#"{"allocated": 100, "used": 40, "exceeded": false, "hard_cap": 50000}"#)
        try await withClient(.answer(body: body)) { client, stub in
            let quota = try await client.quota().value
            #expect(quota == HostnameQuota(allocated: 100, used: 40, exceeded: false, hardCap: 50_000))
            #expect(stub.requests.first?.contains("/custom_hostnames/quota ") == true)
        }
    }

    @Test func `the zone's settings are read and set`() async throws {
        let minimum = Fixtures.envelope(
            #"{"id": "min_tls_version", "value": "1.0", "editable": true, "modified_on": ""}"#
        )
        let ciphers = Fixtures.envelope(#"{"id": "ciphers", "value": [], "editable": false}"#)
        let tls13 = Fixtures.envelope(#"{"id": "tls_1_3", "value": "zrt"}"#)
        try await withClient(
            .answer(body: minimum),
            .answer(body: ciphers),
            .answer(body: tls13),
            .answer(body: minimum)
        ) { client, stub in
            #expect(try await client.zoneMinimumTLS().value == ZoneSetting(value: .known(.v1_0)))
            #expect(try await client.zoneCiphers().value == ZoneSetting(value: [], isEditable: false))
            #expect(try await client.zoneTLS13().value.value == .unknown("zrt"))
            _ = try await client.setZoneMinimumTLS(.v1_2)
            let names = stub.requests.compactMap {
                $0.split(separator: " ").dropFirst().first?.split(separator: "/").last
            }
            #expect(names == ["min_tls_version", "ciphers", "tls_1_3", "min_tls_version"])
            #expect(try jsonBody(#require(stub.requests.last)) == .object(["value": .string("1.2")]))
        }
    }

    @Test(arguments: [nil, "acc1"])
    func `a token is verified at its owner's address`(_ account: String?) async throws {
        let body = Fixtures.envelope(#"{"id": "t1", "status": "active", "expires_on": "2030-01-01T00:00:00Z"}"#)
        func ownedByAccount(_ settings: inout CloudflareSettings) { settings.accountID = account }
        try await withClient(.answer(body: body), configure: ownedByAccount) { client, stub in
            let token = try await client.verifyToken().value
            #expect(token.status == .known(.active))
            #expect(token.expiresOn == Date(timeIntervalSince1970: 1_893_456_000))
            let owner = account.map { "/accounts/\($0)" } ?? "/user"
            #expect(stub.requests.first?.hasPrefix("GET /client/v4\(owner)/tokens/verify HTTP") == true)
        }
    }
}
