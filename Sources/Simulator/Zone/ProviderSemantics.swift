/// Switches for what the provider's documents leave open, where they disagree, or where only third parties report.
///
/// The defaults are the readings a careful client must survive.
package struct ProviderSemantics: Hashable, Sendable, Codable {
    /// What an edit's `ssl.settings` does to the keys it does not name.
    package enum Settings: String, CaseIterable, Hashable, Sendable, Codable {
        case replaced
        case merged
    }

    /// What is done with something that has no defined meaning.
    package enum Leniency: String, CaseIterable, Hashable, Sendable, Codable {
        case refused
        case ignored
    }

    /// How the list's bare `hostname` filter matches; documented as exact, reported as contains.
    package enum BareFilter: String, CaseIterable, Hashable, Sendable, Codable {
        case contains
        case exact
    }

    /// The status of a successful write: 201 and 202 by the table of status codes, 200 by the API reference.
    package enum WriteStatus: String, CaseIterable, Hashable, Sendable, Codable {
        case table
        case reference
    }

    /// What stands for a text that is not there; the samples show `""`, the reference's types allow none.
    package enum AbsentText: String, CaseIterable, Hashable, Sendable, Codable {
        case empty
        case omitted
        case null
    }

    /// What the end of the validation schedule is; the two pages on it disagree.
    package enum GivingUp: String, CaseIterable, Hashable, Sendable, Codable {
        case movedThenDeleted = "moved_then_deleted"
        case deletedAtOnce = "deleted_at_once"
    }

    /// When validations are tried: by the documented schedule, or as soon as they can succeed.
    package enum Tries: String, CaseIterable, Hashable, Sendable, Codable {
        case onSchedule = "on_schedule"
        case prompt
    }

    /// Which code refuses an edit that lacks `type` or `method`; where 1434 ends and 1440 begins is not documented.
    package enum IncompleteSSL: String, CaseIterable, Hashable, Sendable, Codable {
        /// 1434 if both are missing, 1440 if one is.
        case split
        case attribute
        case typeAndMethod = "type_and_method"
    }

    /// What ends a validation token's life besides its age.
    package enum TokenDeath: String, CaseIterable, Hashable, Sendable, Codable {
        case age
        case failedTry = "failed_try"
    }

    /// The order of a list's rows, of which nothing is documented; newest first, rows move while others create.
    package enum ListOrder: String, CaseIterable, Hashable, Sendable, Codable {
        case oldestFirst = "oldest_first"
        case newestFirst = "newest_first"
    }

    /// The path of the file that proves control over HTTP: third parties see ACME's, an older page shows another.
    package enum ChallengePath: String, CaseIterable, Hashable, Sendable, Codable {
        case acme
        case pkiValidation = "pki_validation"
    }

    package var settings = Settings.replaced
    /// An edit of `ssl` without `type` and `method`: code 1434, or silently nothing.
    package var settingsAlone = Leniency.refused
    package var incompleteSSL = IncompleteSSL.split
    /// Keys the API does not know, anywhere in a body.
    package var unknownKeys = Leniency.ignored
    /// An edit with the body `{}`: by one ticket it checks the hostname again, by a later one it is refused.
    package var emptyEdit = Leniency.ignored
    /// `certificate_authority` on a zone that may not choose: third parties saw code 1459.
    package var authorityEcho = Leniency.refused
    /// TLS 1.3 suites in a cipher list; that they are refused with 1442 is not documented.
    package var tls13Suites = Leniency.refused
    /// An empty cipher list in a hostname's settings; ignored means that it clears the list.
    package var emptyCiphers = Leniency.ignored
    /// A minimum of TLS 1.3 beside `tls_1_3: off`.
    package var contradiction = Leniency.ignored
    /// An uploaded certificate that ends within 14 days; the rule is documented for a zone's own certificates.
    package var nearExpiry = Leniency.refused
    /// A root in an upload whose bundle method is not `force` (code 1441), by the page on bundling.
    package var rootInBundle = Leniency.ignored
    package var listOrder = ListOrder.oldestFirst
    package var challengePath = ChallengePath.acme
    /// Whether cipher lists come back with the ECDSA suites first, as documented for zones.
    package var sortsCiphers = true
    package var bareHostnameFilter = BareFilter.contains
    /// Rows of one list page at most; a larger wish is cut to it.
    ///
    /// 1,000 by the present reference, 50 by an older one.
    package var maximumPerPage = 1_000
    package var writeStatus = WriteStatus.table
    /// Whether DELETE answers with the bare id, as the reference has it, or with an envelope around it.
    package var isDeleteEnveloped = false
    package var absentText = AbsentText.empty
    /// Whether `ssl.custom_certificate` shows what was uploaded; third parties never saw it.
    package var showsUploads = true
    /// Whether `ssl` shows type and method for uploaded certificates; the sample of the expiry webhook does not.
    package var showsMethodOfUploads = true
    package var givingUp = GivingUp.movedThenDeleted
    package var tries = Tries.onSchedule
    package var tokenDeath = TokenDeath.age
    /// Whether a renewal turns the method of a hostname that is no wildcard from `txt` to `http`.
    package var renewalChangesMethod = true
    /// Whether a settings edit shows `active_redeploying` and `pending_deployment` while the edge is brought along.
    package var showsRedeployment = true
    /// Whether an edit of settings counts as a new certificate.
    package var editsCountAsCertificates = false
    /// Whether origin servers of their own are for Enterprise zones only, as an older page has it (code 1414).
    package var customOriginIsEnterprise = false
    /// Whether the zone has Advanced Certificate Manager, which its own cipher list needs (code 1450).
    package var hasAdvancedCertificates = true
    /// HTTP status of code 1404: 403 by the table, 400 by third parties.
    package var notEnabledStatus = 403
    /// The code of a missing scope, 10000 or 9109, both reported by third parties.
    package var missingScopeCode = 10_000
    /// The code of a refusal for pace: 971, or 10100 in older reports.
    package var throttledCode = 971
    /// Whether a refusal for pace carries `Retry-After`.
    package var throttledSaysWhen = true
    /// Names that other zones have: code 1406 although no list of this zone shows them.
    package var namesTakenElsewhere: Set<String> = []
    /// Names of DNS records of the zone, of which a custom origin must be one (code 1421); `nil` checks nothing.
    package var originRecords: Set<String>?
    /// PEM texts of roots that uploaded certificates must lead to (code 1441); `nil` checks no trust.
    package var trustedRoots: [String]?

    /// The readings a careful client must survive.
    package init() {}
}

/// Virtual seconds that the provider takes for its steps.
package struct ProviderTimings: Hashable, Sendable, Codable {
    /// Until a new certificate shows its validation records.
    package var recordsAppear: Double = 5
    /// From the start of a certificate's validation to its first try.
    package var validation: Double = 10
    package var issuance: Double = 20
    package var deployment: Double = 10
    /// Of a certificate whose settings were changed.
    package var redeployment: Double = 20
    /// From the start of a hostname's own validation to its first try.
    package var ownershipCheck: Double = 15
    /// Until a hostname that never validates is given up as `moved`, and again until it is `deleted`.
    ///
    /// Source: the validation status page; the backoff page says that it is deleted at once.
    package var retirement: Double = 7 * 86_400
    /// Until a certificate that never validates is `validation_timed_out`; the longest documented token life.
    package var validationTimeout: Double = 14 * 86_400
    /// Until a step of the provider's own that hangs is `…_timed_out`.
    package var stepTimeout: Double = 86_400
    package var fallbackOrigin: Double = 5
    /// How long a deleted hostname still answers as `pending_deletion`; reported by third parties.
    package var deletionLinger: Double = 0
    /// Of a certificate that the provider obtains itself.
    package var certificateLife: Double = 90 * 86_400
    /// How long before its end such a certificate is renewed.
    package var renewalLead: Double = 30 * 86_400
    /// How long before its end an uploaded certificate is `pending_expiration`; not documented.
    package var expirationNotice: Double = 14 * 86_400
    /// How long reads show the time before a write.
    package var readLag: Double = 0
    /// How long a token that was just made is refused; third parties saw some seconds.
    package var tokenActivation: Double = 0

    /// About 45 virtual seconds from creation to an active certificate.
    package init() {}

    /// How long an authority's validation tokens live (page on token validity periods).
    static func tokenLife(of authority: String) -> Double {
        authority == "lets_encrypt" ? 7 * 86_400 : 14 * 86_400
    }
}
