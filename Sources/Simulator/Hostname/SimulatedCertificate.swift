/// The `ssl` part of a custom hostname: what was asked for, how far it is, and what the edge serves.
package struct SimulatedCertificate: Hashable, Sendable {
    /// The states of `ssl.status` that the simulator reaches; the API reference lists 21.
    package enum Status: String, CaseIterable, Hashable, Sendable, Codable {
        case initializing
        case pendingValidation = "pending_validation"
        case pendingIssuance = "pending_issuance"
        case pendingDeployment = "pending_deployment"
        case active
        case validationTimedOut = "validation_timed_out"
        case pendingDeletion = "pending_deletion"
    }

    /// Everything an edit can set.
    package struct Configuration: Hashable, Sendable {
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
    package struct Issued: Hashable, Sendable {
        /// Decimal digits.
        package var serialNumber: String
        package var issuedAt: VirtualInstant

        /// The provider's certificates last 90 days.
        var expiresAt: VirtualInstant { issuedAt.adding(seconds: 90 * 86_400) }
    }

    /// What the edge serves, which changes only when a deployment is complete.
    package struct InForce: Hashable, Sendable {
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
    private var tokensFrom: VirtualInstant
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
}

// MARK: - Transitions

extension SimulatedCertificate {
    /// The longest documented life of a validation token.
    private static let tokenLifeSeconds: Double = 14 * 86_400

    /// Takes every step that is due by `now`; says whether there was one.
    mutating func advance(to now: VirtualInstant, dns: DNSView, timings: ProviderTimings) -> Bool {
        var hasChanged = false
        while let next = nextStep(dns: dns, timings: timings), next.at <= now {
            enter(next.status, at: next.at)
            hasChanged = true
        }
        return hasChanged
    }

    private func nextStep(dns: DNSView, timings: ProviderTimings) -> (status: Status, at: VirtualInstant)? {
        switch status {
        case .initializing:
            (isManaged ? .pendingValidation : .pendingDeployment, since.adding(seconds: timings.recordsAppear))
        case .pendingValidation:
            validation(dns: dns, timings: timings)
        case .pendingIssuance:
            (.pendingDeployment, since.adding(seconds: timings.issuance))
        case .pendingDeployment:
            (.active, since.adding(seconds: deploymentSeconds))
        case .active, .validationTimedOut, .pendingDeletion:
            nil
        }
    }

    private func validation(dns: DNSView, timings: ProviderTimings) -> (Status, VirtualInstant) {
        let timeout = since.adding(seconds: timings.validationTimeout)
        guard let ready = dns.pointsHereAt else { return (.validationTimedOut, timeout) }
        let validated = max(ready, since).adding(seconds: timings.validation)
        return validated <= timeout ? (.pendingIssuance, validated) : (.validationTimedOut, timeout)
    }

    private mutating func enter(_ new: Status, at moment: VirtualInstant) {
        if new == .pendingDeployment, status == .pendingIssuance {
            issued = Issued(serialNumber: String(random.next()), issuedAt: moment)
        }
        if new == .active {
            inForce = InForce(
                settings: configuration.settings,
                wildcard: configuration.wildcard,
                uploads: configuration.uploads,
                issued: isManaged ? issued : nil
            )
        }
        status = new
        since = moment
    }

    /// Starts from the beginning: another certificate is needed.
    ///
    /// The edge keeps what it serves until that one is deployed.
    mutating func obtainAnew(now: VirtualInstant, timings: ProviderTimings) {
        deploymentSeconds = timings.deployment
        uploadedAt = isManaged ? nil : now
        if !isManaged { issued = nil }
        renewTokens(now: now)
        enter(.initializing, at: now)
    }

    /// Validates once more, with fresh tokens only if the old ones are stale.
    mutating func validateAgain(now: VirtualInstant, timings: ProviderTimings) {
        deploymentSeconds = timings.deployment
        if now.seconds(since: tokensFrom) > Self.tokenLifeSeconds { renewTokens(now: now) }
        enter(isManaged ? .pendingValidation : .pendingDeployment, at: now)
    }

    /// Brings changed settings to the edge; before the first deployment there is nothing to redo.
    mutating func redeploy(now: VirtualInstant, timings: ProviderTimings) {
        guard status == .active || status == .pendingDeployment else { return }
        deploymentSeconds = timings.redeployment
        enter(.pendingDeployment, at: now)
    }

    mutating func delete(now: VirtualInstant) {
        enter(.pendingDeletion, at: now)
    }

    private mutating func renewTokens(now: VirtualInstant) {
        tokens = [random.token(), random.token()]
        tokensFrom = now
    }
}
