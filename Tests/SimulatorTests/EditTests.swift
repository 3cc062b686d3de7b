import Simulator
import Testing

@Suite struct EditTests {
    /// A provider with one active hostname that has two settings.
    private func active(
        _ change: (inout SimulatorConfiguration) -> Void = { _ in }
    ) -> (provider: Provider, id: String) {
        var provider = Provider(change)
        let id = provider.created("shop.tenant.dev", Provider.ssl(["min_tls_version": "1.2", "http2": "on"]))
        provider.wait(100)
        return (provider, id)
    }

    @Test func `settings are replaced as a whole`() {
        var (provider, id) = active()
        #expect(provider.edit(id, ssl: Provider.ssl(["min_tls_version": "1.1"])).status == 202)
        #expect(provider.get(id)["ssl"]?["settings"] == ["min_tls_version": "1.1"])
    }

    @Test func `an ssl object without settings clears them`() {
        var (provider, id) = active()
        _ = provider.edit(id, ssl: Provider.ssl())
        #expect(provider.get(id)["ssl"]?["settings"] == [:])
    }

    @Test func `settings are merged where the switch says so`() {
        var (provider, id) = active { $0.semantics.settings = .merged }
        _ = provider.edit(id, ssl: Provider.ssl(["min_tls_version": "1.1"]))
        #expect(provider.get(id)["ssl"]?["settings"] == ["min_tls_version": "1.1", "http2": "on"])
    }

    @Test func `a merge may not put ciphers beside TLS 1_3`() {
        var (provider, id) = active { $0.semantics.settings = .merged }
        _ = provider.edit(id, ssl: Provider.ssl(["ciphers": ["AES128-SHA"]]))
        #expect(provider.edit(id, ssl: Provider.ssl(["min_tls_version": "1.3"])).outcome == [400, 1_443])
    }

    @Test func `an empty list clears the ciphers, merged or replaced`() {
        for settings in [ProviderSemantics.Settings.merged, .replaced] {
            var (provider, id) = active { $0.semantics.settings = settings }
            _ = provider.edit(id, ssl: Provider.ssl(["ciphers": ["AES128-SHA"], "http2": "on"]))
            _ = provider.edit(id, ssl: Provider.ssl(["ciphers": [], "http2": "on"]))
            #expect(provider.get(id)["ssl"]?["settings"]?["ciphers"] == nil)
            #expect(provider.get(id)["ssl"]?["settings"]?["http2"] == "on")
        }
    }

    @Test func `changed settings are redeployed for 20 seconds and serve only then`() {
        var (provider, id) = active()
        _ = provider.edit(id, ssl: Provider.ssl(["min_tls_version": "1.3"]))
        #expect(provider.get(id)["status"] == "active_redeploying")
        #expect(provider.get(id)["ssl"]?["status"] == "pending_deployment")
        provider.wait(19.999999)
        _ = provider.get(id)
        #expect(provider.zone.hostnames[id: id]?.certificate?.inForce?.settings.minimumTLS == "1.2")
        provider.wait(0.000001)
        #expect(provider.get(id)["status"] == "active")
        #expect(provider.get(id)["ssl"]?["status"] == "active")
        #expect(provider.zone.hostnames[id: id]?.certificate?.inForce?.settings.minimumTLS == "1.3")
        #expect(provider.zone.counters == SimulatedZone.Counters())
    }

    static let incomplete: [(APIValue, Int)] = [
        (["settings": ["min_tls_version": "1.3"]], 1_434),
        ([:], 1_434),
        (["type": "dv", "settings": [:]], 1_440),
        (["method": "http"], 1_440),
        (["type": "ev", "method": "http"], 1_433),
        (["type": "dv", "method": "cname"], 1_432),
    ]

    @Test(arguments: incomplete)
    func `type and method are needed`(_ ssl: APIValue, code: Int) {
        var (provider, id) = active()
        #expect(provider.edit(id, ssl: ssl).outcome == [400, code])
        #expect(provider.get(id)["ssl"]?["settings"] == ["min_tls_version": "1.2", "http2": "on"])
    }

    @Test func `settings alone can be ignored in silence`() {
        var (provider, id) = active { $0.semantics.settingsAlone = .ignored }
        #expect(provider.edit(id, ssl: ["settings": ["min_tls_version": "1.3"]]).status == 202)
        #expect(provider.get(id)["ssl"]?["settings"]?["min_tls_version"] == "1.2")
        #expect(provider.zone.counters == SimulatedZone.Counters())
    }

    @Test func `an edit equal to the present restarts validation and is counted`() {
        var (provider, id) = active()
        let tokens = provider.get(id)["ssl"]
        let answer = provider.edit(id, ssl: Provider.ssl(["http2": "on", "min_tls_version": "1.2"]))
        #expect(answer.json["result"]?["ssl"]?["status"] == "pending_validation")
        #expect(answer.json["result"]?["ssl"]?["validation_records"] != nil)
        #expect(tokens?["validation_records"] == nil)
        #expect(provider.zone.counters.validationRestarts == 1)
        #expect(provider.zone.counters.equalPatches == 1)
        #expect(provider.simulation.log.count(.edit, hostname: "shop.tenant.dev", isEqualPatch: true) == 1)
        provider.wait(60)
        #expect(provider.get(id)["ssl"]?["status"] == "active")
    }

    @Test func `an edit that only reorders ciphers is equal`() {
        var (provider, id) = active()
        _ = provider.edit(id, ssl: Provider.ssl(["ciphers": ["AES128-SHA", "AES256-SHA"]]))
        _ = provider.edit(id, ssl: Provider.ssl(["ciphers": ["AES256-SHA", "AES128-SHA"]]))
        #expect(provider.zone.counters.equalPatches == 1)
    }

    @Test func `an equal edit keeps fresh validation tokens and renews stale ones`() {
        var provider = Provider { $0.dns = DNSTable(standard: .never) }
        let id = provider.created()
        provider.wait(10)
        let first = provider.get(id)["ssl"]?["validation_records"]
        _ = provider.edit(id, ssl: Provider.ssl())
        #expect(provider.get(id)["ssl"]?["validation_records"] == first)
        provider.wait(15 * 86_400)
        let owner = provider.get(id)["ownership_verification"]
        _ = provider.edit(id, ssl: Provider.ssl())
        #expect(provider.get(id)["ssl"]?["validation_records"] != first)
        #expect(provider.get(id)["ownership_verification"] == owner)
    }

    @Test(arguments: [DNSFixture.blocked, .moved])
    func `an edit brings back a hostname that was moved or blocked`(_ fixture: DNSFixture) {
        var (provider, id) = active()
        provider.simulation.setDNS(DNSTable(standard: fixture), now: provider.now)
        provider.wait(60)
        provider.simulation.setDNS(DNSTable(), now: provider.now)
        #expect(provider.get(id)["status"] != "active")
        _ = provider.edit(id, ssl: Provider.ssl(["min_tls_version": "1.3"]))
        #expect(provider.get(id)["status"] == "pending")
        provider.wait(15)
        #expect(provider.get(id)["status"] == "active")
    }

    @Test func `metadata changes without ssl leave the certificate alone`() {
        var (provider, id) = active()
        let answer = provider.call("PATCH", "\(Provider.hostnames)/\(id)", ["custom_metadata": ["tier": "gold"]])
        #expect(answer.json["result"]?["custom_metadata"] == ["tier": "gold"])
        #expect(answer.json["result"]?["ssl"]?["status"] == "active")
        #expect(provider.zone.counters.equalPatches == 0)
    }

    @Test func `a misspelt key is accepted and does nothing`() {
        var (provider, id) = active()
        let settings: APIValue = ["min_tls_version": "1.2", "http2": "on", "min_tls_version:": "1.3"]
        #expect(provider.edit(id, ssl: Provider.ssl(settings)).status == 202)
        #expect(provider.get(id)["ssl"]?["settings"] == ["min_tls_version": "1.2", "http2": "on"])
    }

    @Test func `a misspelt key is refused where the switch says so`() {
        var (provider, id) = active { $0.semantics.unknownKeys = .refused }
        #expect(provider.edit(id, ssl: Provider.ssl(["min_tls_version:": "1.3"])).outcome == [400, 1_400])
        #expect(provider.edit(id, ssl: Provider.ssl(with: ["colour": "red"])).outcome == [400, 1_400])
        #expect(provider.call("PATCH", "\(Provider.hostnames)/\(id)", ["hostname": "x.dev"]).outcome == [400, 1_400])
    }

    @Test func `an empty cipher list clears the list`() {
        var (provider, id) = active()
        _ = provider.edit(id, ssl: Provider.ssl(["ciphers": ["AES128-SHA"]]))
        #expect(provider.get(id)["ssl"]?["settings"] == ["ciphers": ["AES128-SHA"]])
        _ = provider.edit(id, ssl: Provider.ssl(["ciphers": []]))
        #expect(provider.get(id)["ssl"]?["settings"] == [:])
    }

    @Test func `an edit in the dashboard pins the minimum TLS version`() {
        var provider = Provider()
        let id = provider.created()
        provider.wait(100)
        let edited = provider.simulation.editByHand(
            "shop.tenant.dev",
            HostnameSettings(http2: "off"),
            now: provider.now
        )
        #expect(edited)
        #expect(provider.get(id)["ssl"]?["settings"] == ["min_tls_version": "1.0", "http2": "off"])
        #expect(provider.get(id)["status"] == "active_redeploying")
        let isFound = provider.simulation.editByHand("other.tenant.dev", HostnameSettings(), now: provider.now)
        #expect(!isFound)
    }
}
