import Simulator
import Testing

/// Another client of the same token, whom the provider does not tell apart.
@Suite struct SecondWriterTests {
    private func shared(_ share: Double) -> Provider {
        Provider {
            $0.limits = RateLimits.Configuration()
            $0.limits.foreignShare = share
        }
    }

    @Test func `a second writer burns its share, and the rest is ours`() {
        var provider = shared(0.3)
        _ = provider.list()
        var refused = 0
        // 70 % of 1,200 in 300 seconds, kept up for half an hour.
        for _ in 0..<(6 * 838) {
            provider.wait(300 / 838)
            if provider.list("per_page=5").status == 429 { refused += 1 }
        }
        #expect(refused == 0)
        let foreign = provider.simulation.limits.foreignCalls(token: "demo")
        #expect((2_100...2_200).contains(foreign.made), "\(foreign)")
        #expect(foreign.breaches == 0)
    }

    @Test func `who takes more than the rest is locked out, whoever it was that broke the limit`() {
        var provider = shared(0.3)
        var refused = 0
        for _ in 0..<2_400 {
            provider.wait(0.25)
            if provider.list("per_page=5").status == 429 { refused += 1 }
        }
        #expect(refused > 0)
        #expect(provider.list().header("Ratelimit") != nil)
    }

    @Test func `headers count what the other one used`() {
        var provider = shared(0.5)
        _ = provider.list()
        provider.wait(150)
        let header = provider.list().header("Ratelimit")
        #expect(header?.hasPrefix("\"default\";r=89") == true, "\(header ?? "")")
    }
}
