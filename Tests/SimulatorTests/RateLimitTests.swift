import Simulator
import Testing

@Suite struct RateLimitTests {
    private func limited() -> Provider {
        Provider { $0.limits = RateLimits.Configuration() }
    }

    @Test func `call 1201 within five minutes locks out for five minutes`() {
        var provider = limited()
        for _ in 0..<1_200 { #expect(provider.list().status == 200) }
        let refused = provider.list()
        #expect(refused.outcome == [429, 971])
        #expect(refused.header("Retry-After") == "300")
        #expect(refused.header("Ratelimit") == "\"default\";r=0;t=300")
        provider.wait(299.999999)
        #expect(provider.list().outcome == [429, 971])
        #expect(provider.list().header("Retry-After") == "1")
        provider.wait(0.000001)
        #expect(provider.list().status == 200)
    }

    @Test func `the window slides: the limit holds in every phase`() {
        var provider = limited()
        provider.wait(299)
        for _ in 0..<1_200 { _ = provider.list() }
        provider.wait(2)
        #expect(provider.list().status == 429, "a fixed window would have begun anew")
    }

    @Test func `calls that have left the window are free again`() {
        var provider = limited()
        for _ in 0..<600 { _ = provider.list() }
        provider.wait(150)
        for _ in 0..<600 { _ = provider.list() }
        provider.wait(150)
        for _ in 0..<600 { #expect(provider.list().status == 200) }
        #expect(provider.list().status == 429)
    }

    @Test func `each answer says what is left`() {
        var provider = limited()
        #expect(provider.list().header("Ratelimit") == "\"default\";r=1199;t=300")
        provider.wait(100)
        let answer = provider.call("GET", Provider.hostnames + "/nonsense")
        #expect(answer.status == 400)
        #expect(answer.header("Ratelimit") == "\"default\";r=1198;t=200")
        #expect(answer.header("Ratelimit-Policy") == "\"burst\";q=1200;w=300")
    }

    @Test func `the 16th creation of a minute locks creations out for 30 seconds`() {
        var provider = limited()
        for row in 0..<15 {
            provider.wait(2)
            #expect(provider.create("h\(row).tenant.dev").status == 201)
        }
        let refused = provider.create("late.tenant.dev")
        #expect(refused.outcome == [429, 971])
        #expect(refused.header("Retry-After") == "30")
        #expect(provider.list().status == 200)
        provider.wait(29.999999)
        #expect(provider.create("late.tenant.dev").status == 429)
        provider.wait(2.000001)
        #expect(provider.create("late.tenant.dev").status == 201)
        #expect(provider.zone.hostnames.count == 16)
    }

    @Test func `only successful creations count`() {
        var provider = limited()
        for _ in 0..<50 { #expect(provider.create("bad.test").status == 400) }
        for row in 0..<15 { #expect(provider.create("h\(row).tenant.dev").status == 201) }
        #expect(provider.create("late.tenant.dev").status == 429)
    }

    @Test func `each token has its own calls`() {
        let (first, second) = ("first-token-0123", "second-token-0123")
        var provider = Provider {
            $0.tokens = [SimulatedToken(id: "1", secret: first), SimulatedToken(id: "2", secret: second)]
            $0.limits.calls = RateLimits.Limit(count: 1, windowSeconds: 10, lockoutSeconds: 10)
        }
        provider.authorization = "Bearer \(first)"
        #expect(provider.list().status == 200)
        #expect(provider.list().status == 429)
        provider.authorization = "Bearer \(second)"
        #expect(provider.list().status == 200)
    }

    @Test func `without limits nothing is refused`() {
        var provider = Provider()
        for _ in 0..<1_300 { #expect(provider.list("per_page=5").status == 200) }
        #expect(provider.list().header("Ratelimit") == "\"default\";r=1200;t=300")
    }

    @Test func `on a faster clock the wire counts the client's seconds`() {
        var configuration = SimulatorConfiguration()
        configuration.limits.calls?.count = 0
        var simulation = Simulation(configuration, now: Provider.start, secondsPerClientSecond: 60)
        let request = APIRequest(
            method: "GET",
            target: Provider.hostnames,
            authorization: "Bearer \(SimulatorConfiguration.demoToken)"
        )
        let answer = simulation.respond(to: request, now: Provider.start).answer
        #expect(answer?.header("Retry-After") == "5")
        #expect(answer?.header("Ratelimit-Policy") == "\"burst\";q=0;w=5")
    }
}
