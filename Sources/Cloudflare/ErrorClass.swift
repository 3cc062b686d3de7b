/// What kind of trouble an error is, and so what becomes of the work.
package enum ErrorClass: String, CaseIterable, Hashable, Sendable, Codable {
    /// Passes by itself: try again soon.
    case transient
    /// A limit is reached: everyone waits.
    case throttled
    /// The provider does not serve anybody: counts towards the breaker, spends no attempt.
    case providerDown = "provider_down"
    /// Somebody else changed or holds the thing: read again, then decide.
    case conflict
    /// The thing does not exist any more.
    case gone
    /// The plan or quota does not allow it: somebody must buy or raise something.
    case notEntitled = "not_entitled"
    /// The token is wrong, ended, or lacks a permission.
    case credentials
    /// The request is wrong and stays wrong however often it is sent.
    case rejected
    /// None of the above is known to hold.
    case unknown
}

/// Who has to move before the call can succeed.
package enum ResponsibleActor: String, CaseIterable, Hashable, Sendable, Codable {
    /// This program: by trying again, reading again, or being repaired.
    case us
    case tenant
    /// Who runs this program: token, plan, policy, configuration.
    case `operator`
    case provider
}

/// The judgement on one error.
package struct ErrorVerdict: Hashable, Sendable {
    package let `class`: ErrorClass
    package let actor: ResponsibleActor
    /// What to do, as a sentence for a person.
    package let advice: String
    /// Where the fact behind it was read.
    package let source: String

    package init(class: ErrorClass, actor: ResponsibleActor, advice: String, source: String) {
        self.class = `class`
        self.actor = actor
        self.advice = advice
        self.source = source
    }
}
