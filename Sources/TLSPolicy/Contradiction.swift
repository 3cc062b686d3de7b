/// Two things that cannot both be had, with both sides named.
package struct Contradiction: Hashable, Sendable {
    package let kind: Kind
    /// What is wanted.
    package let left: String
    /// What stands against it.
    package let right: String
    /// What to do, in a sentence without its full stop.
    package let remedy: String
    /// Who must do it.
    package let actor: PolicyActor

    /// Stable, for programs: the raw value of the kind.
    package var code: String { kind.rawValue }

    /// The SQLSTATE that stands for the kind.
    package var sqlState: String { kind.sqlState }

    /// The code the provider answers with when asked all the same; `nil` if it documents none.
    package var providerCode: Int? { kind.providerCode }

    /// Whether nothing is wrong yet, only missing: work waits for it rather than ends.
    package var isWaiting: Bool { kind == .certificateMissing }
}

extension Contradiction: CustomStringConvertible {
    package var description: String { "\(left), but \(right): \(remedy)" }
}

extension Contradiction {
    /// Every kind of contradiction that is looked for.
    package enum Kind: String, CaseIterable, Hashable, Sendable, Codable {
        // Names of cipher suites.
        case cipherUnknown = "cipher_unknown"
        case cipherIANASpelling = "cipher_iana_spelling"
        case cipherWrongCase = "cipher_wrong_case"
        case cipherTLS13 = "cipher_tls_1_3"
        case cipherDuplicate = "cipher_duplicate"
        // A wish against its tier.
        case minimumBelowTier = "min_tls_below_tier"
        case ciphersBeyondTier = "ciphers_beyond_tier"
        case customCertificateNotInTier = "custom_certificate_not_in_tier"
        case wildcardNotInTier = "wildcard_not_in_tier"
        // Settings against each other.
        case ciphersWithMinimum13 = "ciphers_with_min_tls_1_3"
        case tls13OffWithMinimum13 = "tls_1_3_off_with_min_tls_1_3"
        case noSuiteAtVersion = "no_suite_at_version"
        // Certificates.
        case noSuiteForKey = "no_suite_for_key"
        case certificateMissing = "certificate_missing"
        case certificatePair = "certificate_pair"
        case certificateNames = "certificate_names"
        case certificateExpired = "certificate_expired"
        case certificateNotYetValid = "certificate_not_yet_valid"
        case certificateEndsSoon = "certificate_ends_soon"
        case certificateSignature = "certificate_signature"
        case certificateKey = "certificate_key"
        case certificateIsAuthority = "certificate_is_authority"
        // What came with a certificate.
        case certificateSelfSigned = "certificate_self_signed"
        case certificateChainBroken = "certificate_chain_broken"
        case certificateChainIncomplete = "certificate_chain_incomplete"
        case certificateChainRoot = "certificate_chain_root"
        case certificateChainOrder = "certificate_chain_order"
        case certificateKeyMismatch = "certificate_key_mismatch"
        case certificateCurveParameters = "certificate_curve_parameters"
        // The zone and the provider's plan.
        case wildcardZoneMinimum = "wildcard_zone_minimum"
        case customCertificateNotInPlan = "custom_certificate_not_in_plan"
        case wildcardNotInPlan = "wildcard_not_in_plan"
        case authorityNotInPlan = "certificate_authority_not_in_plan"
        case mutualTLSNotInPlan = "mtls_not_in_plan"
        case commonNameTooLong = "common_name_too_long"
    }
}

extension Contradiction.Kind {
    package var sqlState: String {
        switch self {
        case .cipherUnknown, .cipherIANASpelling, .cipherWrongCase, .cipherTLS13, .cipherDuplicate,
            .ciphersWithMinimum13, .tls13OffWithMinimum13, .noSuiteAtVersion, .noSuiteForKey, .certificateMissing,
            .wildcardZoneMinimum:
            "UE020"
        case .minimumBelowTier, .ciphersBeyondTier: "UE023"
        case .customCertificateNotInTier, .wildcardNotInTier, .customCertificateNotInPlan, .wildcardNotInPlan,
            .authorityNotInPlan, .mutualTLSNotInPlan, .commonNameTooLong:
            "UE022"
        case .certificateNames: "UE012"
        case .certificateExpired, .certificateNotYetValid, .certificateEndsSoon: "UE013"
        case .certificateIsAuthority, .certificatePair, .certificateSelfSigned, .certificateChainBroken,
            .certificateChainIncomplete, .certificateChainRoot, .certificateChainOrder:
            "UE014"
        case .certificateSignature, .certificateKey, .certificateKeyMismatch, .certificateCurveParameters: "UE015"
        }
    }

    /// Source: the provider's table of status codes for custom hostnames.
    package var providerCode: Int? {
        switch self {
        case .cipherUnknown, .cipherIANASpelling, .cipherWrongCase, .cipherTLS13: 1442
        case .certificateCurveParameters: 1428
        case .certificateKeyMismatch: 1429
        case .certificateSelfSigned, .certificateChainBroken, .certificateChainIncomplete, .certificateChainRoot,
            .certificateChainOrder:
            1441
        case .ciphersWithMinimum13: 1443
        case .certificatePair: 1444
        case .certificateIsAuthority: 1445
        case .certificateNames: 1446
        case .certificateSignature: 1447
        case .authorityNotInPlan: 1459
        case .commonNameTooLong: 1469
        default: nil
        }
    }
}
