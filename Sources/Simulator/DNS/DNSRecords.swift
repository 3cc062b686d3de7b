/// What can be found in the DNS for one hostname and on its web server: each of the two proofs has its own means.
///
/// Source: the provider's pages on hostname validation, pre-validation, delegated validation and their troubleshooting.
package struct DNSRecords: Hashable, Sendable, Codable {
    /// Where the hostname itself leads.
    package enum Route: String, CaseIterable, Hashable, Sendable, Codable {
        /// To the zone, by CNAME or address.
        case here
        /// To nothing the provider knows.
        case nowhere
        /// To another zone that serves the name.
        case elsewhere
        /// To a zone that holds the domain.
        case held
    }

    /// The TXT record at `_acme-challenge`.
    package enum Challenge: String, CaseIterable, Hashable, Sendable, Codable {
        case absent
        /// Always the tokens that are asked for.
        case current
        /// The tokens of the day it was set: worthless once there are fresh ones.
        case setOnce = "set_once"
    }

    package var route: Route
    /// The TXT record at `_cf-custom-hostname` has the hostname's token.
    package var ownershipText: Bool
    /// The hostname's own server serves the token.
    package var ownershipFile: Bool
    package var challenge: Challenge
    /// `_acme-challenge` is a CNAME to the provider, who sets the tokens himself.
    package var isDelegated: Bool
    /// The name resolves through another zone of the provider, which makes both ownership tokens worthless.
    package var isProxied: Bool
    package var trouble: IssuanceTrouble?

    /// Records of which none is there unless told.
    package init(
        route: Route = .nowhere,
        ownershipText: Bool = false,
        ownershipFile: Bool = false,
        challenge: Challenge = .absent,
        isDelegated: Bool = false,
        isProxied: Bool = false,
        trouble: IssuanceTrouble? = nil
    ) {
        self.route = route
        self.ownershipText = ownershipText
        self.ownershipFile = ownershipFile
        self.challenge = challenge
        self.isDelegated = isDelegated
        self.isProxied = isProxied
        self.trouble = trouble
    }

    static let none = DNSRecords()
    static let complete = DNSRecords(route: .here, ownershipText: true, challenge: .current)
}

// MARK: - The two proofs

extension DNSRecords {
    /// True if the hostname may become active.
    var provesOwnership: Bool {
        if trouble?.stopsResolution == true { return false }
        return switch route {
        case .here: true
        case .nowhere: !isProxied && (ownershipText || ownershipFile)
        case .elsewhere, .held: false
        }
    }

    /// True if an authority may issue.
    ///
    /// - Parameter areTokensOld: False if the tokens asked for are younger than the records.
    func provesControl(method: String, wildcard: Bool, areTokensOld: Bool) -> Bool {
        if trouble?.stopsValidation == true { return false }
        // The provider answers the HTTP challenge itself and tries it whatever the method; it proves no wildcard.
        if route == .here, !wildcard { return true }
        guard method != "http" || wildcard else { return false }
        return switch challenge {
        case .absent: isDelegated
        // A TXT record that was left beside the CNAME of a delegation breaks it.
        case .current: !isDelegated
        case .setOnce: !isDelegated && areTokensOld
        }
    }
}

/// What keeps a certificate from being issued although the tenant did everything.
package enum IssuanceTrouble: String, CaseIterable, Hashable, Sendable, Codable {
    case caa
    case caaPerspectives = "caa_perspectives"
    case servfail
    case dnssec
    case authorityThrottled = "authority_throttled"
    case authorityError = "authority_error"
    case initializationHangs = "initialization_hangs"
    case issuanceHangs = "issuance_hangs"
    case deploymentHangs = "deployment_hangs"

    /// True if the name does not resolve, so that the hostname's own validation fails too.
    var stopsResolution: Bool { self == .servfail || self == .dnssec }

    /// True if the trouble shows while the certificate is `pending_validation`.
    var stopsValidation: Bool { message != nil }

    /// The text in `ssl.validation_errors`; the provider's page on validation trouble names these causes.
    var message: String? {
        switch self {
        case .caa: "caa_error: the domain's CAA records do not permit this certificate authority to issue."
        case .caaPerspectives:
            "caa_error: CAA records could not be confirmed from several network perspectives."
        case .servfail: "SERVFAIL looking up CAA: the domain's name servers did not answer."
        case .dnssec: "DNSSEC bogus: the domain's signatures could not be verified."
        case .authorityThrottled: "The certificate authority has rate-limited issuance for this domain."
        case .authorityError: "The certificate authority had encountered an internal error."
        case .initializationHangs, .issuanceHangs, .deploymentHangs: nil
        }
    }
}
