import Simulator
import Testing

/// What age does to certificates.
@Suite struct RenewalTests {
    private static let day: Double = 86_400

    private func active(
        _ more: [String: APIValue],
        dns: DNSFixture = .pointsHere(after: 0),
        _ change: (inout SimulatorConfiguration) -> Void = { _ in }
    ) -> (provider: Provider, id: String) {
        var provider = Provider {
            $0.dns = DNSTable(standard: dns)
            change(&$0)
        }
        let id = provider.created("shop.tenant.dev", Provider.ssl(with: more))
        provider.wait(60)
        return (provider, id)
    }

    @Test func `a certificate is renewed 30 days before its end and served until then`() {
        var (provider, id) = active(["method": "txt"])
        let first = provider.get(id)["ssl"]?["serial_number"]
        provider.wait(60 * Self.day - 120)
        #expect(provider.get(id)["ssl"]?["status"] == "active")
        provider.wait(100)
        #expect(provider.get(id)["ssl"]?["status"] == "pending_validation")
        #expect(provider.get(id)["ssl"]?["method"] == "http", "a renewal turns txt into http")
        #expect(provider.get(id)["status"] == "active")
        #expect(provider.zone.hostnames[id: id]?.certificate?.inForce != nil)
        provider.wait(60)
        #expect(provider.get(id)["ssl"]?["status"] == "active")
        #expect(provider.get(id)["ssl"]?["serial_number"] != first)
        provider.wait(600 * Self.day)
        #expect(provider.get(id)["ssl"]?["status"] != "expired", "renewals go on")
    }

    static let keeping: [(String, [String: APIValue], DNSRecords, changes: Bool)] = [
        ("a wildcard", ["method": "txt", "wildcard": true], DNSRecords(route: .here, challenge: .current), true),
        ("a delegation", ["method": "txt"], DNSRecords(route: .here, isDelegated: true), true),
        ("the switch", ["method": "txt"], DNSRecords(route: .here), false),
    ]

    @Test(arguments: keeping)
    func `some keep their method`(_ example: (String, [String: APIValue], DNSRecords, changes: Bool)) {
        var (provider, id) = active(example.1, dns: .records(example.2)) {
            $0.semantics.renewalChangesMethod = example.changes
        }
        provider.wait(60 * Self.day)
        #expect(provider.get(id)["ssl"]?["method"] == "txt", "\(example.0)")
    }

    @Test func `a certificate that cannot be renewed expires`() {
        var (provider, id) = active([:])
        provider.simulation.setDNS(DNSTable(standard: .never), now: provider.now)
        provider.wait(80 * Self.day)
        #expect(provider.get(id)["ssl"]?["status"] == "validation_timed_out")
        provider.wait(11 * Self.day)
        #expect(provider.get(id)["ssl"]?["status"] == "expired")
    }

    @Test func `an uploaded certificate nears its end and expires`() throws {
        let authority = try CertificateAuthority(start: Provider.start)
        let end = Provider.start.adding(seconds: 90 * Self.day)
        let pair = try authority.issue(names: ["shop.tenant.dev"], key: .p256, notBefore: Provider.start, notAfter: end)
        var (provider, id) = active([
            "custom_certificate": .string(pair.chainPEM), "custom_key": .string(pair.keyPEM),
        ])
        for (day, status) in [(75.0, "active"), (2, "pending_expiration"), (14, "expired")] {
            provider.wait(day * Self.day)
            #expect(provider.get(id)["ssl"]?["status"]?.string == status)
        }
        let newer = try authority.issue(
            names: ["shop.tenant.dev"],
            key: .p256,
            notBefore: Provider.start,
            notAfter: end.adding(seconds: 365 * Self.day)
        )
        let ssl = Provider.ssl(with: [
            "custom_certificate": .string(newer.chainPEM), "custom_key": .string(newer.keyPEM),
        ])
        #expect(provider.edit(id, ssl: ssl).status == 202)
        provider.wait(60)
        #expect(provider.get(id)["ssl"]?["status"] == "active")
    }
}
