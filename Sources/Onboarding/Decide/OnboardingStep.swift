import Cloudflare
import JobQueue
import TLSPolicy

/// What the onboarding of one hostname does next.
enum OnboardingStep {
    /// Read the hostname at the provider, by its id if we have one, else by its name: one call.
    case look
    /// Create it with its final settings: one call.
    case create(CertificateChoice)
    /// Change it: one call, carrying the whole settings.
    case edit(Observation, Writes, CertificateChoice)
    /// In force as far as the provider says: settle so once handshakes have shown it.
    case prove([ProofExpectation], JobOutcome, HostnameRecord)
    /// Nothing more to do in this attempt.
    case settle(JobOutcome, HostnameRecord)

    /// What an edit sends.
    struct Writes: Hashable {
        var settings: SSLSettings
        /// Only if it changes: naming it is refused where it cannot be chosen (provider code 1459).
        var authority: IssuingAuthority?
        /// What is sent before them if the provider turns out to merge settings; see `HostnamePlan.Edit.clearingFirst`.
        var clearingFirst: SSLSettings?
        /// The approval that the edit uses up, if it needs one.
        var approvalID: Int64?
        /// A person approved the move from the tenant's certificate to one of the provider's.
        var leavesCustomCertificate = false

        init(settings: SSLSettings) {
            self.settings = settings
        }

        init(_ edit: HostnamePlan.Edit, over read: SSLSettings) {
            settings = read.applying(edit.settings)
            authority = edit.changes.authority
            guard let cleared = edit.clearingFirst else { return }
            clearingFirst = read.applying(cleared)
            // Named, since what is left out is kept there.
            clearingFirst?.ciphers = []
        }
    }

    /// Whose certificate the call carries.
    enum CertificateChoice: Hashable {
        case managed
        /// The stored certificates with these numbers, newest first: one, or one of each kind of key.
        case custom([Int64])

        var numbers: [Int64] {
            if case .custom(let numbers) = self { numbers } else { [] }
        }
    }
}

extension OnboardingDecision {
    /// What a write that was answered comes to: nothing is called enforced before it is read back.
    func written(
        _ answer: CustomHostname,
        _ context: OnboardingContext,
        _ certificate: OnboardingStep.CertificateChoice
    ) -> (JobOutcome, HostnameRecord) {
        let message = "written; the next reading of the zone will show it"
        var record = HostnameRecord(standing: .waiting, actor: .provider, message: message)
        record.seen = .init(observation: Observation(answer), validation: ValidationRecords(answer))
        record.written = .init(
            generation: context.generation,
            policy: context.policyRevision.description,
            certificateIDs: certificate.numbers
        )
        return (.deferred(for: longestWait, reason: "waiting_provider", actor: .provider, message: message), record)
    }

    /// The key of a custom certificate cannot be opened here, or is not one that may be sent.
    func certificateUnusable(_ trouble: CertificateTrouble) -> (JobOutcome, HostnameRecord) {
        let (actor, message) = (trouble.actor, trouble.description)
        let outcome: JobOutcome =
            .deferred(for: longestWait, reason: trouble.reason, actor: actor, message: message)
        return (outcome, HostnameRecord(standing: .waiting, actor: actor, message: message))
    }

    /// What we wrote a short while ago is not there; `nil` if that was long enough ago to take it for gone.
    ///
    /// The provider's reads lag behind its writes: created again, the hostname would be refused as a duplicate.
    func notShownYet(_ context: OnboardingContext) -> (JobOutcome, HostnameRecord)? {
        guard context.providerID != nil, let age = context.appliedAge_ms, .milliseconds(age) < readBackPatience else {
            return nil
        }
        let message = "written a short while ago, and not shown by the provider yet"
        let record = HostnameRecord(standing: .waiting, actor: .provider, message: message)
        return (.deferred(for: longestWait, reason: "waiting_provider", actor: .provider, message: message), record)
    }

    /// The provider says the name is taken and does not show it in our zone.
    func takenElsewhere() -> (JobOutcome, HostnameRecord) {
        let message = "the provider says the name is taken, but not in this zone; ask the provider who holds it"
        let failure = JobFailure(errorClass: "conflict", code: "1406", message: message, actor: .operator)
        return (.failed(failure), HostnameRecord(standing: .failed, actor: .operator, message: message))
    }

    /// The settings a new hostname is created with.
    func settings(of context: OnboardingContext, zone: ZoneSettings) -> SSLSettings {
        SSLSettings().applying(effective(context, zone: zone).explicitSettings)
    }

    /// The authority a new hostname is created with; `nil` leaves the choice to the provider.
    func authority(of context: OnboardingContext, zone: ZoneSettings) -> IssuingAuthority? {
        effective(context, zone: zone).authority.explicit
    }
}
