/// An API token that the simulator accepts.
package struct SimulatedToken: Hashable, Sendable {
    /// What a token permits.
    package enum Scope: String, CaseIterable, Hashable, Sendable, Codable {
        case certificatesRead = "ssl_and_certificates_read"
        case certificatesWrite = "ssl_and_certificates_write"
        case zoneSettingsRead = "zone_settings_read"
        case zoneSettingsWrite = "zone_settings_write"
        case accessRead = "access_read"
        case accessWrite = "access_write"
        case notificationsRead = "notifications_read"
        case notificationsWrite = "notifications_write"
    }

    /// The token's id, which may be shown.
    package var id: String
    /// What the client sends; never logged.
    package var secret: String
    package var scopes: Set<Scope>
    /// What `verify` says; only an active token opens anything.
    package var status: Status

    /// What the provider knows of a token.
    package enum Status: String, CaseIterable, Hashable, Sendable, Codable {
        case active
        case disabled
        case expired
    }

    /// A token, by default active and with every scope.
    package init(id: String, secret: String, scopes: Set<Scope> = Set(Scope.allCases), status: Status = .active) {
        self.id = id
        self.secret = secret
        self.scopes = scopes
        self.status = status
    }
}

extension SimulatedToken: CustomStringConvertible, CustomReflectable {
    package var description: String { "token \(id)" }
    package var customMirror: Mirror { Mirror(self, children: ["id": id]) }
}

/// All that a simulator starts from.
package struct SimulatorConfiguration: Sendable {
    /// The token of demos and tests; it opens nothing but simulators.
    package static let demoToken = "simulated-provider-token-opens-nothing-0"
    /// The zone of demos and tests.
    package static let demoZone = "5a1e5a1e5a1e5a1e5a1e5a1e5a1e5a1e"

    /// The account of demos and tests.
    package static let demoAccount = "acc0acc0acc0acc0acc0acc0acc0acc0"

    package var zone = Self.demoZone
    package var account = Self.demoAccount
    package var tokens = [SimulatedToken(id: "demo", secret: Self.demoToken)]
    package var plan = ZonePlan.enterprise
    package var quota = SimulatedZone.Quota()
    package var zoneSettings = SimulatedZone.Settings()
    /// `nil` starts without one; then no hostname becomes active.
    package var fallbackOrigin: String? = "fallback.provider.example"
    package var semantics = ProviderSemantics()
    package var timings = ProviderTimings()
    package var access = AccessDirectory.Timings()
    package var limits = RateLimits.Configuration()
    package var dns = DNSTable()
    package var faults = FaultPlan()
    package var webhooks = WebhookManners()
    /// Where certificate events are sent from the start; more can be named through the API.
    package var webhookReceiver: WebhookReceiver?
    /// Decides every id and token of the zone.
    package var seed: UInt64 = 1

    /// An Enterprise zone with the provider's own numbers, tenants whose DNS is right, and no faults.
    package init() {}
}
