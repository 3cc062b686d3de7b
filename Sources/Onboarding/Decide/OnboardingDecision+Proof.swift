import JobQueue
import TLSPolicy

/// What is in force at the provider is called enforced only once handshakes have shown it.
extension OnboardingDecision {
    /// The edge follows the provider's API with some delay: about 9 minutes of the provider's time all in all.
    static func proofSchedule(in time: ProviderTime) -> RetrySchedule {
        RetrySchedule(base: time.local(.seconds(15)), cap: time.local(.seconds(300)), maximumAttempts: 8)
    }

    /// What handshakes must show of a hostname that is as planned.
    func expectations(_ context: OnboardingContext, _ effective: EffectivePolicy) -> [ProofExpectation] {
        guard let observed = context.observed else { return [] }
        return effective.expectations(
            of: context.name,
            standing: observed.policyView,
            certificates: context.leaves
        )
    }

    /// What an attempt comes to, now that the edge has been looked at; the evidence is kept either way.
    func judged(
        _ evidence: Evidence,
        _ job: ClaimedJob,
        _ outcome: JobOutcome,
        _ record: HostnameRecord,
        using generator: inout some RandomNumberGenerator
    ) -> (JobOutcome, HostnameRecord) {
        var record = record
        record.evidence = evidence
        guard evidence.proof.result != .proved else { return (outcome, record) }
        let delay = proofSchedule.delay(afterAttempt: job.number, using: &generator)
        let text = evidence.proof.mismatches.map(\.description).joined(separator: "; ")
        let failure = JobFailure(
            errorClass: "applied_unverified",
            message: "as wanted at the provider, but not shown by handshakes: \(text)",
            actor: delay == nil ? .operator : .provider
        )
        let unverified = HostnameRecord(
            standing: .unverified,
            actor: failure.actor,
            message: failure.message,
            seen: record.seen,
            evidence: evidence
        )
        return (delay.map { .retry(after: $0, failure) } ?? .failed(failure), unverified)
    }

    /// What an attempt comes to where the operator has turned proof off: the same, and it says so.
    func unproved(_ outcome: JobOutcome, _ record: HostnameRecord) -> (JobOutcome, HostnameRecord) {
        var record = record
        let remark = "not proved by a handshake: proof is turned off"
        record.message = record.message.map { "\($0); \(remark)" } ?? remark
        return (outcome, record)
    }
}
