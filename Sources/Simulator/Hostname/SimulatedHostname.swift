/// One custom hostname at the provider, by value: its state follows from timestamps when it is read.
package struct SimulatedHostname: Hashable, Sendable {
    /// The states of `status` that the simulator reaches; the API reference lists 16.
    package enum Status: String, CaseIterable, Hashable, Sendable, Codable {
        case pending
        case active
        case activeRedeploying = "active_redeploying"
        case moved
        case blocked
        case pendingDeletion = "pending_deletion"
        case deleted
    }

    /// The provider's id, a UUID.
    package let id: String
    /// The name in lower case.
    package let name: String
    package let createdAt: VirtualInstant
    package internal(set) var metadata: [String: APIValue] = [:]
    package internal(set) var originServer: String?
    package internal(set) var originSNI: String?
    package private(set) var status: Status = .pending
    package private(set) var since: VirtualInstant
    /// `nil` if the hostname was created without `ssl`.
    package internal(set) var certificate: SimulatedCertificate?
    /// Fixed for the hostname's life: an edit keeps it, a new creation has another.
    let ownershipToken: String
    private(set) var dns: DNSView

    init(name: String, now: VirtualInstant, dns: DNSFixture, random: inout SeededRandom) {
        self.id = random.uuid()
        self.ownershipToken = random.uuid()
        self.name = name
        self.createdAt = now
        self.since = now
        self.dns = DNSView(fixture: dns, since: now)
    }

    /// True once the provider has seen the tenant's DNS lead here.
    var isValidated: Bool { status == .active || status == .activeRedeploying }
}

// MARK: - Transitions

extension SimulatedHostname {
    /// What the hostname's states depend on besides its own past.
    struct Surroundings {
        var timings: ProviderTimings
        /// When the zone's fallback origin became active; `nil` is not: nothing activates without it.
        var fallbackOriginFrom: VirtualInstant?
    }

    /// Takes every step of hostname and certificate that is due by `now`; says whether there was one.
    @discardableResult
    mutating func advance(to now: VirtualInstant, in surroundings: Surroundings) -> Bool {
        var hasChanged = certificate?.advance(to: now, dns: dns, timings: surroundings.timings) ?? false
        while let next = nextStep(in: surroundings), next.at <= now {
            enter(next.status, at: next.at)
            hasChanged = true
        }
        return hasChanged
    }

    private func nextStep(in surroundings: Surroundings) -> (status: Status, at: VirtualInstant)? {
        let timings = surroundings.timings
        switch status {
        case .pending:
            let givenUp = (Status.moved, since.adding(seconds: timings.retirement))
            guard let seen = observation(in: surroundings), seen.at <= givenUp.1 else { return givenUp }
            return seen
        case .active:
            return departure(timings)
        case .activeRedeploying:
            let redeployed = (Status.active, since.adding(seconds: timings.redeployment))
            guard let left = departure(timings), left.at <= redeployed.1 else { return redeployed }
            return left
        case .moved:
            return (.deleted, since.adding(seconds: timings.retirement))
        case .blocked, .pendingDeletion, .deleted:
            return nil
        }
    }

    /// What the provider's check of the DNS comes to, and when.
    private func observation(in surroundings: Surroundings) -> (status: Status, at: VirtualInstant)? {
        guard let ready = dns.pointsHereAt else { return departure(surroundings.timings) }
        guard let origin = surroundings.fallbackOriginFrom else { return nil }
        return (.active, max(since, ready, origin).adding(seconds: surroundings.timings.ownershipCheck))
    }

    /// The end of a hostname whose DNS belongs to somebody else.
    private func departure(_ timings: ProviderTimings) -> (status: Status, at: VirtualInstant)? {
        let seen = max(since, dns.since).adding(seconds: timings.ownershipCheck)
        return switch dns.fixture {
        case .blocked: (.blocked, seen)
        case .moved: (.moved, seen)
        case .pointsHere, .never: nil
        }
    }

    private mutating func enter(_ new: Status, at moment: VirtualInstant) {
        status = new
        since = moment
    }

    /// Takes over what the tenant's DNS does from `now` on.
    mutating func setDNS(_ fixture: DNSFixture, now: VirtualInstant) {
        guard fixture != dns.fixture else { return }
        dns = DNSView(fixture: fixture, since: now)
    }

    /// Checks the DNS anew, which brings back what was moved, blocked or deleted; a valid hostname stays so.
    mutating func validateAgain(now: VirtualInstant) {
        guard !isValidated else { return }
        enter(.pending, at: now)
    }

    mutating func redeploy(now: VirtualInstant) {
        guard isValidated else { return }
        enter(.activeRedeploying, at: now)
    }

    mutating func delete(now: VirtualInstant) {
        certificate?.delete(now: now)
        enter(.pendingDeletion, at: now)
    }
}
