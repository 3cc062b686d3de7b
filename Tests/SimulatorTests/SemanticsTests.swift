import Simulator
import Testing

/// Each switch does what its name says.
@Suite struct SemanticsTests {
    private func provider(_ change: (inout ProviderSemantics) -> Void) -> Provider {
        Provider { change(&$0.semantics) }
    }

    @Test(arguments: [
        (ProviderSemantics.IncompleteSSL.split, [1_434, 1_440]), (.attribute, [1_434, 1_434]),
        (.typeAndMethod, [1_440, 1_440]),
    ])
    func `an incomplete ssl has the code of the switch`(_ reading: ProviderSemantics.IncompleteSSL, codes: [Int]) {
        var provider = provider { $0.incompleteSSL = reading }
        let id = provider.created()
        let seen = [provider.edit(id, ssl: [:]).errorCode, provider.edit(id, ssl: ["type": "dv"]).errorCode]
        #expect(seen == codes)
    }

    @Test func `writes answer with 200 by the reference`() {
        var provider = provider { $0.writeStatus = .reference }
        #expect(provider.create().status == 200)
        let id = provider.zone.hostnames.all[0].id
        #expect(provider.edit(id, ssl: Provider.ssl(["http2": "on"])).status == 200)
    }

    @Test func `DELETE can have an envelope`() {
        var provider = provider { $0.isDeleteEnveloped = true }
        let id = provider.created()
        let answer = provider.call("DELETE", "\(Provider.hostnames)/\(id)")
        #expect(answer.json["result"] == ["id": .string(id)])
        #expect(answer.json["success"] == true)
    }

    @Test(
        arguments: [
            (ProviderSemantics.AbsentText.empty, APIValue.string("")), (.null, .null), (.omitted, nil),
        ] as [(ProviderSemantics.AbsentText, APIValue?)]
    )
    func `absent texts are as the switch says`(_ reading: ProviderSemantics.AbsentText, value: APIValue?) {
        var provider = provider { $0.absentText = reading }
        #expect(provider.create().json["result"]?["ssl"]?["expires_on"] == value)
    }

    @Test func `an empty edit, an empty list, a TLS 1_3 suite and a contradiction can be refused or passed over`() {
        var strict = provider {
            $0.emptyEdit = .refused
            $0.emptyCiphers = .refused
            $0.tls13Suites = .ignored
            $0.contradiction = .refused
        }
        let id = strict.created()
        #expect(strict.call("PATCH", "\(Provider.hostnames)/\(id)", [:]).outcome == [400, 1_400])
        #expect(strict.edit(id, ssl: Provider.ssl(["ciphers": []])).outcome == [400, 1_442])
        #expect(
            strict.edit(id, ssl: Provider.ssl(["min_tls_version": "1.3", "tls_1_3": "off"])).outcome == [400, 1_424]
        )
        #expect(
            strict.edit(id, ssl: Provider.ssl(["ciphers": ["AEAD-AES128-GCM-SHA256", "AES128-SHA"]])).status == 202
        )
        #expect(strict.get(id)["ssl"]?["settings"] == ["ciphers": ["AES128-SHA"]])
    }

    @Test func `uploads and their method can be hidden, and redeployment too`() throws {
        let authority = try CertificateAuthority(start: Provider.start)
        let end = Provider.start.adding(seconds: 90 * 86_400)
        let pair = try authority.issue(names: ["shop.tenant.dev"], key: .p256, notBefore: Provider.start, notAfter: end)
        let upload: [String: APIValue] = [
            "custom_certificate": .string(pair.chainPEM), "custom_key": .string(pair.keyPEM),
        ]
        var provider = provider {
            $0.showsUploads = false
            $0.showsMethodOfUploads = false
            $0.showsRedeployment = false
        }
        let id = provider.created("shop.tenant.dev", Provider.ssl(with: upload))
        provider.wait(60)
        let ssl = provider.get(id)["ssl"]
        #expect(ssl?["custom_certificate"] == "")
        #expect(ssl?["method"] == nil && ssl?["type"] == nil)
        #expect(ssl?["certificates"]?[0]?["fingerprint_sha256"]?.string?.count == 64)
        _ = provider.edit(id, ssl: Provider.ssl(["min_tls_version": "1.2"], with: upload))
        #expect(provider.get(id)["status"] == "active")
        #expect(provider.get(id)["ssl"]?["status"] == "active")
        #expect(provider.zone.hostnames[id: id]?.certificate?.inForce?.settings.minimumTLS == nil, "the edge is behind")
        provider.wait(20)
        _ = provider.get(id)
        #expect(provider.zone.hostnames[id: id]?.certificate?.inForce?.settings.minimumTLS == "1.2")
    }

    @Test func `codes and statuses that only third parties saw can be had`() {
        var provider = Provider {
            $0.semantics.notEnabledStatus = 400
            $0.semantics.missingScopeCode = 9_109
            $0.semantics.throttledCode = 10_100
            $0.semantics.throttledSaysWhen = false
            $0.quota.isAllocated = false
            $0.tokens[0].scopes.remove(.zoneSettingsRead)
            $0.limits.calls = RateLimits.Limit(count: 2, windowSeconds: 300, lockoutSeconds: 300)
        }
        #expect(provider.list().outcome == [400, 1_404])
        #expect(provider.call("GET", Provider.settings + "/ciphers").outcome == [403, 9_109])
        let refused = provider.list()
        #expect(refused.outcome == [429, 10_100])
        #expect(refused.header("Retry-After") == nil)
    }

    @Test func `a name of another zone, an origin and a long name have codes of their own`() {
        var provider = provider {
            $0.namesTakenElsewhere = ["taken.tenant.dev"]
            $0.originRecords = ["origin.provider.dev"]
        }
        #expect(provider.create("taken.tenant.dev").outcome == [409, 1_406])
        #expect(provider.list().names == [])
        for (origin, outcome) in [
            ("origin.provider.dev", [201, 0]), ("other.provider.dev", [400, 1_421]), ("*.provider.dev", [400, 1_420]),
            ("b\u{FC}cher.dev", [400, 1_416]), ("no dots", [400, 1_415]),
        ] {
            let body: APIValue = [
                "hostname": "\(provider.zone.hostnames.count).dev", "custom_origin_server": .string(origin),
            ]
            #expect(provider.call("POST", Provider.hostnames, body).outcome == outcome, "\(origin)")
        }
        let long = String(repeating: "a.", count: 31) + "dev"
        #expect(provider.create(long).outcome == [400, 1_469])
        #expect(provider.create(long, Provider.ssl(with: ["cloudflare_branding": true])).status == 201)
        let large: APIValue = [
            "hostname": "m.dev", "custom_metadata": ["a": .string(String(repeating: "x", count: 5_000))],
        ]
        #expect(provider.call("POST", Provider.hostnames, large).outcome == [400, 1_401])
    }

    @Test func `an authority on a plan without the choice can be passed over, and origins can be Enterprise`() {
        var provider = Provider {
            $0.plan = .pro
            $0.semantics.authorityEcho = .ignored
            $0.semantics.customOriginIsEnterprise = true
        }
        let id = provider.created("a.dev", Provider.ssl(with: ["certificate_authority": "lets_encrypt"]))
        #expect(provider.get(id)["ssl"]?["certificate_authority"] == "google")
        let body: APIValue = ["hostname": "b.dev", "custom_origin_server": "o.provider.dev"]
        #expect(provider.call("POST", Provider.hostnames, body).outcome == [403, 1_414])
    }

    @Test func `edits count as certificates where the switch says so`() {
        var provider = Provider {
            $0.limits = RateLimits.Configuration()
            $0.semantics.editsCountAsCertificates = true
        }
        let id = provider.created()
        for edit in 0..<14 {
            let value: APIValue = edit % 2 == 0 ? "on" : "off"
            #expect(provider.edit(id, ssl: Provider.ssl(["http2": value])).status == 202)
        }
        #expect(provider.edit(id, ssl: Provider.ssl(["http2": "on"])).outcome == [429, 971])
    }

    @Test func `reads lag and new tokens are refused for a while`() {
        var provider = Provider {
            $0.timings.readLag = 8
            $0.timings.tokenActivation = 3
        }
        #expect(provider.create().outcome == [403, 10_000])
        provider.wait(3)
        #expect(provider.create().status == 201)
        #expect(provider.list().names == [])
        provider.wait(8)
        #expect(provider.list().names == ["shop.tenant.dev"])
    }

    @Test(arguments: [(SimulatedToken.Status.disabled, "disabled"), (.expired, "expired")])
    func `a token that is not active opens nothing but its own verification`(
        _ status: SimulatedToken.Status,
        word: String
    ) {
        var provider = Provider { $0.tokens[0].status = status }
        #expect(provider.list().outcome == [401, 10_000])
        let path = "/client/v4/accounts/\(SimulatorConfiguration.demoAccount)/tokens/verify"
        #expect(provider.call("GET", path).json["result"]?["status"]?.string == word)
        #expect(provider.call("GET", "/client/v4/accounts/ffff/tokens/verify").outcome == [404, 7_003])
    }

    @Test func `switches are set by name, and a wrong one sets nothing`() {
        let semantics = ProviderSemantics(
            script: ["absent_text": "null", "incomplete_ssl": "attribute", "maximum_per_page": 50],
            over: ProviderSemantics()
        )
        #expect(semantics?.absentText == .null)
        #expect(semantics?.incompleteSSL == .attribute)
        #expect(semantics?.maximumPerPage == 50)
        #expect(ProviderSemantics(script: ["absent_texts": "null"], over: ProviderSemantics()) == nil)
        #expect(ProviderSemantics(script: ["absent_text": "blue"], over: ProviderSemantics()) == nil)
    }

    @Test func `a zone's ciphers need the manager where the switch says so`() {
        var provider = provider { $0.hasAdvancedCertificates = false }
        let answer = provider.call("PATCH", Provider.settings + "/ciphers", ["value": ["AES128-SHA"]])
        #expect(answer.outcome == [403, 1_450])
    }

    @Test func `lists can begin with the newest, so that rows move while others create`() {
        var provider = provider { $0.listOrder = .newestFirst }
        for row in 0..<10 { _ = provider.create("h\(row).tenant.dev") }
        #expect(provider.list("per_page=5").names.first == "h9.tenant.dev")
        _ = provider.create("h10.tenant.dev")
        #expect(provider.list("per_page=5&page=2").names.first == "h5.tenant.dev", "seen on the first page already")
    }

    @Test(arguments: [true, false])
    func `cipher lists come back with ECDSA first, or as given`(_ isSorted: Bool) {
        var provider = provider { $0.sortsCiphers = isSorted }
        let given: APIValue = ["AES128-SHA", "ECDHE-ECDSA-AES128-SHA", "AES256-SHA", "ECDHE-ECDSA-AES128-GCM-SHA256"]
        let sorted: APIValue = ["ECDHE-ECDSA-AES128-SHA", "ECDHE-ECDSA-AES128-GCM-SHA256", "AES128-SHA", "AES256-SHA"]
        let id = provider.created("shop.tenant.dev", Provider.ssl(["ciphers": given]))
        #expect(provider.get(id)["ssl"]?["settings"]?["ciphers"] == (isSorted ? sorted : given))
        _ = provider.edit(id, ssl: Provider.ssl(["ciphers": sorted]))
        #expect(provider.zone.counters.equalPatches == 1, "the order means nothing")
    }

    @Test func `uploads that end soon or bring their root can be refused or not`() throws {
        let authority = try CertificateAuthority(start: Provider.start)
        func upload(days: Double, withRoot: Bool = false) throws -> APIValue {
            let pair = try authority.issue(
                names: ["shop.tenant.dev"],
                key: .p256,
                notBefore: Provider.start,
                notAfter: Provider.start.adding(seconds: days * 86_400)
            )
            return Provider.ssl(with: [
                "custom_certificate": .string(pair.chainPEM + (withRoot ? try authority.rootPEM : "")),
                "custom_key": .string(pair.keyPEM),
            ])
        }
        var strict = provider { $0.rootInBundle = .refused }
        #expect(strict.create("shop.tenant.dev", try upload(days: 90, withRoot: true)).outcome == [400, 1_441])
        #expect(strict.create("shop.tenant.dev", try upload(days: 90)).status == 201)
        var usual = provider { _ in }
        #expect(usual.create("shop.tenant.dev", try upload(days: 13)).outcome == [400, 1_434])
        var lenient = provider { $0.nearExpiry = .ignored }
        #expect(lenient.create("shop.tenant.dev", try upload(days: 13)).status == 201)
    }

    @Test func `the file that proves control has the path of the switch`() {
        var provider = provider { $0.challengePath = .pkiValidation }
        let id = provider.created()
        provider.wait(5)
        let url = provider.get(id)["ssl"]?["validation_records"]?[0]?["http_url"]?.string
        #expect(url?.hasPrefix("http://shop.tenant.dev/.well-known/pki-validation/") == true)
    }

    @Test func `plans have quotas of their own`() {
        #expect(ZonePlan.pro.quota.allocated == 100)
        #expect(ZonePlan.pro.quota.hardCap == 50_000)
        #expect(ZonePlan.enterprise.quota.hardCap > 50_000)
    }
}
