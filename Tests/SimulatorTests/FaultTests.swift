import Simulator
import Testing

@Suite struct FaultTests {
    private func provider(_ rules: FaultPlan.Rule...) -> Provider {
        Provider { $0.faults = FaultPlan(seed: 7, rules: rules) }
    }

    @Test(arguments: [
        (Fault.throttled(.absent), [429, 971]),
        (.internalError, [500, 1_500]),
        (.badGateway, [502, 0]),
        (.closedBeforeCommit, [0, 0]),
        (.notModifiable, [409, 1_439]),
        (.forbidden, [403, 10_000]),
        (.gateway(status: 503), [503, 0]),
        (.redirect("http://127.0.0.1:9/"), [307, 0]),
        (.connectionReset, [0, 0]),
    ])
    func `a call that fails before its commit changes nothing`(_ fault: Fault, outcome: [Int]) {
        var provider = provider(.init(fault, .next(1)))
        #expect(provider.create().outcome == outcome)
        #expect(provider.zone.hostnames.count == 0)
        #expect(provider.simulation.log.entries.last?.fault == fault)
        #expect(provider.create().status == 201)
    }

    @Test func `a lost reply leaves its change behind`() {
        var provider = provider(.init(.replyLost, .next(1), operations: [.create]))
        #expect(provider.exchange("POST", Provider.hostnames, ["hostname": "a.tenant.dev"]).answer == nil)
        #expect(provider.zone.hostnames[name: "a.tenant.dev"] != nil)
        #expect(provider.simulation.log.entries.last?.status == nil)
        #expect(provider.create("a.tenant.dev").outcome == [409, 1_406])
    }

    @Test func `a gateway's page is HTML`() {
        var provider = provider(.init(.badGateway, .next(1)))
        guard case .html(let page) = provider.list().body else {
            Issue.record("no page")
            return
        }
        #expect(page.contains("502 Bad Gateway"))
    }

    @Test func `Retry-After comes in seconds or not at all`() {
        var provider = provider(
            .init(.throttled(.seconds(3)), .nth(1)),
            .init(.throttled(.absent), .nth(2))
        )
        #expect(provider.list().header("Retry-After") == "3")
        #expect(provider.list().header("Retry-After") == nil)
        #expect(provider.list().status == 200)
    }

    @Test func `a slow answer is right and late`() {
        var provider = provider(.init(.slow(seconds: 12), .next(1)))
        let exchange = provider.exchange("GET", Provider.hostnames)
        #expect(exchange.delaySeconds == 12)
        #expect(exchange.answer?.status == 200)
    }

    @Test func `an unknown status stands in every row`() {
        var provider = provider(.init(.unknownStatus("quantum"), .next(2), operations: [.get, .list]))
        let id = provider.created()
        #expect(provider.get(id)["status"] == "quantum")
        #expect(provider.list().json["result"]?[0]?["ssl"]?["status"] == "quantum")
        #expect(provider.get(id)["status"] == "pending")
    }

    @Test func `an answer can have fields of tomorrow, nulls, other messages and any good status`() {
        var provider = provider(
            .init(.extraFields, .nth(1)),
            .init(.nulls, .nth(2)),
            .init(.otherMessages, .nth(3)),
            .init(.successStatus(204), .nth(4))
        )
        _ = provider.created()
        #expect(provider.create("a.tenant.dev").json["result"]?["ssl"]?["expires_on"] == .null)
        #expect(provider.create("b.tenant.dev").json["messages"]?[0]?["code"] == 10_000)
        #expect(provider.create("c.tenant.dev").status == 204)
        #expect(provider.zone.hostnames.count == 4)
        provider = self.provider(.init(.extraFields, .next(1), operations: [.list]))
        _ = provider.created()
        #expect(provider.list().json["result"]?[0]?["ssl"]?["field_of_tomorrow"] != nil)
    }

    @Test func `every fault can be scripted by its name`() throws {
        let names = [
            "throttled", "internal_error", "forbidden", "bad_gateway", "gateway", "redirect", "not_modifiable",
            "closed_before_commit", "connection_reset", "reply_lost", "slow", "slow_body", "truncated", "huge",
            "success_status", "unknown_status", "extra_fields", "nulls", "other_messages", "ignored_setting",
            "stale_reads",
        ]
        for name in names {
            let plan = try FaultPlan(script: ["rules": [["fault": .string(name), "next": 1]]], now: Provider.start)
            #expect(plan.rules.first?.fault.name == name)
        }
    }

    @Test func `an ignored setting is answered with success and does not take`() {
        var provider = provider(.init(.ignoredSetting("min_tls_version"), .next(1), operations: [.edit]))
        let id = provider.created("shop.tenant.dev", Provider.ssl(["min_tls_version": "1.0"]))
        #expect(provider.edit(id, ssl: Provider.ssl(["min_tls_version": "1.2", "http2": "on"])).status == 202)
        #expect(provider.get(id)["ssl"]?["settings"] == ["min_tls_version": "1.0", "http2": "on"])
        #expect(provider.zone.counters.equalPatches == 0)
    }

    @Test func `stale reads show the time before the write`() {
        var provider = provider(.init(.staleReads(seconds: 30), .next(2)))
        let id = provider.created()
        #expect(provider.call("GET", "\(Provider.hostnames)/\(id)").outcome == [404, 1_436])
        #expect(provider.list().names == [])
        _ = provider.edit(id, ssl: Provider.ssl(["min_tls_version": "1.2"]))
        #expect(provider.get(id)["ssl"]?["settings"] == [:])
        provider.wait(29.999999)
        #expect(provider.get(id)["ssl"]?["settings"] == [:])
        provider.wait(0.000001)
        #expect(provider.get(id)["ssl"]?["settings"] == ["min_tls_version": "1.2"])
        #expect(provider.list().names == ["shop.tenant.dev"])
    }

    @Test func `counted faults hit exactly the calls they are for`() {
        var provider = provider(.init(.internalError, .next(2), operations: [.create], hostname: "b.tenant.dev"))
        #expect(provider.list().status == 200)
        #expect(provider.create("a.tenant.dev").status == 201)
        #expect(provider.create("b.tenant.dev").status == 500)
        #expect(provider.create("b.tenant.dev").status == 500)
        #expect(provider.create("b.tenant.dev").status == 201)
    }

    @Test func `a probability holds within its window and follows from the seed`() {
        func fates(seed: UInt64) -> [Bool] {
            let (from, until) = (Provider.start.adding(seconds: 10), Provider.start.adding(seconds: 20))
            var plan = FaultPlan(seed: seed, rules: [.init(.badGateway, .probability(0.3, from: from, until: until))])
            return (0..<3_000).map { call in
                let now = Provider.start.adding(seconds: Double(call) / 100)
                return plan.decide(.get, hostname: nil, now: now) != nil
            }
        }
        let fates1 = fates(seed: 1)
        #expect(!fates1[..<1_000].contains(true))
        #expect(!fates1[2_000...].contains(true))
        #expect((230...370).contains(fates1[1_000..<2_000].count { $0 }))
        #expect(fates1 == fates(seed: 1))
        #expect(fates1 != fates(seed: 2))
    }

    @Test func `calls of one kind do not change the fate of another kind`() {
        let rules = [FaultPlan.Rule(.badGateway, .probability(0.5))]
        var (alone, mixed) = (FaultPlan(seed: 3, rules: rules), FaultPlan(seed: 3, rules: rules))
        for _ in 0..<100 {
            _ = mixed.decide(.list, hostname: nil, now: Provider.start)
            let fate = alone.decide(.create, hostname: nil, now: Provider.start)
            #expect(mixed.decide(.create, hostname: nil, now: Provider.start) == fate)
        }
    }

    @Test func `faults that mean nothing to a read wait for a write`() {
        var provider = provider(.init(.notModifiable, .next(1)))
        #expect(provider.list().status == 200)
        #expect(provider.create().status == 409)
    }

    @Test func `a script is read, and a bad one says where it is bad`() throws {
        let script = try #require(
            APIValue(
                parsing: """
                    {"seed": 7, "rules": [
                      {"fault": "throttled", "retry_after": "seconds", "seconds": 3,
                       "operations": ["create"], "next": 5},
                      {"fault": "reply_lost", "hostname": "a.dev", "probability": 0.5, "until_seconds": 600}]}
                    """
            )
        )
        let plan = try FaultPlan(script: script, now: Provider.start)
        #expect(plan.seed == 7)
        #expect(
            plan.rules == [
                .init(.throttled(.seconds(3)), .next(5), operations: [.create]),
                .init(.replyLost, .probability(0.5, until: Provider.start.adding(seconds: 600)), hostname: "a.dev"),
            ]
        )
        let error = #expect(throws: FaultPlan.ScriptError.self) {
            try FaultPlan(script: ["rules": [["fault": "gremlins", "next": 1]]], now: Provider.start)
        }
        #expect(error?.description == "rules[0]: fault: unknown fault gremlins")
    }

    @Test func `the log counts and knows no secrets`() {
        var provider = Provider()
        let id = provider.created("a.tenant.dev")
        _ = provider.get(id)
        _ = provider.list()
        let log = provider.simulation.log
        #expect(log.total == 3)
        #expect(log.totals == [.create: 1, .get: 1, .list: 1])
        #expect(log.count(hostname: "a.tenant.dev") == 2)
        #expect(log.count(.create, status: 201) == 1)
        #expect(log.entries.map(\.number) == [1, 2, 3])
        #expect(!String(describing: log).contains(SimulatorConfiguration.demoToken))
    }
}
