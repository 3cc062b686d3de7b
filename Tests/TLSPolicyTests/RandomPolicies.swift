import TLSPolicy

extension SeededRandom {
    private static let lists: [[String]] = [
        [], ["ECDHE-RSA-AES128-GCM-SHA256"], ["AES128-SHA", "DES-CBC3-SHA"],
        ["ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-SHA256"],
        ["ECDHE-RSA-AES128-SHA256", "ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES128-GCM-SHA256"],
        CipherSuite.settable.map(\.name), CipherSuite.settable.map(\.name).reversed(),
    ]

    mutating func optional<Value: CaseIterable>(_ type: Value.Type) -> Value? {
        Bool.random(using: &self) ? nil : pick(Array(Value.allCases))
    }

    /// A policy that may set any key.
    mutating func tierPolicy() -> TierPolicy {
        TierPolicy(
            profile: pick([nil, "house@1"]),
            minimumTLS: optional(TLSVersion.self),
            ciphers: Bool.random(using: &self) ? nil : CipherSuite.parse(pick(Self.lists)).suites,
            tls13: optional(Switch.self),
            http2: optional(Switch.self),
            earlyHints: optional(Switch.self),
            customCertificate: pick(CustomCertificateRule.allCases),
            mutualTLS: Bool.random(using: &self),
            wildcard: pick([.reject, .directOnly, .requireZoneMinimum(.v1_2)]),
            limits: TierLimits(hostnames: pick([nil, 5]), pending: pick([nil, 9]), running: pick([2, 4])),
            weight: pick([1, 50]),
            expiryAlertDays: pick([[], [30, 7]]),
            minimumCertificateDays: pick([nil, 14, 30]),
            certificateAuthority: optional(IssuingAuthority.self),
            downgrade: Bool.random(using: &self) ? nil : downgradePlan(),
            rollout: Bool.random(using: &self) ? nil : rolloutSteps(),
            guards: pick([nil, Guards(), Guards(maximumChangePercent: 3, maximumDeletePercent: 0)]),
            windows: Bool.random(using: &self) ? nil : [window()]
        )
    }

    mutating func downgradePlan() -> DowngradePlan {
        let grace = Int.random(in: 0...60, using: &self)
        return DowngradePlan(
            graceDays: grace,
            notifyDays: pick([[], [0], [0, grace]]),
            customCertificate: pick(DowngradePlan.CertificateEnd.allCases),
            mutualTLS: pick(DowngradePlan.CapabilityEnd.allCases),
            minimumTLS: pick(DowngradePlan.SettingEnd.allCases),
            ciphers: pick(DowngradePlan.SettingEnd.allCases),
            wildcard: pick(DowngradePlan.CapabilityEnd.allCases)
        )
    }

    mutating func rolloutSteps() -> RolloutSteps {
        RolloutSteps(
            steps: pick([[.percent(100)], [.hostnames(25), .percent(10), .percent(100)]]),
            soakMinutes: Int.random(in: 0...60, using: &self),
            haltOn: .init(failedPercent: pick([1, 2]), failedHandshakes: pick([1, 5]), minimumSample: pick([5, 20])),
            onHalt: pick(RolloutSteps.HaltAction.allCases)
        )
    }

    mutating func window() -> MaintenanceWindow {
        let all = MaintenanceWindow.Weekday.allCases
        let starts = ["00:00", "09:30", "13:00", "23:59"].compactMap(MaintenanceWindow.TimeOfDay.init)
        return MaintenanceWindow(
            days: all.filter { _ in Int.random(in: 0...2, using: &self) == 0 } + [pick(all)],
            start: pick(starts),
            durationMinutes: pick([1, 60, 600, 1440]),
            timezone: pick(["UTC", "Europe/London"]),
            appliesTo: pick([MaintenanceWindow.Work.allCases, [.policyChange], [.downgrade]])
        )
    }

    mutating func effectivePolicy() -> EffectivePolicy {
        let policy = tierPolicy()
        let wish = HostnameWish(
            wildcard: Bool.random(using: &self),
            minimumTLS: optional(TLSVersion.self),
            ciphers: Bool.random(using: &self) ? nil : pick(Self.lists),
            customCertificate: Bool.random(using: &self)
        )
        let zone = ZoneSettings(
            minimumTLS: pick(TLSVersion.allCases),
            ciphers: pick([[], Self.lists[1], Self.lists[3]]),
            tls13: pick(Switch.allCases)
        )
        return resolve(
            PolicyRevision(tier: "gold", revision: 7, policy: policy),
            wish: wish,
            exceptions: exceptions(),
            zone: zone
        )
    }

    /// Half of the time nobody decided anything.
    private mutating func exceptions() -> Exceptions {
        if Bool.random(using: &self) { return .none }
        let override = HostnameOverride(
            minimumTLS: optional(TLSVersion.self),
            ciphers: Bool.random(using: &self) ? nil : pick(Self.lists + [["AES128-SHAA"]]),
            tls13: optional(Switch.self),
            author: "jane",
            reason: "random",
            until: Int64.random(in: 0...4_000_000_000, using: &self)
        )
        let entitlements = Capability.allCases.filter { _ in Bool.random(using: &self) }.map {
            Entitlement(capability: $0, author: "joe", reason: "random")
        }
        return Exceptions(override: Bool.random(using: &self) ? override : nil, entitlements: entitlements)
    }

    mutating func observedHostname() -> ObservedHostname {
        var settings = ExplicitSettings(
            minimumTLS: optional(TLSVersion.self),
            ciphers: pick(Self.lists + [["AES128-SHA", "SOME-FUTURE-SUITE"]]),
            tls13: optional(Switch.self),
            http2: optional(Switch.self),
            earlyHints: optional(Switch.self)
        )
        if Bool.random(using: &self) { settings.foreign["http3"] = "\"on\"" }
        if settings.minimumTLS == nil, Int.random(in: 0...9, using: &self) == 0 {
            settings.foreign["min_tls_version"] = "\"1.4\""
        }
        return ObservedHostname(
            providerID: "0d89c70d-ad9f-4843-b99f-6cc0252067e9",
            status: "active",
            certificateStatus: "active",
            settings: settings,
            method: pick(["http", "txt"]),
            type: "dv",
            wildcard: Bool.random(using: &self),
            certificateSource: pick([nil, .managed, .custom]),
            authority: pick([nil, "google", "lets_encrypt", "digicert"])
        )
    }
}
