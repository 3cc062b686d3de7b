/// What a billing tier requires and permits: the meaning of one immutable policy revision.
///
/// A `nil` setting is a decision too: the hostname inherits the zone's value, and is shown as inheriting it.
package struct TierPolicy: Hashable, Sendable, Codable {
    /// The profile the settings came from, as `name@version`; kept for the explanation only.
    package var profile: String?
    package var minimumTLS: TLSVersion?
    package var ciphers: [CipherSuite]?
    package var tls13: Switch?
    package var http2: Switch?
    package var earlyHints: Switch?
    package var customCertificate: CustomCertificateRule
    /// Whether tenants of this tier may ask for client certificates.
    package var mutualTLS: Bool
    package var wildcard: WildcardRule
    package var limits: TierLimits
    /// Share of the queue against other tiers; 1…100.
    package var weight: Int
    /// Days before a certificate's end at which somebody is told, longest first.
    package var expiryAlertDays: [Int]
    /// Days that must be left of a tenant's own certificate; `nil` is the provider's own rule, 14, and never less.
    ///
    /// An option, so that the documents and checksums of revisions stored without it stay as they are.
    package var minimumCertificateDays: Int?
    /// Who issues the provider's certificates; `nil` leaves it to the provider.
    ///
    /// This and what follows are options for the same reason as the days above.
    package var certificateAuthority: IssuingAuthority?
    /// What a tenant keeps on moving to this tier, and for how long; `nil` keeps everything.
    package var downgrade: DowngradePlan?
    /// How a new revision is moved over the tier's hostnames; `nil` is all at once.
    package var rollout: RolloutSteps?
    /// How much one order may change; `nil` is the standing guard, `Guards()`.
    package var guards: Guards?
    /// When such work may be done, never an empty list; `nil` is at any time.
    package var windows: [MaintenanceWindow]?

    /// The provider takes no certificate that ends sooner.
    package static let providersMinimumCertificateDays = 14

    /// Days that must be left of a tenant's own certificate, by the stricter of tier and provider.
    var requiredCertificateDays: Int { max(minimumCertificateDays ?? 0, Self.providersMinimumCertificateDays) }

    package init(
        profile: String? = nil,
        minimumTLS: TLSVersion? = nil,
        ciphers: [CipherSuite]? = nil,
        tls13: Switch? = nil,
        http2: Switch? = nil,
        earlyHints: Switch? = nil,
        customCertificate: CustomCertificateRule = .forbidden,
        mutualTLS: Bool = false,
        wildcard: WildcardRule = .reject,
        limits: TierLimits = TierLimits(),
        weight: Int = 1,
        expiryAlertDays: [Int] = [30, 14, 7, 1],
        minimumCertificateDays: Int? = nil,
        certificateAuthority: IssuingAuthority? = nil,
        downgrade: DowngradePlan? = nil,
        rollout: RolloutSteps? = nil,
        guards: Guards? = nil,
        windows: [MaintenanceWindow]? = nil
    ) {
        self.profile = profile
        self.minimumTLS = minimumTLS
        self.ciphers = ciphers
        self.tls13 = tls13
        self.http2 = http2
        self.earlyHints = earlyHints
        self.customCertificate = customCertificate
        self.mutualTLS = mutualTLS
        self.wildcard = wildcard
        self.limits = limits
        self.weight = weight
        self.expiryAlertDays = expiryAlertDays
        self.minimumCertificateDays = minimumCertificateDays
        self.certificateAuthority = certificateAuthority
        self.downgrade = downgrade
        self.rollout = rollout
        self.guards = guards
        self.windows = windows
    }

    private enum CodingKeys: String, CodingKey {
        case profile
        case minimumTLS = "min_tls"
        case ciphers
        case tls13 = "tls_1_3"
        case http2
        case earlyHints = "early_hints"
        case customCertificate = "custom_certificate"
        case mutualTLS = "mtls"
        case wildcard
        case limits
        case weight
        case expiryAlertDays = "expiry_alert_days"
        case minimumCertificateDays = "min_certificate_days"
        case certificateAuthority = "certificate_authority"
        case downgrade
        case rollout
        case guards
        case windows
    }
}

/// Whether a tier's tenants bring their own certificate.
package enum CustomCertificateRule: String, CaseIterable, Hashable, Sendable, Codable {
    case forbidden
    case allowed
    case required
}

/// What a tier does with wildcard hostnames, whose children take the zone's settings and not the hostname's.
///
/// Source: the provider's own page on minimum TLS and ciphers of wildcard custom hostnames.
package enum WildcardRule: Hashable, Sendable {
    /// Wildcard hostnames are refused.
    case reject
    /// Accepted; the promise covers the direct name only and is recorded as partial.
    case directOnly
    /// Accepted if the zone's own minimum is at least this one.
    case requireZoneMinimum(TLSVersion)
}

/// As in a tier file: `"reject"`, `"direct_only"`, or `{"require_zone_min": "1.2"}`.
extension WildcardRule: Codable {
    private static let rejectWord = "reject"
    private static let directOnlyWord = "direct_only"

    private enum CodingKeys: String, CodingKey {
        case requireZoneMinimum = "require_zone_min"
    }

    package init(from decoder: any Decoder) throws {
        if let values = try? decoder.container(keyedBy: CodingKeys.self) {
            self = .requireZoneMinimum(try values.decode(TLSVersion.self, forKey: .requireZoneMinimum))
            return
        }
        let container = try decoder.singleValueContainer()
        switch try container.decode(String.self) {
        case Self.rejectWord: self = .reject
        case Self.directOnlyWord: self = .directOnly
        case let word:
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "unknown wildcard rule \(word)")
        }
    }

    package func encode(to encoder: any Encoder) throws {
        if case .requireZoneMinimum(let minimum) = self {
            var values = encoder.container(keyedBy: CodingKeys.self)
            try values.encode(minimum, forKey: .requireZoneMinimum)
        } else {
            var container = encoder.singleValueContainer()
            try container.encode(self == .reject ? Self.rejectWord : Self.directOnlyWord)
        }
    }
}

/// The numbers a tier allows each of its tenants.
package struct TierLimits: Hashable, Sendable, Codable {
    /// Hostnames claimed at once; `nil` is no limit.
    package var hostnames: Int?
    /// Jobs not yet ended; `nil` is no limit.
    package var pending: Int?
    /// Jobs running at once.
    package var running: Int

    package init(hostnames: Int? = nil, pending: Int? = nil, running: Int = 4) {
        self.hostnames = hostnames
        self.pending = pending
        self.running = running
    }
}
