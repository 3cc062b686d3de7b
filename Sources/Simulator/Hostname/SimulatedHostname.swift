/// One custom hostname at the provider, by value: its state follows from timestamps when it is read.
package struct SimulatedHostname: Hashable, Sendable, Codable {
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
    /// Tries of the present validation that failed.
    private(set) var failedTries = 0

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
    /// The next thing that happens of itself.
    private enum Step {
        case enter(Status)
        case failTry
    }

    /// Takes every step of hostname and certificate that is due by `now` and notes what the provider would announce.
    ///
    /// - Returns: True if there was a step.
    @discardableResult
    mutating func advance(
        to now: VirtualInstant,
        in surroundings: Surroundings,
        journal: inout [CertificateEvent.Kind]
    ) -> Bool {
        var hasChanged = certificate?.advance(to: now, dns: dns, in: surroundings, journal: &journal) ?? false
        while let next = nextStep(in: surroundings), next.at <= now {
            switch next.step {
            case .enter(let new): enter(new, at: next.at)
            case .failTry: failedTries += 1
            }
            hasChanged = true
        }
        return hasChanged
    }

    private func nextStep(in surroundings: Surroundings) -> (step: Step, at: VirtualInstant)? {
        let timings = surroundings.timings
        switch status {
        case .pending:
            let end: Status = surroundings.semantics.givingUp == .movedThenDeleted ? .moved : .deleted
            let givenUp = (Step.enter(end), since.adding(seconds: timings.retirement))
            guard let next = nextTry(in: surroundings), next.1 <= givenUp.1 else { return givenUp }
            return next
        case .active:
            return departure(timings)
        case .activeRedeploying:
            let redeployed = (Step.enter(.active), since.adding(seconds: timings.redeployment))
            guard let left = departure(timings), left.1 <= redeployed.1 else { return redeployed }
            return left
        case .moved:
            return (.enter(.deleted), since.adding(seconds: timings.retirement))
        case .blocked, .pendingDeletion, .deleted:
            return nil
        }
    }

    /// The next check of the tenant's DNS and what it comes to.
    private func nextTry(in surroundings: Surroundings) -> (Step, VirtualInstant)? {
        if let left = departure(surroundings.timings) { return left }
        let first = since.adding(seconds: surroundings.timings.ownershipCheck)
        guard surroundings.semantics.tries == .onSchedule else {
            guard let origin = surroundings.fallbackOriginFrom, dns.fixture.records.provesOwnership else { return nil }
            let seen = max(since, dns.visibleFrom, origin)
            return (.enter(.active), seen.adding(seconds: surroundings.timings.ownershipCheck))
        }
        let moment = first.adding(seconds: BackoffSchedule.offsetSeconds(of: failedTries))
        let hasOrigin = surroundings.fallbackOriginFrom.map { $0 <= moment } ?? false
        return (hasOrigin && dns.records(at: moment).provesOwnership ? .enter(.active) : .failTry, moment)
    }

    /// The end of a hostname whose DNS belongs to somebody else.
    private func departure(_ timings: ProviderTimings) -> (Step, VirtualInstant)? {
        let seen = max(since, dns.visibleFrom).adding(seconds: timings.ownershipCheck)
        return switch dns.fixture.records.route {
        case .held: (.enter(.blocked), seen)
        case .elsewhere: (.enter(.moved), seen)
        case .here, .nowhere: nil
        }
    }

    private mutating func enter(_ new: Status, at moment: VirtualInstant) {
        failedTries = 0
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

    mutating func delete(now: VirtualInstant, timings: ProviderTimings) {
        certificate?.delete(now: now, timings: timings)
        enter(.pendingDeletion, at: now)
    }

    /// Somebody at the provider, or another customer of theirs, decides about the hostname.
    mutating func decide(_ new: Status, now: VirtualInstant) {
        enter(new, at: now)
    }
}
