import Cloudflare
import JobQueue
package import TLSPolicy

/// Decides what to do about one hostname, from values alone.
///
/// ```
/// released? ─▶ infeasible? ─▶ unsure what is there? ─▶ nothing there? ─▶ differs? ─▶ in force?
///   end          refuse            look                  create          edit        prove, else wait
/// ```
package struct OnboardingDecision: Sendable {
    /// How old a reading of the hostname may be to write upon; our time.
    private let maximumReadingAge: Duration
    /// How long after a write a key may still read as before, since the provider's reads lag; our time.
    let readBackPatience: Duration
    /// How long a waiting job sleeps if no sweep wakes it; our time.
    let longestWait: Duration
    /// When what handshakes did not show is looked at again; our time.
    let proofSchedule: RetrySchedule
    private let capabilities: ProviderCapabilities

    package init(time: ProviderTime, capabilities: ProviderCapabilities) {
        maximumReadingAge = time.local(.seconds(600))
        readBackPatience = time.local(.seconds(180))
        longestWait = time.local(.seconds(6 * 3600))
        proofSchedule = Self.proofSchedule(in: time)
        self.capabilities = capabilities
    }

    /// What to do next, knowing what is stored and, if `hasLooked`, what the provider has just shown.
    func next(_ context: OnboardingContext, zone: ZoneSettings, job: ClaimedJob, hasLooked: Bool) -> OnboardingStep {
        if context.released {
            return .settle(.cancelled(reason: "the hostname was released"), HostnameRecord(standing: .waiting))
        }
        let effective = effective(context, zone: zone)
        if let refusal = refusal(context, effective) { return refusal }
        if context.intent != nil && !hasLooked { return .look }
        guard let observed = context.observed, context.providerID != nil else {
            return context.providerID == nil || hasLooked ? .create(certificate(of: context)) : .look
        }
        let hasWritten = context.hasWritten(in: job, certificate(of: context))
        if hasWritten && !context.isObservedAfterWrite && !hasLooked {
            return wait(for: .provider, "written; the next reading of the zone will show it")
        }
        return compare(context, effective, observed, job, hasLooked: hasLooked)
    }

    private func compare(
        _ context: OnboardingContext,
        _ effective: EffectivePolicy,
        _ observed: Observation,
        _ job: ClaimedJob,
        hasLooked: Bool
    ) -> OnboardingStep {
        let plan = plan(effective, observed: observed.policyView, certificates: context.leaves)
        let servesOther = servesOtherCertificate(context, observed)
        switch plan {
        case .create, .recreate:
            return hasLooked ? .create(certificate(of: context)) : .look
        case .refuse(let actor, let reason):
            return fail("held", reason, JobActor(actor))
        case .edit(let edit):
            let assent = Assent(plan.changes, context, effective, jobID: job.jobID)
            let writes = OnboardingStep.Writes(edit, over: observed.settings)
            return refuseWeakening(plan.changes, assent)
                ?? keep(plan.changes, assent, writes.settings, context, effective, observed, hasLooked)
                ?? write(plan.changes, assent, writes, context, observed, job, hasLooked)
        case .revive(let edit):
            let assent = Assent(plan.changes, context, effective, jobID: job.jobID)
            let writes = OnboardingStep.Writes(edit, over: observed.settings)
            return refuseWeakening(plan.changes, assent)
                ?? write(plan.changes, assent, writes, context, observed, job, hasLooked)
        case .nothing where servesOther, .wait where servesOther:
            let assent = Assent([], context, effective, jobID: job.jobID)
            let writes = OnboardingStep.Writes(settings: observed.settings)
            return write([], assent, writes, context, observed, job, hasLooked)
        case .wait(let actor, let reason):
            let errors = observed.verificationErrors + observed.validationErrors
            return wait(for: JobActor(actor), ([reason] + errors).joined(separator: "; "))
        case .nothing:
            return inForce(context, effective, hasLooked: hasLooked)
        }
    }
}

// MARK: - The single decisions

extension OnboardingDecision {
    func refusal(_ context: OnboardingContext, _ effective: EffectivePolicy) -> OnboardingStep? {
        guard let hostname = try? Hostname(context.name) else {
            return fail("rejected", "\(context.name) is not a hostname", .operator)
        }
        let contradictions = judge(
            effective,
            hostname: hostname,
            certificates: context.leaves,
            capabilities: capabilities,
            now: context.now
        )
        guard let first = contradictions.first else { return nil }
        let message = contradictions.map(\.description).joined(separator: "; ")
        if contradictions.allSatisfy(\.isCuredByUpload) {
            // The tenant uploads one and the job goes on by itself: it has not failed.
            return wait(for: .tenant, message, findings: context.findings(of: contradictions))
        }
        let failure = JobFailure(
            errorClass: "policy_infeasible",
            code: first.sqlState,
            message: message,
            actor: JobActor(first.actor)
        )
        return .settle(.failed(failure), HostnameRecord(standing: .refused, actor: failure.actor, message: message))
    }

    /// What applies to the hostname now.
    func effective(_ context: OnboardingContext, zone: ZoneSettings) -> EffectivePolicy {
        resolve(
            context.policyRevision,
            wish: context.wish,
            exceptions: context.exceptions,
            capabilities: capabilities,
            zone: zone
        )
    }

    /// A certificate or a wildcard is taken away as a whole or not at all: without approval nothing is written.
    private func refuseWeakening(_ changes: [Change], _ assent: Assent) -> OnboardingStep? {
        let refused = changes.filter { !assent.allows($0) }
        guard refused.contains(where: \.isOfHostname) else { return nil }
        let text = refused.map(\.text).joined(separator: ", ")
        return fail("weakening", "\(text): weakening needs a person's approval", .operator)
    }

    /// What becomes of changes that weaken and that nobody approved; `nil` if there is something else to write.
    ///
    /// A tier that moved down, or a file, never opens what was closed: that takes a person's approval.
    private func keep(
        _ changes: [Change],
        _ assent: Assent,
        _ planned: SSLSettings,
        _ context: OnboardingContext,
        _ effective: EffectivePolicy,
        _ observed: Observation,
        _ hasLooked: Bool
    ) -> OnboardingStep? {
        let weakening = changes.filter { !assent.allows($0) }
        let settings = planned.keeping(Set(weakening.map(\.key)), of: observed.settings)
        let isEqual =
            settings == observed.settings && !changes.contains(where: \.isOfHostname) && changes.authority == nil
        guard !weakening.isEmpty, isEqual, !servesOtherCertificate(context, observed) else { return nil }
        if observed.policyView.isReady { return inForce(context, effective, kept: weakening, hasLooked: hasLooked) }
        return wait(for: .tenant, "only weaker values differ, which are left as they are; not served yet")
    }

    private func write(
        _ changes: [Change],
        _ assent: Assent,
        _ writes: OnboardingStep.Writes,
        _ context: OnboardingContext,
        _ observed: Observation,
        _ job: ClaimedJob,
        _ hasLooked: Bool
    ) -> OnboardingStep {
        // What was approved only after this job's last write is still to be written.
        let isApprovedSince = assent.approvalID != nil && context.approval?.usedBy == nil
        if !isApprovedSince && context.hasWritten(in: job, certificate(of: context)) {
            return unverified(context, changes)
        }
        if !context.isFresh(within: maximumReadingAge) && !hasLooked { return .look }
        let kept = Set(changes.filter { !assent.allows($0) }.map(\.key))
        var writes = writes
        writes.settings = writes.settings.keeping(kept, of: observed.settings)
        writes.approvalID = assent.approvalID
        writes.leavesCustomCertificate = changes.contains { $0.key == .certificate && $0.kind == .weaken }
        return .edit(observed, writes, certificate(of: context))
    }

    /// This job has written already, and a key still differs.
    private func unverified(_ context: OnboardingContext, _ changes: [Change]) -> OnboardingStep {
        let keys = changes.isEmpty ? "still timed out" : changes.map(\.text).joined(separator: ", ")
        let message = "accepted by the provider, but not in force: \(keys)"
        if let age = context.appliedAge_ms, .milliseconds(age) < readBackPatience {
            return wait(for: .provider, message)
        }
        let failure = JobFailure(errorClass: "applied_unverified", message: message, actor: .operator)
        return .settle(.failed(failure), HostnameRecord(standing: .unverified, actor: .operator, message: message))
    }

    /// Recorded from a young reading only: people edit the provider's settings by hand.
    private func inForce(
        _ context: OnboardingContext,
        _ effective: EffectivePolicy,
        kept: [Change] = [],
        hasLooked: Bool
    ) -> OnboardingStep {
        if !hasLooked && !context.isFresh(within: maximumReadingAge) { return .look }
        var record = HostnameRecord(standing: .enforced)
        record.enforcedGeneration = context.generation
        record.policy = effective.revision.description
        record.certificateIDs = certificate(of: context).numbers
        if !kept.isEmpty {
            let keys = kept.map(\.text).joined(separator: ", ")
            record.message =
                "stronger than \(effective.revision) asks; left as it is, since weakening needs approval: \(keys)"
        }
        if case .partial(let reason) = effective.coverage {
            record.standing = .partial
            record.message = reason
        }
        return .prove(expectations(context, effective), .done(result: record.standing.rawValue), record)
    }

    private func wait(
        for actor: JobActor,
        _ message: String,
        findings: [CertificateFinding] = []
    ) -> OnboardingStep {
        .settle(
            .deferred(for: longestWait, reason: "waiting_\(actor.rawValue)", actor: actor, message: message),
            HostnameRecord(standing: .waiting, actor: actor, message: message, findings: findings)
        )
    }

    private func fail(_ errorClass: String, _ message: String, _ actor: JobActor) -> OnboardingStep {
        let failure = JobFailure(errorClass: errorClass, message: message, actor: actor)
        return .settle(.failed(failure), HostnameRecord(standing: .failed, actor: actor, message: message))
    }

    func certificate(of context: OnboardingContext) -> OnboardingStep.CertificateChoice {
        let isCustom = context.wish.customCertificate || context.policy.customCertificate == .required
        return isCustom && !context.certificates.isEmpty ? .custom(context.certificates.map(\.certificateID)) : .managed
    }

    /// The tenant's certificates are not those that were last sent.
    ///
    /// Where the provider shows which it serves, those are compared; of a hostname adopted after a lost reply that is
    /// all we know. Sending an equal certificate again would restart its deployment.
    func servesOtherCertificate(_ context: OnboardingContext, _ observed: Observation) -> Bool {
        let wanted = certificate(of: context).numbers
        guard !wanted.isEmpty, context.appliedCertificates != wanted else { return false }
        return !(observed.servesCustomCertificate && observed.policyView.shows(context.leaves))
    }
}

extension OnboardingContext {
    /// Whether this job has already written what is wanted now: it writes each generation of each policy once.
    fileprivate func hasWritten(in job: ClaimedJob, _ certificate: OnboardingStep.CertificateChoice) -> Bool {
        appliedJob == job.jobID && appliedGeneration == generation
            && appliedPolicy == policyRevision.description && appliedCertificates == certificate.numbers
    }

    /// Whether the stored reading is young enough to write upon.
    fileprivate func isFresh(within age: Duration) -> Bool {
        isObservedAfterWrite && observedAge_ms.map { .milliseconds($0) <= age } ?? false
    }
}

extension Contradiction {
    /// Cured by uploading a certificate, and by nothing else.
    var isCuredByUpload: Bool {
        switch kind {
        case .certificateMissing, .certificateExpired, .certificateNotYetValid, .certificateEndsSoon: true
        default: false
        }
    }
}

extension Change {
    /// Of the hostname as a whole, and not one of its settings.
    fileprivate var isOfHostname: Bool { key == .certificate || key == .wildcard }

    fileprivate var text: String { "\(key.rawValue) \(before ?? "(not set)") -> \(after ?? "(not set)")" }
}

extension SSLSettings {
    /// The same with these keys as they were.
    fileprivate func keeping(_ keys: Set<SettingKey>, of observed: SSLSettings) -> SSLSettings {
        var settings = self
        if keys.contains(.minimumTLS) {
            settings.minimumTLS = observed.minimumTLS
            // A minimum of TLS 1.3 allows no list beside it (provider code 1443).
            if observed.minimumTLS?.value == .v1_3 { settings.ciphers = observed.ciphers }
        }
        if keys.contains(.ciphers) { settings.ciphers = observed.ciphers }
        if keys.contains(.tls13) { settings.tls13 = observed.tls13 }
        return settings
    }
}

extension JobActor {
    init(_ actor: PolicyActor) {
        switch actor {
        case .us: self = .us
        case .tenant: self = .tenant
        case .operator: self = .operator
        case .provider: self = .provider
        }
    }
}
