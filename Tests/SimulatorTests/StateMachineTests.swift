import Simulator
import Testing

/// What a read shows at one virtual second.
struct Sight: Sendable {
    var second: Double
    var status: String
    var ssl: String
    var showsRecords: Bool

    init(_ second: Double, _ status: String, _ ssl: String, records: Bool = false) {
        self.second = second
        self.status = status
        self.ssl = ssl
        self.showsRecords = records
    }
}

@Suite struct StateMachineTests {
    private static let day: Double = 86_400

    static let histories: [(fixture: DNSFixture, sights: [Sight])] = [
        (
            .pointsHere(after: 0),
            [
                Sight(0, "pending", "initializing"),
                Sight(4.999999, "pending", "initializing"),
                Sight(5, "pending", "pending_validation", records: true),
                Sight(14.999999, "pending", "pending_validation", records: true),
                Sight(15, "active", "pending_issuance"),
                Sight(35, "active", "pending_deployment"),
                Sight(45, "active", "active"),
                Sight(30 * day, "active", "active"),
            ]
        ),
        (
            .pointsHere(after: 600),
            [
                Sight(600, "pending", "pending_validation", records: true),
                Sight(610, "pending", "pending_issuance"),
                Sight(615, "active", "pending_issuance"),
                Sight(640, "active", "active"),
            ]
        ),
        (
            .never,
            [
                Sight(7 * day - 1, "pending", "pending_validation", records: true),
                Sight(7 * day, "moved", "pending_validation", records: true),
                Sight(14 * day - 1, "moved", "pending_validation", records: true),
                Sight(14 * day, "deleted", "pending_validation", records: true),
                Sight(14 * day + 5, "deleted", "validation_timed_out", records: true),
            ]
        ),
        (
            .blocked,
            [
                Sight(14, "pending", "pending_validation", records: true),
                Sight(15, "blocked", "pending_validation", records: true),
            ]
        ),
        (
            .moved,
            [
                Sight(15, "moved", "pending_validation", records: true),
                Sight(15 + 7 * day, "deleted", "pending_validation", records: true),
            ]
        ),
    ]

    @Test(arguments: histories)
    func `a hostname walks its states by virtual time`(_ history: (fixture: DNSFixture, sights: [Sight])) {
        var provider = Provider {
            $0.dns = DNSTable(standard: history.fixture)
            $0.semantics.tries = .prompt
        }
        let id = provider.created()
        for sight in history.sights {
            provider.now = Provider.start.adding(seconds: sight.second)
            let seen = provider.get(id)
            #expect(seen["status"]?.string == sight.status, "at \(sight.second) s")
            #expect(seen["ssl"]?["status"]?.string == sight.ssl, "at \(sight.second) s")
            #expect((seen["ssl"]?["validation_records"] != nil) == sight.showsRecords, "at \(sight.second) s")
        }
    }

    @Test(arguments: histories)
    func `one late look sees what many looks would have seen`(_ history: (fixture: DNSFixture, sights: [Sight])) throws
    {
        let last = try #require(history.sights.last)
        var provider = Provider {
            $0.dns = DNSTable(standard: history.fixture)
            $0.semantics.tries = .prompt
        }
        let id = provider.created()
        provider.wait(last.second)
        #expect(provider.get(id)["status"]?.string == last.status)
        #expect(provider.get(id)["ssl"]?["status"]?.string == last.ssl)
    }

    @Test func `tokens are shown until the hostname is validated and have the documented forms`() {
        var provider = Provider()
        let id = provider.created()
        provider.wait(5)
        let seen = provider.get(id)
        let token = seen["ownership_verification"]?["value"]
        #expect(seen["ownership_verification"]?["name"] == "_cf-custom-hostname.shop.tenant.dev")
        #expect(seen["ownership_verification"]?["type"] == "txt")
        #expect(token?.string?.count == 36)
        #expect(seen["ownership_verification_http"]?["http_body"] == token)
        let url = "http://shop.tenant.dev/.well-known/cf-custom-hostname-challenge/\(id)"
        #expect(seen["ownership_verification_http"]?["http_url"]?.string == url)
        provider.wait(10)
        #expect(provider.get(id)["ownership_verification"] == nil)
        #expect(provider.get(id)["ownership_verification_http"] == nil)
    }

    @Test func `a wildcard is validated by two TXT records of one name`() {
        var provider = Provider()
        let id = provider.created("shop.tenant.dev", Provider.ssl(with: ["method": "txt", "wildcard": true]))
        provider.wait(5)
        let records = provider.get(id)["ssl"]?["validation_records"]?.array ?? []
        #expect(
            records.map { $0["txt_name"] } == ["_acme-challenge.shop.tenant.dev", "_acme-challenge.shop.tenant.dev"]
        )
        #expect(Set(records.map { $0["txt_value"] }).count == 2)
    }

    @Test func `DNS that is not right is explained in the provider's words`() {
        var provider = Provider { $0.dns = DNSTable(standard: .never) }
        let id = provider.created()
        let errors = provider.get(id)["verification_errors"]?.strings ?? []
        #expect(errors.first == "custom hostname does not CNAME to this zone.")
        #expect(errors.count == 2)
    }

    @Test func `an exact name has its own DNS and a change counts from then on`() {
        var provider = Provider {
            $0.dns = DNSTable(standard: .never, exceptions: ["a.tenant.dev": .pointsHere(after: 0)])
            $0.semantics.tries = .prompt
        }
        let (first, second) = (provider.created("a.tenant.dev"), provider.created("b.tenant.dev"))
        provider.wait(100)
        #expect(provider.get(first)["status"] == "active")
        #expect(provider.get(second)["status"] == "pending")
        provider.simulation.setDNS(DNSTable(standard: .pointsHere(after: 10)), now: provider.now)
        provider.wait(24)
        #expect(provider.get(second)["status"] == "pending")
        provider.wait(1)
        #expect(provider.get(second)["status"] == "active")
    }

    @Test func `an active hostname moves when its DNS leaves`() {
        var provider = Provider()
        let id = provider.created()
        provider.wait(60)
        provider.simulation.setDNS(DNSTable(standard: .moved), now: provider.now)
        provider.wait(15)
        #expect(provider.get(id)["status"] == "moved")
    }

    @Test func `without a fallback origin nothing becomes active until it has one`() {
        var provider = Provider {
            $0.fallbackOrigin = nil
            $0.semantics.tries = .prompt
        }
        let id = provider.created()
        provider.wait(3_600)
        #expect(provider.get(id)["status"] == "pending")
        #expect(provider.get(id)["verification_errors"]?[0] == "Zone does not have a fallback origin set.")
        _ = provider.call("PUT", Provider.hostnames + "/fallback_origin", ["origin": "edge.provider.dev"])
        provider.wait(20)
        #expect(provider.get(id)["status"] == "active")
    }

    @Test func `a deleted hostname can linger and then is gone for good`() {
        var provider = Provider { $0.timings.deletionLinger = 30 }
        let id = provider.created()
        let answer = provider.call("DELETE", "\(Provider.hostnames)/\(id)")
        #expect(answer.json == ["id": .string(id)])
        provider.wait(29)
        #expect(provider.get(id)["status"] == "pending_deletion")
        #expect(provider.edit(id, ssl: Provider.ssl()).outcome == [409, 1_439])
        #expect(provider.call("DELETE", "\(Provider.hostnames)/\(id)").status == 200)
        #expect(provider.create().outcome == [409, 1_406])
        provider.wait(1)
        #expect(provider.call("GET", "\(Provider.hostnames)/\(id)").outcome == [404, 1_436])
        #expect(provider.created() != id)
    }
}
