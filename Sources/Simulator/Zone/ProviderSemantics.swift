/// Switches for what the provider's documents leave open, or where they disagree.
///
/// The defaults are the readings a careful client must survive.
package struct ProviderSemantics: Hashable, Sendable, Codable {
    /// What an edit's `ssl.settings` does to the keys it does not name.
    package enum Settings: String, Hashable, Sendable, Codable {
        case replaced
        case merged
    }

    /// What is done with something that has no defined meaning.
    package enum Leniency: String, Hashable, Sendable, Codable {
        case refused
        case ignored
    }

    /// How the list's bare `hostname` filter matches; documented as exact, reported as contains.
    package enum BareFilter: String, Hashable, Sendable, Codable {
        case contains
        case exact
    }

    package var settings = Settings.replaced
    /// An edit of `ssl` without `type` and `method`: code 1434, or silently nothing.
    package var settingsAlone = Leniency.refused
    /// Keys the API does not know, anywhere in a body.
    package var unknownKeys = Leniency.ignored
    package var bareHostnameFilter = BareFilter.contains
    /// Rows of one list page at most; a larger wish is cut to it.
    ///
    /// 1,000 by the present reference, 50 by an older one.
    package var maximumPerPage = 1_000
    /// PEM texts of roots that uploaded certificates must lead to (code 1441); `nil` checks no trust.
    package var trustedRoots: [String]?

    /// The readings a careful client must survive.
    package init() {}
}

/// Virtual seconds that the provider takes for its steps.
package struct ProviderTimings: Hashable, Sendable, Codable {
    /// Until a new certificate shows its validation records.
    package var recordsAppear: Double = 5
    /// From DNS being right to the certificate's validation.
    package var validation: Double = 10
    package var issuance: Double = 20
    package var deployment: Double = 10
    /// Of a certificate whose settings were changed.
    package var redeployment: Double = 20
    /// From DNS being right to the hostname's own validation.
    package var ownershipCheck: Double = 15
    /// Until a hostname that never validates is given up as `moved`, and again until it is `deleted`.
    ///
    /// Source: the validation status page; the backoff page says that it is deleted at once.
    package var retirement: Double = 7 * 86_400
    /// Until a certificate that never validates is `validation_timed_out`; the longest documented token life.
    package var validationTimeout: Double = 14 * 86_400
    package var fallbackOrigin: Double = 5
    /// How long a deleted hostname still answers as `pending_deletion`; reported by third parties.
    package var deletionLinger: Double = 0

    /// About 45 virtual seconds from creation to an active certificate.
    package init() {}
}

/// The zone's plan, as far as it decides what custom hostnames may have.
package enum ZonePlan: String, CaseIterable, Hashable, Sendable, Codable {
    case free
    case pro
    case business
    case enterprise

    /// Custom certificates, wildcard hostnames and the choice of an authority: Enterprise only.
    var isEnterprise: Bool { self == .enterprise }
}
