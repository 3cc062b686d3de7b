import Simulator
import TLSPolicy
import Testing

@Suite struct RefusalTests {
    @Test(arguments: [
        ("", 1_407), ("192.0.2.1", 1_407), ("a b.tenant.dev", 1_407), ("-a.tenant.dev", 1_407), ("a..dev", 1_407),
        ("a.*.dev", 1_407), (String(repeating: "a", count: 64) + ".dev", 1_407),
        (Array(repeating: "abcdefg", count: 33).joined(separator: "."), 1_407),
        ("b\u{FC}cher.dev", 1_408), ("shop.test", 1_409), ("shop.example", 1_409), ("shop.invalid", 1_409),
        ("localhost", 1_409), ("dev", 1_410), ("co.uk", 1_410), ("example.com", 1_411), ("shop.example.org", 1_411),
        ("*.tenant.dev", 1_448),
    ])
    func `a hostname that breaks a rule is refused with its code`(_ name: String, code: Int) {
        var provider = Provider()
        #expect(provider.create(name).outcome == [400, code])
    }

    @Test(arguments: [
        "Shop.Tenant.DEV", "xn--bcher-kva.dev", "_sub.tenant.dev", String(repeating: "a", count: 63) + ".dev",
        String(repeating: "b.", count: 30) + "dev",
    ])
    func `a good hostname is created in lower case`(_ name: String) {
        var provider = Provider()
        let branding: [String: APIValue] = name.utf8.count > 64 ? ["cloudflare_branding": true] : [:]
        let answer = provider.create(name, Provider.ssl(with: branding))
        #expect(answer.status == 201)
        #expect(answer.json["result"]?["hostname"]?.string == name.lowercased())
    }

    static let badSSL: [(APIValue, Int)] = [
        (["type": "dv"], 1_440),
        (["method": "http"], 1_440),
        (Provider.ssl(["min_tls_version": "1.4"]), 1_425),
        (Provider.ssl(["min_tls_version": "TLSv1.2"]), 1_425),
        (Provider.ssl(["min_tls_version": 1]), 1_400),
        (Provider.ssl(["tls_1_3": "yes"]), 1_424),
        (Provider.ssl(["http2": "maybe"]), 1_422),
        (Provider.ssl(["early_hints": "maybe"]), 1_434),
        (Provider.ssl(["ciphers": ["TLS_AES_128_GCM_SHA256"]]), 1_442),
        (Provider.ssl(["ciphers": ["AEAD-AES128-GCM-SHA256"]]), 1_442),
        (Provider.ssl(["ciphers": ["ecdhe-rsa-aes128-sha"]]), 1_442),
        (Provider.ssl(["ciphers": "AES128-SHA"]), 1_400),
        (Provider.ssl(["ciphers": ["AES128-SHA"], "min_tls_version": "1.3"]), 1_443),
        (Provider.ssl([]), 1_400),
        (Provider.ssl(with: ["bundle_method": "any"]), 1_449),
        (Provider.ssl(with: ["wildcard": "yes"]), 1_400),
        ("dv", 1_400),
    ]

    @Test(arguments: badSSL)
    func `a bad ssl object is refused with its code and nothing is created`(_ ssl: APIValue, code: Int) {
        var provider = Provider()
        #expect(provider.create("shop.tenant.dev", ssl).outcome == [400, code])
        #expect(provider.zone.hostnames.count == 0)
    }

    @Test func `every settable cipher and nothing else is settable`() {
        var provider = Provider()
        let all = APIValue.array(SettableCiphers.names.map(APIValue.string))
        #expect(provider.create("shop.tenant.dev", Provider.ssl(["ciphers": all])).status == 201)
        #expect(Set(SettableCiphers.names).count == 20)
        #expect(Set(SettableCiphers.names) == Set(CipherSuite.settable.map(\.name)))
    }

    @Test func `what the plan does not include is refused`() {
        var provider = Provider { $0.plan = .business }
        #expect(
            provider.create("a.tenant.dev", Provider.ssl(with: ["certificate_authority": "google"])).outcome == [
                400, 1_459,
            ]
        )
        #expect(provider.create("a.tenant.dev", Provider.ssl(with: ["certificate_authority": ""])).status == 201)
        #expect(provider.create("b.tenant.dev", Provider.ssl(with: ["wildcard": true])).outcome == [403, 1_456])
        let metadata: APIValue = ["hostname": "c.tenant.dev", "custom_metadata": ["a": "b"]]
        #expect(provider.call("POST", Provider.hostnames, metadata).outcome == [403, 1_413])
    }

    @Test func `a name exists once`() {
        var provider = Provider()
        #expect(provider.create("shop.tenant.dev").status == 201)
        #expect(provider.create("SHOP.tenant.dev").outcome == [409, 1_406])
        #expect(provider.zone.hostnames.count == 1)
    }

    @Test func `quotas warn, then refuse`() {
        var provider = Provider {
            $0.quota.allocated = 1
            $0.quota.hardCap = 2
        }
        #expect(provider.create("a.tenant.dev").json["messages"]?.array?.isEmpty == true)
        #expect(provider.create("b.tenant.dev").json["messages"]?[0]?.string?.contains("billed") == true)
        #expect(provider.create("c.tenant.dev").outcome == [403, 1_405])
        let quota = provider.call("GET", Provider.hostnames + "/quota").json["result"]
        #expect(quota == ["allocated": 1, "used": 2, "exceeded": true, "hard_cap": 2])
    }

    @Test func `a zone without custom hostnames refuses every call on them`() {
        var provider = Provider { $0.quota.isAllocated = false }
        #expect(provider.create().outcome == [403, 1_404])
        #expect(provider.list().outcome == [403, 1_404])
        #expect(provider.call("GET", Provider.hostnames + "/quota").outcome == [403, 1_404])
    }

    @Test func `ids are checked and looked up`() {
        var provider = Provider()
        #expect(provider.call("GET", Provider.hostnames + "/short").outcome == [400, 1_435])
        let absent = "00000000-0000-4000-8000-000000000000"
        for method in ["GET", "PATCH", "DELETE"] {
            #expect(provider.call(method, "\(Provider.hostnames)/\(absent)", [:]).outcome == [404, 1_436])
        }
    }

    @Test(arguments: [
        "/client/v4/zones/ffffffffffffffffffffffffffffffff/custom_hostnames", "/client/v4/nothing", "/client/v4",
    ])
    func `an unknown route or zone has no route`(_ path: String) {
        var provider = Provider()
        #expect(provider.call("GET", path).outcome == [404, 7_003])
    }

    @Test func `a body that is no JSON object cannot be decoded`() {
        var provider = Provider()
        #expect(provider.call("POST", Provider.hostnames).outcome == [400, 1_400])
        #expect(provider.call("POST", Provider.hostnames, [1]).outcome == [400, 1_400])
        #expect(provider.call("POST", Provider.hostnames, ["hostname": 5]).outcome == [400, 1_400])
    }

    @Test(
        arguments: [
            (nil, [400, 1_403]), ("Basic abc", [400, 6_003]), ("Bearer ", [400, 6_003]), ("Bearer a b", [400, 6_003]),
            ("Bearer unknown-but-well-formed", [401, 10_000]),
        ] as [(String?, [Int])]
    )
    func `credentials are checked first`(_ header: String?, outcome: [Int]) {
        var provider = Provider()
        provider.authorization = header
        #expect(provider.list().outcome == outcome)
    }

    @Test func `tokens can be verified`() {
        var provider = Provider()
        #expect(
            provider.call("GET", "/client/v4/user/tokens/verify").json["result"] == ["id": "demo", "status": "active"]
        )
        provider.authorization = "Bearer unknown-but-well-formed"
        #expect(provider.call("GET", "/client/v4/user/tokens/verify").outcome == [401, 1_000])
    }

    @Test func `a token without the scope is refused`() {
        var provider = Provider {
            $0.tokens = [
                SimulatedToken(id: "reader", secret: SimulatorConfiguration.demoToken, scopes: [.certificatesRead])
            ]
        }
        #expect(provider.list().status == 200)
        #expect(provider.create().outcome == [403, 10_000])
        #expect(provider.call("GET", Provider.settings + "/ciphers").outcome == [403, 10_000])
    }

    @Test func `zone settings are read, set and checked`() {
        var provider = Provider()
        #expect(provider.call("GET", Provider.settings + "/min_tls_version").json["result"]?["value"] == "1.0")
        #expect(provider.call("PATCH", Provider.settings + "/min_tls_version", ["value": "1.2"]).status == 200)
        #expect(provider.call("GET", Provider.settings + "/min_tls_version").json["result"]?["value"] == "1.2")
        #expect(provider.call("PATCH", Provider.settings + "/min_tls_version", ["value": "2"]).outcome == [400, 1_007])
        #expect(provider.call("PATCH", Provider.settings + "/ciphers", ["value": ["AES128-SHA"]]).status == 200)
        #expect(provider.call("PATCH", Provider.settings + "/ciphers", ["value": ["RC4"]]).outcome == [400, 1_007])
        #expect(provider.call("PATCH", Provider.settings + "/tls_1_3", ["value": "off"]).status == 200)
        #expect(provider.zone.settings.ciphers == ["AES128-SHA"])
        #expect(provider.zone.settings.tls13 == "off")
        #expect(provider.call("GET", Provider.settings + "/unheard_of").outcome == [404, 7_003])
    }

    @Test func `the fallback origin is put, becomes active and is deleted`() {
        var provider = Provider { $0.fallbackOrigin = nil }
        let path = Provider.hostnames + "/fallback_origin"
        #expect(provider.call("GET", path).status == 404)
        #expect(provider.call("PUT", path, ["origin": ""]).outcome == [400, 1_415])
        #expect(provider.call("PUT", path, ["origin": "o.provider.dev"]).json["result"]?["status"] == "initializing")
        provider.wait(5)
        #expect(provider.call("GET", path).json["result"]?["status"] == "active")
        #expect(provider.call("DELETE", path).json["result"]?["status"] == "pending_deletion")
        #expect(provider.call("GET", path).status == 404)
    }

    @Test func `an answer is an envelope with the provider's ray`() {
        var provider = Provider()
        let answer = provider.create()
        #expect(answer.json["success"] == true)
        #expect(answer.json["errors"] == [])
        #expect(answer.header("cf-ray")?.hasSuffix("-SIM") == true)
        let ssl = answer.json["result"]?["ssl"]
        for key in ["custom_certificate", "custom_key", "issuer", "expires_on"] {
            #expect(ssl?[key] == "", "\(key)")
        }
        #expect(answer.json["result"]?["created_at"] == "2027-01-15T08:00:00.000000Z")
        #expect(provider.create().json["success"] == false)
    }
}
