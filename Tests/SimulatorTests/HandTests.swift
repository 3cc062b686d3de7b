import Simulator
import Testing

/// What people do at the provider while a client works.
@Suite struct HandTests {
    private func active() -> (provider: Provider, id: String) {
        var provider = Provider()
        let id = provider.created()
        provider.wait(100)
        return (provider, id)
    }

    @Test(arguments: [(SimulatedZone.Hand.move, "moved"), (.block, "blocked")])
    func `a hostname is moved or blocked until the next edit`(_ hand: SimulatedZone.Hand, status: String) {
        var (provider, id) = active()
        #expect(provider.apply(hand) == true)
        #expect(provider.get(id)["status"]?.string == status)
        provider.wait(6 * 86_400)
        #expect(provider.get(id)["status"]?.string == status)
        _ = provider.edit(id, ssl: Provider.ssl())
        provider.wait(15)
        #expect(provider.get(id)["status"] == "active")
    }

    @Test func `a hostname that stays moved for a week is deleted`() {
        var (provider, id) = active()
        #expect(provider.apply(.move) == true)
        provider.wait(7 * 86_400)
        #expect(provider.get(id)["status"] == "deleted")
    }

    @Test func `a hostname that was deleted by hand is gone`() {
        var (provider, id) = active()
        #expect(provider.apply(.delete) == true)
        #expect(provider.call("GET", "\(Provider.hostnames)/\(id)").outcome == [404, 1_436])
        #expect(provider.apply(.delete) == false)
    }

    @Test func `a refresh looks again at once`() {
        var provider = Provider { $0.dns = DNSTable(standard: .pointsHere(after: 5_000)) }
        let id = provider.created()
        provider.wait(5_001)
        #expect(provider.get(id)["status"] == "pending")
        #expect(provider.apply(.refresh) == true)
        provider.wait(15)
        #expect(provider.get(id)["status"] == "active")
    }
}

extension Provider {
    /// Does it to the one hostname of most tests.
    fileprivate mutating func apply(_ hand: SimulatedZone.Hand) -> Bool {
        simulation.apply(hand, to: "shop.tenant.dev", now: now)
    }
}
