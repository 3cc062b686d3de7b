import TLSPolicy
import Testing
import usher

@Suite struct TierFileTests {
    private func parse(_ text: String) -> TierFile {
        TierFile.parse(Array(text.utf8), file: "t.yaml")
    }

    @Test func `every key is read`() throws {
        let file = parse(
            """
            apiVersion: usher/v1
            tiers:
              gold:
                min_tls: "1.2"
                ciphers: [ECDHE-RSA-AES128-GCM-SHA256]
                tls_1_3: on
                http2: off
                early_hints: on
                custom_certificate: required
                mtls: true
                wildcard: {require_zone_min: "1.2"}
                limits: {hostnames: 5, pending: 4, running: 3}
                weight: 7
                alerts: {cert_expiry_days: [1, 30]}
                min_certificate_days: 21
                certificate_authority: ssl_com
                downgrade:
                  grace_days: 10
                  notify_days: [9, 0]
                  custom_certificate: move_to_managed
                  mtls: block
                  min_tls: relax
                  ciphers: relax
                  wildcard: block
                rollout:
                  steps: [25, 1%, 100%]
                  soak_minutes: 5
                  halt_on: {failed: 3%, handshake_failed: 4, min_sample: 20}
                  on_halt: revert
                guards: {max_change: 7%, max_delete: 0%, min_population: 50}
                windows:
                  - {days: [tue, mon], start: 22:30, duration_minutes: 90, timezone: Europe/London,
                     applies_to: [downgrade]}
            """
        )
        #expect(file.problems.isEmpty, "\(file.problems)")
        let tier = try #require(file.tiers.first)
        #expect(tier.name == "gold" && tier.line == 3)
        let policy = tier.policy
        #expect(policy.profile == nil && policy.minimumTLS == .v1_2 && policy.tls13 == .on)
        #expect(policy.ciphers?.map(\.name) == ["ECDHE-RSA-AES128-GCM-SHA256"])
        #expect(policy.http2 == .off && policy.earlyHints == .on)
        #expect(policy.customCertificate == .required && policy.mutualTLS)
        #expect(policy.wildcard == .requireZoneMinimum(.v1_2))
        #expect(policy.limits == TierLimits(hostnames: 5, pending: 4, running: 3))
        #expect(policy.weight == 7 && policy.expiryAlertDays == [30, 1])
        #expect(policy.minimumCertificateDays == 21 && policy.certificateAuthority == .sslCom)
        let downgrade = DowngradePlan(
            graceDays: 10,
            notifyDays: [0, 9],
            customCertificate: .moveToManaged,
            mutualTLS: .block,
            minimumTLS: .relax,
            ciphers: .relax,
            wildcard: .block
        )
        #expect(policy.downgrade == downgrade)
        let halt = RolloutSteps.Halt(failedPercent: 3, failedHandshakes: 4, minimumSample: 20)
        let steps: [RolloutSteps.Step] = [.hostnames(25), .percent(1), .percent(100)]
        #expect(policy.rollout == RolloutSteps(steps: steps, soakMinutes: 5, haltOn: halt, onHalt: .revert))
        #expect(
            policy.guards == Guards(maximumChangePercent: 7, maximumDeletePercent: 0, minimumPopulation: 50)
        )
        #expect(
            policy.windows?.map(\.description) == ["mon tue 22:30 +90 min Europe/London for downgrade"]
        )
    }

    @Test func `what a tier does not say about its changes the file says for all`() {
        let file = parse(
            """
            apiVersion: usher/v1
            tiers:
              a: {}
              b: {guards: {max_delete: 0%}, windows: [], rollout: {steps: [100%]}, downgrade: {grace_days: 3}}
            guards: {max_change: 3%}
            downgrade: {mtls: block}
            rollout: {steps: [3, 100%]}
            windows: [{days: [mon], start: 09:00, duration_minutes: 60, timezone: UTC}]
            """
        )
        #expect(file.problems.isEmpty, "\(file.problems)")
        let policies = file.tiers.map(\.policy)
        #expect(policies.map(\.guards) == [Guards(maximumChangePercent: 3), Guards(maximumDeletePercent: 0)])
        #expect(policies.map(\.downgrade) == [DowngradePlan(mutualTLS: .block), DowngradePlan(graceDays: 3)])
        #expect(policies.map { $0.rollout?.steps } == [[.hostnames(3), .percent(100)], [.percent(100)]])
        // The standing sample of 20 would never be reached by a first step of 3.
        #expect(policies.map { $0.rollout?.haltOn.minimumSample } == [3, 20])
        #expect(policies.map { $0.windows?.count } == [1, nil])
    }

    @Test func `the order of a file's lists changes no meaning`() {
        func policy(_ tier: String) -> TierPolicy? {
            parse("apiVersion: usher/v1\ntiers:\n  pro: \(tier)\n").tiers.first?.policy
        }
        let window = "start: 09:00, duration_minutes: 60, timezone: UTC"
        let first = policy(
            "{downgrade: {notify_days: [7, 0]}, windows: [{days: [tue, mon], \(window)}, {days: [sat], \(window)}]}"
        )
        let second = policy(
            "{downgrade: {notify_days: [0, 7]}, windows: [{days: [sat], \(window)}, {days: [mon, tue], \(window)}]}"
        )
        #expect(first != nil && first == second)
    }

    @Test func `a tier that says nothing inherits everything`() {
        let file = parse("apiVersion: usher/v1\ntiers:\n  free: {}\n  basic: {profile: null, min_tls: ~}\n")
        #expect(file.problems.isEmpty, "\(file.problems)")
        #expect(file.tiers.map(\.policy) == [TierPolicy(), TierPolicy()])
    }

    @Test func `a profile is taken from the file or from the catalogue`() {
        let file = parse(
            """
            apiVersion: usher/v1
            tiers:
              silver: {profile: house@2}
              gold: {profile: strict@1}
            profiles:
              house@2: {min_tls: 1.2, ciphers: [ECDHE-RSA-AES128-GCM-SHA256], tls_1_3: on}
            """
        )
        #expect(file.problems.isEmpty, "\(file.problems)")
        #expect(file.tiers.map(\.policy.profile) == ["house@2", "strict@1"])
        #expect(file.tiers.map(\.policy.minimumTLS) == [.v1_2, .v1_3])
        #expect(file.tiers.map { $0.policy.ciphers?.count } == [1, nil])
    }

    @Test(arguments: [
        ("min_tls: 1.4", "4:14: tiers.pro.min_tls \"1.4\": must be 1.0, 1.1, 1.2, 1.3"),
        ("tls_1_3: true", "4:14: tiers.pro.tls_1_3 \"true\": must be on, off"),
        ("mtls: 1", "4:11: tiers.pro.mtls \"1\": must be yes, no, true or false"),
        (
            "custom_certificate: maybe",
            "4:25: tiers.pro.custom_certificate \"maybe\": must be forbidden, allowed, required"
        ),
        ("wildcard: always", "4:15: tiers.pro.wildcard \"always\": must be reject, direct_only or {require_zone_min"),
        ("wildcard: {require_zone_min: 2}", "4:34: tiers.pro.wildcard.require_zone_min \"2\": must be 1.0, "),
        ("wildcard: {require_zone_min: 1.2, a: 2}", "4:39: tiers.pro.wildcard.a: unknown key; "),
        ("weight: 101", "4:13: tiers.pro.weight \"101\": must be a whole number from 1 to 100"),
        ("weight: \"5\"", "4:13: tiers.pro.weight \"5\": must be a whole number"),
        ("limits: {running: 0}", "4:23: tiers.pro.limits.running \"0\": must be a whole number from 1 to 1000"),
        ("limits: {pending: 2}", "4:23: tiers.pro.limits.pending \"2\": below running (4)"),
        ("limits: 5", "4:13: tiers.pro.limits \"5\": must be a mapping with the keys hostnames, pending, running"),
        ("alerts: {cert_expiry_days: [7, 7]}", "4:36: tiers.pro.alerts.cert_expiry_days \"7\": given twice"),
        ("alerts: {cert_expiry_days: 7}", "4:32: tiers.pro.alerts.cert_expiry_days \"7\": must be a list of days"),
        (
            "custom_certificat: allowed",
            "4:5: tiers.pro.custom_certificat: unknown key; did you mean custom_certificate?"
        ),
        ("profile: strikt@1", "4:14: tiers.pro.profile \"strikt@1\": unknown profile; did you mean strict@1?"),
        ("ciphers: []", "4:14: tiers.pro.ciphers \"[]\": an empty list; leave the key out to inherit"),
        (
            "certificate_authority: digicert",
            "4:28: tiers.pro.certificate_authority \"digicert\": must be google, lets_encrypt, ssl_com"
        ),
        ("downgrade: {mtls: off}", "4:23: tiers.pro.downgrade.mtls \"off\": must be keep, block"),
        (
            "downgrade: {grace_days: 7, notify_days: [0, 8]}",
            "4:45: tiers.pro.downgrade.notify_days \"[0, 8]\": day 8 is beyond the grace of 7 days"
        ),
        ("rollout: {soak_minutes: 5}", "4:14: tiers.pro.rollout.steps: missing"),
        (
            "rollout: {steps: [10, 5, 100%]}",
            "4:27: tiers.pro.rollout.steps \"5\": not above the step before (10); steps must rise"
        ),
        (
            "rollout: {steps: [1%, 5, 100%]}",
            "4:27: tiers.pro.rollout.steps \"5\": a number of hostnames cannot follow a percentage (1%)"
        ),
        ("rollout: {steps: [10, 50%]}", "4:27: tiers.pro.rollout.steps \"50%\": the last step must be 100%"),
        (
            "rollout: {steps: [10, 100%], halt_on: {min_sample: 11}}",
            "4:43: tiers.pro.rollout.halt_on \"{…}\": min_sample is above the first step (10)"
        ),
        (
            "guards: {max_change: 10}",
            "4:26: tiers.pro.guards.max_change \"10\": must be a whole percentage from 0% to 100%"
        ),
        (
            "windows: [{days: [mon], start: 9am, duration_minutes: 5, timezone: UTC}]",
            "4:36: tiers.pro.windows.start \"9am\": must be a time from 00:00 to 23:59"
        ),
        (
            "windows: [{days: [mon], start: 09:00, duration_minutes: 5, timezone: Europe/Lodnon}]",
            "4:74: tiers.pro.windows.timezone \"Europe/Lodnon\": unknown time zone; did you mean Europe/London?"
        ),
        ("windows: [{days: [mon], start: 09:00, timezone: UTC}]", "4:15: tiers.pro.windows.duration_minutes: missing"),
        ("ciphers: [1]", "4:15: tiers.pro.ciphers \"1\": \"1\" is no cipher suite of the provider"),
        (
            "ciphers: [TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256]",
            "4:15: tiers.pro.ciphers \"TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256\": "
                + "\"TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256\" is the IANA name; "
        ),
        (
            "ciphers: [ECDHE-RSA-AES128-GCM-SHA256, ECDHE-RSA-AES128-GCM-SHA256]",
            "4:44: tiers.pro.ciphers \"ECDHE-RSA-AES128-GCM-SHA256\": given twice"
        ),
    ])
    func `a wrong value is reported with line, column, value and rule`(line: String, problem: String) {
        let file = parse("apiVersion: usher/v1\ntiers:\n  pro:\n    \(line)\n  free: {}\n")
        #expect(file.problems.description.hasPrefix("t.yaml:\(problem)"), "\(file.problems)")
        #expect(file.problems.count == 1, "\(file.problems)")
        #expect(file.tiers.map(\.name) == ["free"])
    }

    @Test(arguments: [
        (
            "{min_tls: 1.3, ciphers: [ECDHE-RSA-AES128-GCM-SHA256]}",
            "3:32: tiers.pro.ciphers \"[ECDHE-RSA-AES128-GCM-SHA256]\": no list goes with min_tls 1.3"
        ),
        (
            "{min_tls: 1.0, ciphers: [ECDHE-RSA-AES128-GCM-SHA256]}",
            "3:32: tiers.pro.ciphers \"[ECDHE-RSA-AES128-GCM-SHA256]\": no suite of the list works with TLS 1.0, which "
        ),
        ("{min_tls: 1.3, tls_1_3: off}", "3:32: tiers.pro.tls_1_3 \"off\": contradicts min_tls 1.3"),
        (
            "{profile: strict@1, min_tls: 1.3}",
            "3:37: tiers.pro.min_tls \"1.3\": a tier with a profile (strict@1) does not set min_tls too"
        ),
        (
            "{rollout: {steps: [20%, 100%]}, guards: {max_change: 5%}}",
            "3:18: tiers.pro.rollout: the first step, 20%, is above guards.max_change, 5%"
        ),
    ])
    func `a contradiction is reported with both sides`(tier: String, problem: String) {
        let file = parse("apiVersion: usher/v1\ntiers:\n  pro: \(tier)\n")
        #expect(file.problems.description.hasPrefix("t.yaml:\(problem)"), "\(file.problems)")
        #expect(file.problems.count == 1, "\(file.problems)")
    }

    @Test(arguments: [
        ("", "empty file"),
        ("tiers: {}", "1:1: apiVersion: missing; must be usher/v1"),
        ("apiVersion: usher/v2\ntiers: {}", "1:13: apiVersion \"usher/v2\": must be usher/v1"),
        ("apiVersion: usher/v1", "1:1: tiers: missing"),
        ("apiVersion: usher/v1\ntiers: [a]", "2:8: tiers \"[a]\": must be a mapping from names to settings"),
        ("apiVersion: usher/v1\ntiers: {free: }", "2:9: tiers.free: has no settings; {} is a tier that inherits all"),
        ("apiVersion: usher/v1\ntiers: {Gold: {}}", "2:9: tiers.Gold \"Gold\": 1 to 63 lower-case letters"),
        ("apiVersion: usher/v1\nprofiles: {house: {}}\ntiers: {}", "2:12: profiles.house: must be named name@version"),
        (
            "apiVersion: usher/v1\nprofiles: {strict@1: {min_tls: 1.2}}\ntiers: {}",
            "2:12: profiles.strict@1: is built in"
        ),
        ("apiVersion: usher/v1\nprofiles: {house@1: {}}\ntiers: {}", "2:12: profiles.house@1: sets nothing"),
        ("apiVersion: usher/v1\ntiers:\n  a: {}\n  a: {}\n", "3:3: given twice: a"),
        ("apiVersion: [", "2:1: not YAML: "),
    ])
    func `a wrong document is reported`(text: String, problem: String) {
        let problems = parse(text).problems
        let separator = problem.first?.isNumber == true ? ":" : ": "
        #expect(problems.description.hasPrefix("t.yaml\(separator)\(problem)"), "\(problems)")
    }

    @Test func `all problems of a file are reported`() {
        let file = parse("apiVersion: usher/v1\ntiers:\n  a: {weight: 0, mtls: 2}\n  b: {weigth: 1}\n  c: {}\n")
        #expect(file.problems.count == 3)
        #expect(file.tiers.map(\.name) == ["c"])
    }
}
