import Simulator
import Testing

/// The endpoints of Access that have to do with client certificates.
@Suite struct AccessTests {
    private static let certificates = "/client/v4/zones/\(SimulatorConfiguration.demoZone)/access/certificates"
    private static let applications =
        "/client/v4/accounts/\(SimulatorConfiguration.demoAccount)/access/apps"
    private static let root = Result { try CertificateAuthority(name: "Tenant Root", start: Provider.start).rootPEM }

    private func provider() -> Provider {
        var provider = Provider()
        for name in ["shop.tenant.dev", "pay.tenant.dev"] { _ = provider.created(name) }
        return provider
    }

    private func add(_ provider: inout Provider, _ hostnames: [APIValue] = []) throws -> APIAnswer {
        let pem = try Self.root.get()
        let body: APIValue = [
            "name": "tenants", "certificate": .string(pem), "associated_hostnames": .array(hostnames),
        ]
        return provider.call("POST", Self.certificates, body)
    }

    @Test func `an authority is added, read, renamed and listed, through zone and account`() throws {
        var provider = provider()
        let added = try add(&provider, ["shop.tenant.dev"])
        #expect(added.status == 201)
        let result = added.json["result"]
        #expect(result?["associated_hostnames"] == ["shop.tenant.dev"])
        #expect(result?["fingerprint"]?.string?.wholeMatch(of: /[0-9a-f]{32}/) != nil)
        #expect(result?["expires_on"]?.string == Provider.start.adding(seconds: 3_650 * 86_400).rfc3339)
        let id = result?["id"]?.string ?? ""
        let put = provider.call(
            "PUT",
            "\(Self.certificates)/\(id)",
            ["associated_hostnames": ["shop.tenant.dev", "pay.tenant.dev"], "name": "all tenants"]
        )
        #expect(put.status == 200)
        let account = "/client/v4/accounts/\(SimulatorConfiguration.demoAccount)/access/certificates"
        let listed = provider.call("GET", account).json
        #expect(listed["result"]?[0]?["name"] == "all tenants")
        #expect(listed["result_info"]?["total_count"] == 1)
        #expect(provider.call("GET", "\(account)/\(id)").json["result"] == listed["result"]?[0])
        #expect(provider.call("GET", "/client/v4/accounts/elsewhere/access/certificates").outcome == [404, 7_003])
    }

    @Test func `a certificate goes only when everybody has heard that it is detached`() throws {
        var provider = provider()
        let id = try add(&provider, ["shop.tenant.dev"]).json["result"]?["id"]?.string ?? ""
        let path = "\(Self.certificates)/\(id)"
        #expect(provider.call("DELETE", path).outcome == [409, 12_132])
        #expect(provider.call("PUT", path, ["associated_hostnames": []]).status == 200)
        #expect(provider.call("GET", path).json["result"]?["associated_hostnames"] == ["shop.tenant.dev"])
        let refused = provider.call("DELETE", path)
        #expect(refused.json.text.contains("certificate_has_active_associations"))
        provider.wait(10)
        #expect(provider.call("GET", path).json["result"]?["associated_hostnames"] == [])
        #expect(provider.call("DELETE", path).json["result"] == ["id": .string(id)])
        #expect(provider.call("GET", path).outcome == [404, 12_135])
    }

    @Test func `a PUT replaces the whole list of hostnames`() throws {
        var provider = provider()
        let id = try add(&provider, ["shop.tenant.dev", "pay.tenant.dev"]).json["result"]?["id"]?.string ?? ""
        _ = provider.call("PUT", "\(Self.certificates)/\(id)", ["associated_hostnames": ["pay.tenant.dev"]])
        provider.wait(60)
        let read = provider.call("GET", "\(Self.certificates)/\(id)").json["result"]
        #expect(read?["associated_hostnames"] == ["pay.tenant.dev"])
    }

    @Test func `what cannot be is refused`() throws {
        var provider = provider()
        #expect(try add(&provider, ["nobody.tenant.dev"]).outcome == [400, 12_036])
        #expect(try add(&provider, ["*.tenant.dev"]).outcome == [400, 12_130])
        let authority = try CertificateAuthority(start: Provider.start)
        let later = Provider.start.adding(seconds: 86_400)
        let leaf = try authority.issue(names: ["a.b.dev"], key: .p256, notBefore: Provider.start, notAfter: later)
        let noAuthority: APIValue = ["name": "leaf", "certificate": .string(leaf.chainPEM)]
        #expect(provider.call("POST", Self.certificates, noAuthority).outcome == [400, 12_130])
        #expect(provider.call("POST", Self.certificates, ["certificate": "no PEM"]).outcome == [400, 12_130])
        let id = try add(&provider).json["result"]?["id"]?.string ?? ""
        #expect(provider.call("PUT", "\(Self.certificates)/\(id)", ["name": "x"]).outcome == [400, 12_130])
        #expect(provider.call("PUT", "\(Self.certificates)/other", ["name": "x"]).outcome == [404, 12_135])
        #expect(provider.call("PATCH", "\(Self.certificates)/\(id)", [:]).outcome == [404, 7_003])
    }

    @Test func `there are fifty authorities and no more`() throws {
        var provider = provider()
        for _ in 0..<50 { #expect(try add(&provider).status == 201) }
        #expect(try add(&provider).outcome == [400, 12_130])
    }

    @Test func `settings are replaced whole, one update at a time`() {
        var provider = provider()
        let path = Self.certificates + "/settings"
        let row: APIValue = ["hostname": "shop.tenant.dev", "client_certificate_forwarding": true]
        #expect(provider.call("PUT", path, ["settings": [row]]).status == 202)
        #expect(provider.call("PUT", path, ["settings": []]).outcome == [409, 12_132])
        provider.wait(5)
        #expect(provider.call("GET", path).json["result"]?[0]?["client_certificate_forwarding"] == true)
        #expect(provider.call("PUT", path, ["settings": [["hostname": "other.dev"]]]).outcome == [400, 12_036])
        #expect(provider.call("PUT", path, ["settings": []]).status == 202)
        #expect(provider.call("GET", path).json["result"] == [])
    }

    private func application(_ domains: [APIValue]) -> APIValue {
        [
            "type": "self_hosted", "name": "shop", "domain": domains[0], "self_hosted_domains": .array(domains),
            "policies": [["name": "machines", "decision": "non_identity", "include": [["certificate": [:]]]]],
        ]
    }

    @Test func `applications and their policies are kept`() {
        var provider = provider()
        let made = provider.call("POST", Self.applications, application(["shop.tenant.dev"]))
        #expect(made.status == 201)
        let path = "\(Self.applications)/\(made.json["result"]?["id"]?.string ?? "")"
        let policy: APIValue = [
            "name": "one", "decision": "non_identity", "include": [["common_name": ["common_name": "till-1"]]],
        ]
        let added = provider.call("POST", path + "/policies", policy)
        #expect(added.status == 201)
        #expect(added.json["result"]?["include"] == policy["include"])
        let policies = provider.call("GET", path + "/policies").json["result"]?.array ?? []
        #expect(policies.map { $0["name"] } == ["machines", "one"])
        let first = policies.first?["id"]?.string ?? ""
        #expect(provider.call("DELETE", "\(path)/policies/\(first)").status == 202)
        #expect(provider.call("GET", path).json["result"]?["policies"]?.array?.count == 1)
        #expect(provider.call("DELETE", path).status == 202)
        #expect(provider.call("GET", path).outcome == [404, 12_135])
    }

    @Test func `applications have their limits`() {
        var provider = provider()
        for name in 0..<6 { _ = provider.created("d\(name).tenant.dev") }
        let domains = (0..<6).map { APIValue.string("d\($0).tenant.dev") }
        #expect(provider.call("POST", Self.applications, application(domains)).outcome == [400, 12_130])
        #expect(provider.call("POST", Self.applications, application(["*.tenant.dev"])).outcome == [400, 12_130])
        #expect(provider.call("POST", Self.applications, application(["other.dev"])).outcome == [400, 12_036])
        #expect(provider.call("POST", Self.applications, application(Array(domains.prefix(5)))).status == 201)
        #expect(provider.call("POST", Self.applications, application([domains[0]])).outcome == [400, 12_130], "taken")
        #expect(provider.call("POST", Self.applications, ["type": "saas"]).outcome == [400, 12_130])
    }

    @Test func `a token without the scope gets nothing`() {
        var provider = Provider {
            let scopes: Set<SimulatedToken.Scope> = [.certificatesRead, .accessRead]
            $0.tokens = [SimulatedToken(id: "reader", secret: SimulatorConfiguration.demoToken, scopes: scopes)]
        }
        #expect(provider.call("GET", Self.certificates).status == 200)
        #expect(provider.call("POST", Self.certificates, [:]).outcome == [403, 10_000])
    }
}
