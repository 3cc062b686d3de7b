/// What the states of hostname and certificate depend on besides their own past.
struct Surroundings {
    var timings: ProviderTimings
    var semantics: ProviderSemantics
    /// When the zone's fallback origin became active; `nil` is not: nothing activates without it.
    var fallbackOriginFrom: VirtualInstant?
}

extension SimulatedCertificate {
    /// The next thing that happens of itself.
    private enum Step {
        case enter(Status)
        case failTry
        case renewTokens
        case renew
    }

    /// Takes every step that is due by `now` and notes what the provider would announce; says whether there was one.
    mutating func advance(
        to now: VirtualInstant,
        dns: DNSView,
        in surroundings: Surroundings,
        journal: inout [CertificateEvent.Kind]
    ) -> Bool {
        var hasChanged = false
        while let next = nextStep(dns, surroundings), next.at <= now {
            take(next.step, at: next.at, dns, surroundings, journal: &journal)
            hasChanged = true
        }
        return hasChanged
    }

    private mutating func take(
        _ step: Step,
        at moment: VirtualInstant,
        _ dns: DNSView,
        _ surroundings: Surroundings,
        journal: inout [CertificateEvent.Kind]
    ) {
        switch step {
        case .enter(let new):
            journal += CertificateEvent.Kind.announced(from: status, to: new, isRenewal: isRenewal)
            enter(new, at: moment, timings: surroundings.timings)
        case .failTry:
            journal.append(.validationFailed)
            failTry(at: moment, tokensDie: surroundings.semantics.tokenDeath == .failedTry)
        case .renewTokens:
            renewTokens(now: moment)
        case .renew:
            let changes = surroundings.semantics.renewalChangesMethod && !dns.records(at: moment).isDelegated
            renew(at: moment, changesMethod: changes, timings: surroundings.timings)
        }
    }

    private func nextStep(_ dns: DNSView, _ surroundings: Surroundings) -> (step: Step, at: VirtualInstant)? {
        let timings = surroundings.timings
        let trouble = dns.fixture.records.trouble
        func step(
            _ seconds: Double,
            _ status: Status,
            hanging: IssuanceTrouble,
            timedOut: Status
        ) -> (Step, VirtualInstant) {
            trouble == hanging
                ? (.enter(timedOut), since.adding(seconds: timings.stepTimeout))
                : (.enter(status), since.adding(seconds: seconds))
        }
        switch status {
        case .initializing:
            let next: Status = isManaged ? .pendingValidation : .pendingDeployment
            return step(
                timings.recordsAppear,
                next,
                hanging: .initializationHangs,
                timedOut: .initializingTimedOut
            )
        case .pendingValidation:
            return validation(dns, surroundings)
        case .pendingIssuance:
            return step(timings.issuance, .pendingDeployment, hanging: .issuanceHangs, timedOut: .issuanceTimedOut)
        case .pendingDeployment:
            return step(remainingDeployment, .active, hanging: .deploymentHangs, timedOut: .deploymentTimedOut)
        case .active, .pendingExpiration, .validationTimedOut, .issuanceTimedOut, .deploymentTimedOut:
            return ageing(timings)
        case .expired, .initializingTimedOut, .pendingDeletion:
            return nil
        }
    }

    /// What age does to a certificate that is in force.
    private func ageing(_ timings: ProviderTimings) -> (Step, VirtualInstant)? {
        let end = isManaged ? issued?.expiresAt : configuration.uploads.map(\.facts.notAfter).min()
        guard let end, inForce != nil else { return nil }
        switch status {
        case .active where isManaged:
            return (.renew, max(since, end.adding(seconds: -timings.renewalLead)))
        case .active:
            return (.enter(.pendingExpiration), max(since, end.adding(seconds: -timings.expirationNotice)))
        default:
            return (.enter(.expired), max(since, end))
        }
    }

    /// The earliest of: a try of the validation, the end of the tokens, the end of patience.
    private func validation(_ dns: DNSView, _ surroundings: Surroundings) -> (Step, VirtualInstant) {
        let timings = surroundings.timings
        let timeout = since.adding(seconds: timings.validationTimeout)
        let end: (Step, VirtualInstant) = (.enter(.validationTimedOut), timeout)
        if let next = nextTry(dns, surroundings), next.1 <= timeout, next.1 <= tokensUntil { return next }
        return tokensUntil < timeout ? (.renewTokens, tokensUntil) : end
    }

    private func nextTry(_ dns: DNSView, _ surroundings: Surroundings) -> (Step, VirtualInstant)? {
        let first = since.adding(seconds: surroundings.timings.validation)
        guard surroundings.semantics.tries == .onSchedule else {
            let seen = max(since, dns.visibleFrom)
            return proves(dns, at: seen)
                ? (.enter(.pendingIssuance), seen.adding(seconds: surroundings.timings.validation)) : nil
        }
        let moment = first.adding(seconds: BackoffSchedule.offsetSeconds(of: failedTries))
        return (proves(dns, at: moment) ? .enter(.pendingIssuance) : .failTry, moment)
    }

    private func proves(_ dns: DNSView, at moment: VirtualInstant) -> Bool {
        dns.records(at: moment).provesControl(
            method: configuration.method,
            wildcard: configuration.wildcard,
            areTokensOld: tokensFrom <= dns.visibleFrom
        )
    }
}
