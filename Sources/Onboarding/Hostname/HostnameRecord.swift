import Foundation
import JobQueue
import Postgres

/// Where a hostname stands: the closed list of `usher.hostname.standing` that an attempt can end in.
enum Standing: String, Sendable {
    case waiting
    case enforced
    /// Enforced as far as the provider can: a wildcard's children take the zone's settings.
    case partial
    /// Written and accepted, but a key did not take, or handshakes show something else.
    case unverified
    /// What is asked for contradicts itself; no call was made.
    case refused
    case failed
}

/// What one attempt records of its hostname, in the transaction that settles the attempt.
struct HostnameRecord: Sendable {
    /// The answer of a call of this attempt: what the provider showed, and the records the tenant must set.
    struct Seen: Sendable {
        var observation: Observation
        var validation: ValidationRecords?
    }

    /// What a write of this attempt brought to the provider.
    struct Written: Sendable {
        var generation: Int64
        var policy: String
        /// The tenant's certificates, newest first.
        var certificateIDs: [Int64]
    }

    var standing: Standing
    var actor: JobActor?
    var message: String?
    var seen: Seen?
    var written: Written?
    /// What is now in force: the generation, the policy revision and the tenant's certificates, if any is served.
    var enforcedGeneration: Int64?
    var policy: String?
    var certificateIDs: [Int64] = []
    /// What stands against certificates that were to be applied.
    var findings: [CertificateFinding] = []
    /// What handshakes have shown, whatever they have shown.
    var evidence: Evidence?
    /// An announced call whose answer is still unknown stays announced.
    var keepsIntent = false
    /// The provider has no such hostname any more.
    var isGone = false
}

extension HostnameRecord {
    /// The writes, fenced by the attempt's lease.
    func statements(hostname: Int64, job: ClaimedJob) -> [Statement] {
        let holds: Statement = "usher.holds(\(job.attemptID))"
        let evidence = evidence?.statement(hostname: hostname, where: holds)
        // Seen in force: what these took the place of is never sent again.
        let shredding: Statement? =
            enforcedGeneration == nil || certificateIDs.isEmpty
            ? nil : "select usher.shred_replaced(\(hostname), \(certificateIDs)) where \(holds)"
        return [statement(hostname: hostname, job: job)] + findings.map { $0.statement(where: holds) }
            + [evidence, shredding].compactMap(\.self)
    }

    private func statement(hostname: Int64, job: ClaimedJob) -> Statement {
        """
        update usher.hostname set
            standing = \(standing.rawValue),
            standing_actor = \(actor?.rawValue),
            standing_message = \(message.map { String($0.prefix(2000)) }),
            intent = case when \(keepsIntent) then intent end,
            provider_id = case when \(isGone) then null else coalesce(\(seen?.observation.providerID), provider_id) end,
            observed = case when \(isGone) then null else coalesce(\(json(seen?.observation)), observed) end,
            -- One moment for both: what a write answered was not observed after it.
            observed_at = case when \(isGone) then null when \(seen != nil) then now() else observed_at end,
            validation = coalesce(\(json(seen?.validation)), validation),
            validation_seen_at = case when \(seen?.validation != nil) then now() else validation_seen_at end,
            applied_at = case when \(written != nil) then now() else applied_at end,
            applied_job = case when \(written != nil) then \(job.jobID) else applied_job end,
            applied_generation = coalesce(\(written?.generation), applied_generation),
            applied_policy = coalesce(\(written?.policy ?? policy), applied_policy),
            applied_certificate = case when \(namesCertificates) then \(appliedCertificates.first)
                                       else applied_certificate end,
            applied_partner = case when \(namesCertificates) then \(appliedCertificates.dropFirst().first)
                                   else applied_partner end,
            observed_generation = coalesce(\(enforcedGeneration), observed_generation)
        where hostname_id = \(hostname) and released_at is null and usher.holds(\(job.attemptID))
        """
    }

    private var appliedCertificates: [Int64] { written?.certificateIDs ?? certificateIDs }

    private var namesCertificates: Bool { written != nil || !certificateIDs.isEmpty }

    private func json(_ value: (some Encodable)?) -> JSONText? {
        value.flatMap { try? JSONEncoder().encode($0) }.map { JSONText(String(decoding: $0, as: UTF8.self)) }
    }
}
