/// The `ssl` part of a custom hostname: what was asked for, how far it is, and what the edge serves.
package struct SimulatedCertificate: Hashable, Sendable, Codable {
    /// The states of `ssl.status` that the simulator reaches; the API reference lists 21.
    package enum Status: String, CaseIterable, Hashable, Sendable, Codable {
        case initializing
        case pendingValidation = "pending_validation"
        case pendingIssuance = "pending_issuance"
        case pendingDeployment = "pending_deployment"
        case active
        case pendingExpiration = "pending_expiration"
        case expired
        case initializingTimedOut = "initializing_timed_out"
        case validationTimedOut = "validation_timed_out"
        case issuanceTimedOut = "issuance_timed_out"
        case deploymentTimedOut = "deployment_timed_out"
        case pendingDeletion = "pending_deletion"
    }

    /// Everything an edit can set.
    package struct Configuration: Hashable, Sendable, Codable {
        package var type = "dv"
        package var method = "http"
        package var bundleMethod = "ubiquitous"
        package var authority = "google"
        package var wildcard = false
        package var settings = HostnameSettings()
        /// One, or two of different key types; empty for a certificate that the provider manages.
        package var uploads: [UploadedCertificate] = []

        func isEquivalent(to other: Configuration) -> Bool {
            var comparable = self
            comparable.settings = other.settings
            return comparable == other && settings.isEquivalent(to: other.settings)
        }
    }

    /// A certificate that the provider obtained itself.
    package struct Issued: Hashable, Sendable, Codable {
        /// Decimal digits.
        package var serialNumber: String
        package var issuedAt: VirtualInstant
        package var expiresAt: VirtualInstant
    }

    /// What the edge serves, which changes only when a deployment is complete.
    package struct InForce: Hashable, Sendable, Codable {
        package var settings: HostnameSettings
        /// Covers the subdomains too; they take the zone's settings, not these.
        package var wildcard: Bool
        /// Empty if the edge serves a certificate of the provider's own.
        package var uploads: [UploadedCertificate]
        /// The provider's own certificate, if the edge serves one.
        package var issued: Issued?
    }

    /// The `ssl.id`, a UUID.
    package let id: String
    package internal(set) var configuration: Configuration
    package private(set) var status: Status = .initializing
    package private(set) var since: VirtualInstant
    package private(set) var issued: Issued?
    package private(set) var uploadedAt: VirtualInstant?
    package private(set) var inForce: InForce?
    private(set) var tokens: [String]
    private(set) var tokensFrom: VirtualInstant
    /// Tries of the present validation that failed.
    private(set) var failedTries = 0
    /// True while a certificate that was in force is being replaced because of its age.
    private(set) var isRenewal = false
    private var deploymentSeconds: Double
    private var random: SeededRandom

    init(_ configuration: Configuration, now: VirtualInstant, timings: ProviderTimings, random: SeededRandom) {
        var random = random
        self.id = random.uuid()
        self.configuration = configuration
        self.since = now
        self.uploadedAt = configuration.uploads.isEmpty ? nil : now
        self.tokens = [random.token(), random.token()]
        self.tokensFrom = now
        self.deploymentSeconds = timings.deployment
        self.random = random
    }

    var isManaged: Bool { configuration.uploads.isEmpty }

    /// Validation records exist between their late appearance and the validation.
    var showsRecords: Bool { status == .pendingValidation || status == .validationTimedOut }

    /// Until when the present tokens are worth something.
    var tokensUntil: VirtualInstant {
        tokensFrom.adding(seconds: ProviderTimings.tokenLife(of: configuration.authority))
    }
}

// MARK: - Transitions

extension SimulatedCertificate {
    mutating func enter(_ new: Status, at moment: VirtualInstant, timings: ProviderTimings) {
        if new == .pendingDeployment, status == .pendingIssuance {
            let end = moment.adding(seconds: timings.certificateLife)
            issued = Issued(serialNumber: String(random.next()), issuedAt: moment, expiresAt: end)
        }
        if new == .active {
            isRenewal = false
            inForce = InForce(
                settings: configuration.settings,
                wildcard: configuration.wildcard,
                uploads: configuration.uploads,
                issued: isManaged ? issued : nil
            )
        }
        failedTries = 0
        status = new
        since = moment
    }

    /// Seconds from the present state's beginning to the end of a deployment.
    var remainingDeployment: Double { deploymentSeconds }

    mutating func failTry(at moment: VirtualInstant, tokensDie: Bool) {
        failedTries += 1
        if tokensDie { renewTokens(now: moment) }
    }

    mutating func renewTokens(now: VirtualInstant) {
        tokens = [random.token(), random.token()]
        tokensFrom = now
    }

    /// Replaces a certificate that nears its end; the edge keeps the old one until the new one is deployed.
    mutating func renew(at moment: VirtualInstant, changesMethod: Bool, timings: ProviderTimings) {
        if changesMethod, configuration.method == "txt", !configuration.wildcard { configuration.method = "http" }
        deploymentSeconds = timings.deployment
        renewTokens(now: moment)
        enter(.pendingValidation, at: moment, timings: timings)
        isRenewal = true
    }

    /// Starts from the beginning: another certificate is needed.
    ///
    /// The edge keeps what it serves until that one is deployed.
    mutating func obtainAnew(now: VirtualInstant, timings: ProviderTimings) {
        deploymentSeconds = timings.deployment
        uploadedAt = isManaged ? nil : now
        if !isManaged { issued = nil }
        isRenewal = false
        renewTokens(now: now)
        enter(.initializing, at: now, timings: timings)
    }

    /// Validates once more, with fresh tokens only if the old ones are stale.
    mutating func validateAgain(now: VirtualInstant, timings: ProviderTimings) {
        deploymentSeconds = timings.deployment
        if now >= tokensUntil { renewTokens(now: now) }
        enter(isManaged ? .pendingValidation : .pendingDeployment, at: now, timings: timings)
    }

    /// Brings changed settings to the edge; before the first deployment there is nothing to redo.
    mutating func redeploy(now: VirtualInstant, timings: ProviderTimings) {
        guard [.active, .pendingDeployment, .pendingExpiration].contains(status) else { return }
        deploymentSeconds = timings.redeployment
        enter(.pendingDeployment, at: now, timings: timings)
    }

    mutating func delete(now: VirtualInstant, timings: ProviderTimings) {
        enter(.pendingDeletion, at: now, timings: timings)
    }
}
