import Simulator
import Testing

/// Which proofs count, and when they are looked for.
@Suite struct ValidationTests {
    private static let day: Double = 86_400

    private func provider(
        _ fixture: DNSFixture,
        _ change: (inout SimulatorConfiguration) -> Void = { _ in }
    ) -> Provider {
        Provider {
            $0.dns = DNSTable(standard: fixture)
            change(&$0)
        }
    }

    @Test func `the delays are those of the provider's table`() {
        let table: [Double] = [60, 63, 66, 69, 72, 76, 80, 84, 88, 93, 242, 279, 321]
        #expect((0..<13).map(BackoffSchedule.delaySeconds) == table)
        #expect(BackoffSchedule.delaySeconds(after: 60) == 4 * 3_600)
        let sum = BackoffSchedule.offsetSeconds(of: BackoffSchedule.retries) / Self.day
        #expect((7.0..<7.1).contains(sum), "75 delays are \(sum) days")
    }

    @Test func `validations happen on the schedule and not in between`() {
        var provider = provider(.pointsHere(after: 600))
        let id = provider.created()
        // The ninth retry after 15 seconds is the first after ten minutes; the certificate's begins with 5 + 10.
        let ninth = 15 + BackoffSchedule.offsetSeconds(of: 9)
        #expect((600..<800).contains(ninth))
        provider.wait(ninth - 0.000001)
        #expect(provider.get(id)["status"] == "pending")
        #expect(provider.get(id)["ssl"]?["status"] == "pending_validation")
        provider.wait(0.000001)
        #expect(provider.get(id)["status"] == "active")
        #expect(provider.get(id)["ssl"]?["status"] == "pending_issuance")
    }

    @Test func `an edit begins the schedule anew`() {
        var provider = provider(.pointsHere(after: 5_000))
        let id = provider.created()
        provider.wait(5_001)
        #expect(provider.get(id)["status"] == "pending")
        #expect(provider.edit(id, ssl: Provider.ssl()).status == 202)
        provider.wait(15)
        #expect(provider.get(id)["status"] == "active")
        #expect(provider.get(id)["ssl"]?["status"] == "pending_issuance")
    }

    static let proofs: [(DNSRecords, method: String, wildcard: Bool, hostname: String, ssl: String)] = [
        (DNSRecords(route: .here), "http", false, "active", "active"),
        (DNSRecords(route: .here), "txt", false, "active", "active"),
        (DNSRecords(route: .here), "txt", true, "active", "pending_validation"),
        (DNSRecords(route: .here, challenge: .current), "txt", true, "active", "active"),
        (DNSRecords(ownershipText: true), "http", false, "active", "pending_validation"),
        (DNSRecords(ownershipFile: true), "http", false, "active", "pending_validation"),
        (DNSRecords(ownershipText: true, isProxied: true), "http", false, "pending", "pending_validation"),
        (DNSRecords(challenge: .current), "txt", false, "pending", "active"),
        (DNSRecords(challenge: .current), "http", false, "pending", "pending_validation"),
        (DNSRecords(isDelegated: true), "txt", true, "pending", "active"),
        (DNSRecords(challenge: .current, isDelegated: true), "txt", true, "pending", "pending_validation"),
        (DNSRecords(route: .here, trouble: .caa), "http", false, "active", "pending_validation"),
        (DNSRecords(route: .here, trouble: .servfail), "http", false, "pending", "pending_validation"),
        (DNSRecords(route: .held), "http", false, "blocked", "pending_validation"),
        (DNSRecords(route: .elsewhere), "http", false, "moved", "pending_validation"),
    ]

    @Test(arguments: proofs)
    func `ownership and control are proved apart`(
        _ proof: (DNSRecords, method: String, wildcard: Bool, hostname: String, ssl: String)
    ) {
        var provider = provider(.records(proof.0))
        let wildcard: APIValue = .bool(proof.wildcard)
        let id = provider.created(
            "shop.tenant.dev",
            Provider.ssl(with: ["method": .string(proof.method), "wildcard": wildcard])
        )
        provider.wait(300)
        #expect(provider.get(id)["status"]?.string == proof.hostname)
        #expect(provider.get(id)["ssl"]?["status"]?.string == proof.ssl)
    }

    @Test(arguments: IssuanceTrouble.allCases)
    func `trouble is told while it lasts and ends in a time-out`(_ trouble: IssuanceTrouble) {
        var provider = provider(.records(DNSRecords(route: .here, trouble: trouble)))
        let id = provider.created()
        provider.wait(300)
        let isValidation = ![.initializationHangs, .issuanceHangs, .deploymentHangs].contains(trouble)
        #expect((provider.get(id)["ssl"]?["validation_errors"]?[0]?["message"] != nil) == isValidation)
        provider.wait(15 * Self.day)
        let ends: [IssuanceTrouble: String] = [
            .initializationHangs: "initializing_timed_out", .issuanceHangs: "issuance_timed_out",
            .deploymentHangs: "deployment_timed_out",
        ]
        #expect(provider.get(id)["ssl"]?["status"]?.string == ends[trouble] ?? "validation_timed_out")
        provider.simulation.setDNS(DNSTable(), now: provider.now)
        #expect(provider.edit(id, ssl: Provider.ssl()).status == 202)
        provider.wait(60)
        #expect(provider.get(id)["ssl"]?["status"] == "active", "an edit revives it")
    }

    @Test(arguments: [("lets_encrypt", 7.0), ("google", 14), ("ssl_com", 14)])
    func `validation tokens live as long as their authority says`(_ authority: String, days: Double) {
        var provider = provider(.never) { $0.timings.validationTimeout = 60 * Self.day }
        let id = provider.created(
            "shop.tenant.dev",
            Provider.ssl(with: ["certificate_authority": .string(authority)])
        )
        provider.wait(5)
        let (first, owner) = (
            provider.get(id)["ssl"]?["validation_records"], provider.get(id)["ownership_verification"]
        )
        provider.wait(days * Self.day - 6)
        #expect(provider.get(id)["ssl"]?["validation_records"] == first)
        provider.wait(2)
        #expect(provider.get(id)["ssl"]?["validation_records"] != first)
        #expect(provider.get(id)["ownership_verification"] == owner)
    }

    @Test func `a record that was set once is worthless once there are fresh tokens`() {
        let records = DNSRecords(challenge: .setOnce)
        let ssl = Provider.ssl(with: ["method": "txt", "certificate_authority": "lets_encrypt"])
        var provider = provider(.records(records, after: 100))
        let early = provider.created("early.tenant.dev", ssl)
        provider.wait(300)
        #expect(provider.get(early)["ssl"]?["status"] == "active")
        provider = self.provider(.records(DNSRecords(challenge: .setOnce, trouble: .caa)))
        let late = provider.created("late.tenant.dev", ssl)
        provider.wait(8 * Self.day)
        #expect(provider.get(late)["ssl"]?["status"] == "pending_validation")
    }

    @Test func `tokens die with a failed try where the switch says so`() {
        var provider = provider(.never) { $0.semantics.tokenDeath = .failedTry }
        let id = provider.created()
        provider.wait(6)
        let first = provider.get(id)["ssl"]?["validation_records"]
        provider.wait(10)
        #expect(provider.get(id)["ssl"]?["validation_records"] != first)
    }

    @Test func `the end of the tries deletes at once where the switch says so`() {
        var provider = provider(.never) { $0.semantics.givingUp = .deletedAtOnce }
        let id = provider.created()
        provider.wait(7 * Self.day)
        #expect(provider.get(id)["status"] == "deleted")
    }

    @Test func `fixtures are read from JSON, and a bad one says where it is bad`() throws {
        let script: APIValue = [
            "standard": ["fixture": "points_here", "after_seconds": 30],
            "hostnames": [
                "A.tenant.dev": ["route": "nowhere", "ownership_txt": true, "acme_txt": "set_once", "trouble": "caa"],
                "b.tenant.dev": ["fixture": "moved"],
            ],
        ]
        let table = try DNSTable(script: script)
        #expect(table.standard == .pointsHere(after: 30))
        let records = DNSRecords(ownershipText: true, challenge: .setOnce, trouble: .caa)
        #expect(table.exceptions == ["a.tenant.dev": .records(records), "b.tenant.dev": .moved])
        for (bad, word) in [
            (["standard": ["fixtur": "x"]], "fixtur"), (["hostnames": ["c.dev": ["route": "up"]]], "c.dev"),
        ]
            as [(APIValue, String)]
        {
            let error = #expect(throws: DNSScriptError.self) { try DNSTable(script: bad) }
            #expect(error?.description.contains(word) == true)
        }
    }
}
