import TLSPolicy

/// One stored hostname as a plan looks at it.
struct PlanSubject: Sendable {
    /// As the worker will see it when the job runs, but for what only time tells.
    var context: OnboardingContext
    /// `usher.observed_state` of the row.
    var state: String

    var basis: PlanBasis {
        PlanBasis(
            hostnameID: context.hostnameID,
            generation: context.generation,
            policy: context.policyRevision.description,
            state: state,
            certificateID: context.certificates.first?.certificateID
        )
    }
}
