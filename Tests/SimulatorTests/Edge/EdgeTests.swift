import Simulator
import Testing

/// The edge over real TLS: who is served, by what, and from when on.
@Suite(.timeLimit(.minutes(2))) struct EdgeTests {
    @Test func `a hostname is served from its deployment until its deletion`() async throws {
        try await EdgeWorld.run { (world) async throws in
            let id = try await world.create("shop.tenant.dev")
            let client = world.client("shop.tenant.dev")
            #expect(try await client.request().isUnrecognized, "not deployed yet")
            world.server.clock.step(seconds: 120)
            let served = try await client.request()
            #expect(served.status == 200)
            #expect(try await world.client("SHOP.tenant.dev").request().leaf == served.leaf)
            #expect(try await world.client("other.tenant.dev").request().isUnrecognized)
            #expect(try await world.client("a.shop.tenant.dev").request().isUnrecognized, "no wildcard")
            _ = try await world.caller.call("DELETE", Provider.hostnames + "/" + id)
            #expect(try await client.request().isUnrecognized, "deleted")
        }
    }
}

extension EdgeClient.Outcome {
    /// The alert of RFC 6066 for a name that is not served.
    var isUnrecognized: Bool { isRefused(by: "UNRECOGNIZED_NAME") }

    /// True if the handshake was ended by this alert.
    func isRefused(by alert: String) -> Bool {
        guard case .refused(let reason) = self else { return false }
        return reason.contains(alert)
    }
}
