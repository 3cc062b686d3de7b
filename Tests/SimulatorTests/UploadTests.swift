import Simulator
import Testing

@Suite struct UploadTests {
    private static let later = Provider.start.adding(seconds: 90 * 86_400)

    private let authority: CertificateAuthority

    init() throws {
        authority = try CertificateAuthority(start: Provider.start)
    }

    private func issue(
        _ names: [String] = ["shop.tenant.dev"],
        _ key: CertificateAuthority.KeyType = .p256,
        digest: CertificateAuthority.SignatureDigest = .sha256
    ) throws -> (chainPEM: String, keyPEM: String) {
        try authority.issue(names: names, key: key, notBefore: Provider.start, notAfter: Self.later, digest: digest)
    }

    private func ssl(_ chain: String, _ key: String, _ settings: APIValue? = nil) -> APIValue {
        Provider.ssl(settings, with: ["custom_certificate": .string(chain), "custom_key": .string(key)])
    }

    @Test(arguments: CertificateAuthority.KeyType.allCases)
    func `an uploaded certificate is deployed without validation`(_ type: CertificateAuthority.KeyType) throws {
        let pair = try issue(["shop.tenant.dev"], type)
        var provider = Provider()
        let id = provider.created("shop.tenant.dev", ssl(pair.chainPEM, pair.keyPEM))
        provider.wait(5)
        #expect(provider.get(id)["ssl"]?["status"] == "pending_deployment")
        provider.wait(10)
        let seen = provider.get(id)["ssl"]
        #expect(seen?["status"] == "active")
        #expect(seen?["custom_certificate"]?.string == pair.chainPEM)
        #expect(seen?["custom_key"] == "")
        #expect(seen?["issuer"] == "CN=Simulated Intermediate")
        #expect(seen?["signature"] == "ECDSAWithSHA256")
        #expect(seen?["expires_on"]?.string == Self.later.rfc3339)
        #expect(seen?["serial_number"]?.string?.allSatisfy(\.isNumber) == true)
        #expect(provider.zone.hostnames[id: id]?.certificate?.inForce?.uploads.count == 1)
    }

    @Test func `bad certificates are refused with their codes`() throws {
        let (good, other) = (try issue(), try issue())
        let root = try authority.rootPEM
        let cases: [(chain: String, key: String, code: Int)] = [
            ("no PEM", good.keyPEM, 1_426),
            (" \n", good.keyPEM, 1_427),
            (good.chainPEM, "no PEM", 1_428),
            (good.chainPEM, other.keyPEM, 1_429),
            (good.chainPEM + other.chainPEM, good.keyPEM, 1_444),
            (root, good.keyPEM, 1_445),
        ]
        var provider = Provider()
        for bad in cases {
            #expect(provider.create("shop.tenant.dev", ssl(bad.chain, bad.key)).outcome == [400, bad.code])
        }
        #expect(provider.create("shop.tenant.dev", ssl("", good.keyPEM)).outcome == [400, 1_427])
        #expect(provider.create("shop.tenant.dev", ssl(good.chainPEM, "")).outcome == [400, 1_428])
    }

    @Test(arguments: [
        (["other.tenant.dev"], false), (["*.tenant.dev"], true), (["tenant.dev"], false), (["*.dev"], false),
        (["other.tenant.dev", "SHOP.tenant.dev"], true),
    ])
    func `the certificate must name the hostname`(_ names: [String], isCovered: Bool) throws {
        let pair = try issue(names)
        var provider = Provider()
        let outcome = provider.create("shop.tenant.dev", ssl(pair.chainPEM, pair.keyPEM)).outcome
        #expect(outcome == (isCovered ? [201, 0] : [400, 1_446]))
    }

    @Test func `SHA-384 signatures are not accepted`() throws {
        let pair = try issue(digest: .sha384)
        var provider = Provider()
        #expect(provider.create("shop.tenant.dev", ssl(pair.chainPEM, pair.keyPEM)).outcome == [400, 1_447])
    }

    @Test func `trust is checked where roots are given`() throws {
        let pair = try issue()
        let stranger = try CertificateAuthority(name: "Stranger", start: Provider.start).rootPEM
        let root = try authority.rootPEM
        var strict = Provider { $0.semantics.trustedRoots = [stranger] }
        #expect(strict.create("shop.tenant.dev", ssl(pair.chainPEM, pair.keyPEM)).outcome == [400, 1_441])
        var trusting = Provider { $0.semantics.trustedRoots = [stranger, root] }
        #expect(trusting.create("shop.tenant.dev", ssl(pair.chainPEM, pair.keyPEM)).status == 201)
    }

    @Test func `a bundle holds one RSA and one ECDSA pair`() throws {
        let (elliptic, rsa) = (try issue(), try issue(["shop.tenant.dev"], .rsa2048))
        func bundle(_ pairs: [(chainPEM: String, keyPEM: String)]) -> APIValue {
            let items = pairs.map { pair -> APIValue in
                ["custom_certificate": .string(pair.chainPEM), "custom_key": .string(pair.keyPEM)]
            }
            return Provider.ssl(with: ["custom_cert_bundle": .array(items)])
        }
        var provider = Provider()
        #expect(provider.create("shop.tenant.dev", bundle([elliptic, elliptic])).outcome == [400, 1_434])
        #expect(provider.create("shop.tenant.dev", bundle([])).outcome == [400, 1_434])
        #expect(provider.create("shop.tenant.dev", bundle([elliptic, rsa])).status == 201)
    }

    @Test func `signing requests are checked by id only`() {
        var provider = Provider()
        let unknown: APIValue = "00000000-0000-4000-8000-000000000000"
        #expect(provider.create("shop.tenant.dev", Provider.ssl(with: ["custom_csr_id": "x"])).outcome == [400, 1_430])
        #expect(
            provider.create("shop.tenant.dev", Provider.ssl(with: ["custom_csr_id": unknown])).outcome == [404, 1_431]
        )
    }

    @Test func `an edit without the certificate loses it to a managed one`() throws {
        let pair = try issue()
        var provider = Provider()
        let id = provider.created("shop.tenant.dev", ssl(pair.chainPEM, pair.keyPEM))
        provider.wait(60)
        #expect(provider.edit(id, ssl: Provider.ssl(["min_tls_version": "1.3"])).status == 202)
        #expect(provider.zone.counters.migrationsToManaged == 1)
        #expect(provider.get(id)["ssl"]?["custom_certificate"] == "")
        #expect(provider.get(id)["ssl"]?["status"] == "initializing")
        #expect(provider.zone.hostnames[id: id]?.certificate?.inForce?.uploads.count == 1, "served until replaced")
        provider.wait(60)
        #expect(provider.get(id)["ssl"]?["issuer"] == "GoogleTrustServices")
        #expect(provider.zone.hostnames[id: id]?.certificate?.inForce?.uploads.isEmpty == true)
    }

    @Test func `an edit with the certificate keeps it`() throws {
        let pair = try issue()
        var provider = Provider()
        let id = provider.created("shop.tenant.dev", ssl(pair.chainPEM, pair.keyPEM))
        provider.wait(60)
        let answer = provider.edit(id, ssl: ssl(pair.chainPEM, pair.keyPEM, ["min_tls_version": "1.3"]))
        #expect(answer.json["result"]?["ssl"]?["status"] == "pending_deployment")
        #expect(provider.zone.counters == SimulatedZone.Counters())
        #expect(provider.edit(id, ssl: ssl(pair.chainPEM, pair.keyPEM, ["min_tls_version": "1.3"])).status == 202)
        #expect(provider.zone.counters.equalPatches == 1)
    }

    @Test func `a wildcard hostname needs a certificate that names it`() throws {
        let pair = try issue(["*.tenant.dev"])
        var provider = Provider()
        #expect(provider.create("*.tenant.dev", ssl(pair.chainPEM, pair.keyPEM)).status == 201)
        #expect(provider.create("*.tenant.dev").outcome == [400, 1_448])
        let metadata: APIValue = ["hostname": "*.tenant.dev", "custom_metadata": ["a": "b"]]
        #expect(provider.call("POST", Provider.hostnames, metadata).outcome == [400, 1_412])
    }

    @Test func `custom certificates are for Enterprise zones`() throws {
        let pair = try issue()
        var provider = Provider { $0.plan = .pro }
        #expect(provider.create("shop.tenant.dev", ssl(pair.chainPEM, pair.keyPEM)).outcome == [403, 1_456])
    }

    @Test func `no description of the state shows a key`() throws {
        let pair = try issue()
        var provider = Provider()
        #expect(provider.create("shop.tenant.dev", ssl(pair.chainPEM, pair.keyPEM)).status == 201)
        _ = provider.create("shop.tenant.dev", ssl(pair.chainPEM, pair.keyPEM))
        let line = String(pair.keyPEM.split(separator: "\n")[1])
        var text = ""
        dump(provider.simulation, to: &text)
        #expect(text.contains("shop.tenant.dev"))
        #expect(!text.contains(line))
        #expect(!text.contains(SimulatorConfiguration.demoToken))
        #expect(!String(describing: provider.simulation).contains(line))
        #expect(!String(reflecting: provider.zone).contains(line))
    }
}
