package import Cloudflare
import Foundation
package import JobQueue
package import Logging
package import Postgres
package import TLSPolicy

/// One hostname brought to its policy: look if need be, decide, make at most one write, record.
///
/// The decisions are in `OnboardingDecision`; this file makes the calls they ask for.
package struct OnboardHostname: JobHandler {
    private let store: HostnameStore
    private let zone: ZoneSettingsStore
    private let provider: any HostnameProvider
    private let admission: Admission
    private let decision: OnboardingDecision
    private let proving: Proving
    private let failures: FailureTable
    private let opening: CertificateOpening
    /// Reads the zone once where many jobs would each look for themselves.
    private let sweep: ZoneSweep?
    private let logger: Logger

    /// - Parameters:
    ///   - keys: Opens the keys of custom certificates; without it hostnames that need one wait for an operator.
    ///   - proving: Whether handshakes must have shown what is called enforced.
    package init(
        pool: PostgresPool,
        zoneID: String,
        provider: any HostnameProvider,
        admission: Admission,
        time: ProviderTime,
        capabilities: ProviderCapabilities,
        keys: WorkerKeys?,
        proving: Proving,
        sweep: ZoneSweep? = nil,
        logger: Logger
    ) {
        store = HostnameStore(pool: pool)
        zone = ZoneSettingsStore(pool: pool, zoneID: zoneID, maximumAge: time.local(.seconds(900)))
        self.provider = provider
        self.admission = admission
        decision = OnboardingDecision(time: time, capabilities: capabilities)
        failures = FailureTable(time: time)
        opening = CertificateOpening(store: store, keys: keys)
        self.proving = proving
        self.sweep = sweep
        self.logger = logger
    }

    package func run(_ job: ClaimedJob) async -> Settlement {
        var logger = logger
        logger[metadataKey: "job"] = "\(job.jobID)"
        logger[metadataKey: "attempt"] = "\(job.attemptID)"
        logger[metadataKey: "tenant"] = "\(job.lane)"
        // The client logs to the task's logger, which carries the job with it.
        let settlement = await withLogger(logger) { logger in await attempt(job, logger) }
        logger.info("attempt ended", metadata: ["outcome": "\(settlement.outcome.word)"])
        return settlement
    }

    private func attempt(_ job: ClaimedJob, _ logger: Logger) async -> Settlement {
        guard let hostnameID = job.subjectID else {
            let failure = JobFailure(errorClass: "unknown", message: "the job names no hostname", actor: .operator)
            return Settlement(of: job, outcome: .failed(failure))
        }
        var calls = CallCounter()
        do {
            let (outcome, record) = try await steps(job, hostnameID, &calls)
            return self.settlement(of: job, hostnameID, outcome, record, calls)
        } catch let outage as OutageError {
            return await settlement(of: job, hostnameID, after: outage.error, calls, isOutage: true)
        } catch let error as CloudflareError {
            // A call cut short by this worker's own end says nothing about the provider; the announced call is looked
            // up.
            if Task.isCancelled { return Settlement(of: job, outcome: .released, providerCalls: calls.made) }
            return await settlement(of: job, hostnameID, after: error, calls)
        } catch let refusal as HostnameEditRefusal {
            let failure = JobFailure(errorClass: "rejected", message: "\(refusal)", actor: .operator)
            let record = HostnameRecord(standing: .failed, actor: .operator, message: failure.message)
            return self.settlement(of: job, hostnameID, .failed(failure), record, calls)
        } catch let trouble as CertificateTrouble {
            let (outcome, record) = decision.certificateUnusable(trouble)
            logger.warning("certificate not applied", metadata: ["reason": "\(trouble)"])
            return self.settlement(of: job, hostnameID, outcome, record, calls)
        } catch let problem as CertificateProblem {
            let (outcome, record) = decision.certificateUnusable(.unusable(problem))
            return self.settlement(of: job, hostnameID, outcome, record, calls)
        } catch let refusal as CertificateRefused {
            return self.settlement(of: job, hostnameID, refusal.outcome, refusal.record, calls)
        } catch let refusal as Admission.Refusal {
            return Settlement(
                of: job,
                outcome: .deferred(for: refusal.retryAfter, reason: "throttled", actor: .us, message: nil),
                providerCalls: calls.made
            )
        } catch {
            logger.warning("attempt not finished", metadata: ["error": "\(error)"])
            // Cancelled, or our own database is away: nothing is known to have failed, nothing is spent.
            if Task.isCancelled || error.passes {
                return Settlement(of: job, outcome: .released, providerCalls: calls.made)
            }
            let message = "what is stored of this hostname cannot be used: \(type(of: error))"
            let failure = JobFailure(errorClass: "unknown", message: message, actor: .operator)
            return Settlement(of: job, outcome: .failed(failure), providerCalls: calls.made)
        }
    }

    private func steps(
        _ job: ClaimedJob,
        _ hostnameID: Int64,
        _ calls: inout CallCounter
    ) async throws -> (JobOutcome, HostnameRecord) {
        guard var context = try await store.context(of: hostnameID) else { throw LeaseLost() }
        for certificate in context.certificates where certificate.isNew { try await store.keep(certificate) }
        let zoneSettings = try await zone.settings { try await readZone(job, &calls) }
        context.trustUpload()
        var hasRefreshed = false
        var seen: HostnameRecord.Seen?
        var isTaken = false
        while true {
            switch decision.next(context, zone: zoneSettings, job: job, hasLooked: calls.hasLooked) {
            case .look where context.isOnlyStale && !hasRefreshed:
                hasRefreshed = true
                guard let sweep, try await sweep.refresh() else { continue }
                context = try await store.context(of: hostnameID) ?? context
                context.trustUpload()
            case .look:
                let found = try await look(context, job, &calls)
                if isTaken && found == nil { return decision.takenElsewhere() }
                if found == nil, let pause = decision.notShownYet(context) { return pause }
                seen = found.map { .init(observation: Observation($0), validation: ValidationRecords($0)) }
                context.intent = nil
                context.providerID = found?.id
                context.observed = seen?.observation
                context.isObservedAfterWrite = true
                context.observedAge_ms = 0
            case .create(let certificate):
                guard let answer = try await create(context, zoneSettings, certificate, job, &calls) else {
                    // Somebody has the name already: look who, then decide again.
                    isTaken = true
                    context.intent = .create
                    continue
                }
                return decision.written(answer, context, certificate)
            case .edit(let observed, let writes, let certificate):
                let answer = try await edit(context, zoneSettings, observed, writes, certificate, job, &calls)
                return decision.written(answer, context, certificate)
            case .prove(let wanted, let outcome, var record):
                record.seen = seen
                return try await prove(wanted, context, job, outcome, record)
            case .settle(let outcome, var record):
                record.seen = record.seen ?? seen
                return (outcome, record)
            }
        }
    }
}

// MARK: - Proof

extension OnboardHostname {
    /// Looks at the edge; neither a connection to the database nor a call of the provider's is held or made meanwhile.
    private func prove(
        _ wanted: [ProofExpectation],
        _ context: OnboardingContext,
        _ job: ClaimedJob,
        _ outcome: JobOutcome,
        _ record: HostnameRecord
    ) async throws -> (JobOutcome, HostnameRecord) {
        guard case .byHandshake(let prover) = proving else { return decision.unproved(outcome, record) }
        let proof = await Proof(of: wanted, by: prover, now: context.now)
        // A look cut short by this worker's own end says nothing about the edge.
        try Task.checkCancellation()
        var generator = SystemRandomNumberGenerator()
        let evidence = Evidence(proof: proof, generation: context.generation, policy: "\(context.policyRevision)")
        return decision.judged(evidence, job, outcome, record, using: &generator)
    }
}

// MARK: - Calls

extension OnboardHostname {
    private func look(
        _ context: OnboardingContext,
        _ job: ClaimedJob,
        _ calls: inout CallCounter
    ) async throws -> CustomHostname? {
        do {
            let unit = try await admission.admit(.call)
            calls.made += 1
            calls.hasLooked = true
            return try await admission.perform(unit, for: job) {
                () async throws(CloudflareError) -> Answer<CustomHostname?> in
                guard let id = context.providerID else { return try await provider.findHostname(exact: context.name) }
                return try await provider.getHostname(id: id).map(Optional.some)
            }.value
        } catch {
            guard (error as? CloudflareError)?.class == .gone else { throw error }
            return nil
        }
    }

    /// The hostname as created; `nil` if the provider already has one of that name.
    private func create(
        _ context: OnboardingContext,
        _ zone: ZoneSettings,
        _ certificate: OnboardingStep.CertificateChoice,
        _ job: ClaimedJob,
        _ calls: inout CallCounter
    ) async throws -> CustomHostname? {
        let creation = HostnameCreation(
            hostname: context.name,
            method: context.wish.wildcard ? .txt : .http,
            wildcard: context.wish.wildcard,
            settings: decision.settings(of: context, zone: zone),
            certificates: try await custom(certificate, context, zone),
            authority: decision.authority(of: context, zone: zone)
        )
        let unit = try await admission.admit(.certificate)
        guard try await store.announce(.create, hostname: context.hostnameID, attempt: job.attemptID) else {
            throw LeaseLost()
        }
        calls.made += 1
        do {
            return try await admission.perform(unit, for: job) { () async throws(CloudflareError) in
                try await provider.createHostname(creation)
            }.value
        } catch {
            if (error as? CloudflareError)?.class == .conflict && !calls.hasLooked { return nil }
            throw error
        }
    }

    private func edit(
        _ context: OnboardingContext,
        _ zone: ZoneSettings,
        _ observed: Observation,
        _ writes: OnboardingStep.Writes,
        _ certificate: OnboardingStep.CertificateChoice,
        _ job: ClaimedJob,
        _ calls: inout CallCounter
    ) async throws -> CustomHostname {
        let custom = try await custom(certificate, context, zone)
        let managed = writes.leavesCustomCertificate ? EditedCertificate.migrateToManaged : .managed
        func edit(_ settings: SSLSettings) throws(HostnameEditRefusal) -> HostnameEdit {
            try HostnameEdit(
                observed: observed.ssl,
                settings: settings,
                certificate: custom.isEmpty ? managed : .custom(custom),
                wildcard: observed.wildcard == context.wish.wildcard ? nil : context.wish.wildcard,
                authority: writes.authority
            )
        }
        let wanted = try edit(writes.settings)
        do {
            return try await send(wanted, writes, to: observed, context, job, &calls)
        } catch let error as CloudflareError {
            guard error.code == Self.listBesideTLS13, let clearing = writes.clearingFirst else { throw error }
            _ = try await send(try edit(clearing), writes, to: observed, context, job, &calls)
            return try await send(wanted, writes, to: observed, context, job, &calls)
        }
    }

    /// The provider's code for a list beside a minimum of TLS 1.3: of an edit without a list, the sign of a merge.
    private static let listBesideTLS13 = 1443

    private func send(
        _ edit: HostnameEdit,
        _ writes: OnboardingStep.Writes,
        to observed: Observation,
        _ context: OnboardingContext,
        _ job: ClaimedJob,
        _ calls: inout CallCounter
    ) async throws -> CustomHostname {
        let unit = try await admission.admit(.call)
        let isAnnounced = try await store.announce(
            .edit,
            hostname: context.hostnameID,
            attempt: job.attemptID,
            using: writes.approvalID.map { ($0, job.jobID) }
        )
        guard isAnnounced else { throw LeaseLost() }
        calls.made += 1
        return try await admission.perform(unit, for: job) { () async throws(CloudflareError) in
            try await provider.editHostname(id: observed.providerID, edit)
        }.value
    }

    /// The tenant's certificates for the one call that sends them, judged once more at this moment.
    private func custom(
        _ choice: OnboardingStep.CertificateChoice,
        _ context: OnboardingContext,
        _ zone: ZoneSettings
    ) async throws -> [CustomCertificate] {
        guard case .custom(let numbers) = choice else { return [] }
        let opened = try await opening.open(numbers, for: context)
        var present = context
        present.certificates = opened.stored
        present.now = opened.now
        if case .settle(let outcome, let record) = decision.refusal(present, decision.effective(present, zone: zone)) {
            throw CertificateRefused(outcome: outcome, record: record)
        }
        return opened.certificates
    }

    /// A minimum we do not know is read as the provider's weakest: no promise is built on it.
    private func readZone(_ job: ClaimedJob, _ calls: inout CallCounter) async throws -> ZoneSettings {
        let first = try await admission.admit(.call)
        calls.made += 1
        let minimum = try await admission.perform(first, for: job) { () async throws(CloudflareError) in
            try await provider.zoneMinimumTLS()
        }.value.value
        let second = try await admission.admit(.call)
        calls.made += 1
        let ciphers = try await admission.perform(second, for: job) { () async throws(CloudflareError) in
            try await provider.zoneCiphers()
        }.value.value
        return ZoneSettings(minimumTLS: minimum.value ?? .v1_0, ciphers: ciphers)
    }

    private func settlement(
        of job: ClaimedJob,
        _ hostnameID: Int64,
        after error: CloudflareError,
        _ calls: CallCounter,
        isOutage: Bool = false
    ) async -> Settlement {
        var generator = SystemRandomNumberGenerator()
        let reaction = failures.reaction(
            to: error,
            attempt: job.number,
            isOutage: isOutage,
            using: &generator
        )
        if let pause = reaction.stopEverybody {
            try? await admission.stopEverybody(for: pause, reason: error.description)
        }
        let record = HostnameRecord(
            standing: reaction.standing,
            actor: JobActor(error.actor),
            message: error.description,
            keepsIntent: error.isOutcomeUnknown
        )
        return settlement(of: job, hostnameID, reaction.outcome, record, calls)
    }

    private func settlement(
        of job: ClaimedJob,
        _ hostnameID: Int64,
        _ outcome: JobOutcome,
        _ record: HostnameRecord,
        _ calls: CallCounter
    ) -> Settlement {
        Settlement(
            of: job,
            outcome: outcome,
            providerCalls: calls.made,
            recording: record.statements(hostname: hostnameID, job: job)
        )
    }
}

extension OnboardingContext {
    /// Nothing is unsure about the hostname but the age of its reading.
    fileprivate var isOnlyStale: Bool { intent == nil && providerID != nil && observed != nil }

    /// An answer may leave an uploaded certificate out; that we sent one is proof enough that it must travel again.
    fileprivate mutating func trustUpload() {
        if appliedCertificate != nil { observed?.servesCustomCertificate = true }
    }
}

/// Calls of one attempt, for its history and for the published figure.
private struct CallCounter {
    var made = 0
    var hasLooked = false
}

extension Error {
    /// Trouble of our own that goes away by itself.
    fileprivate var passes: Bool {
        switch self {
        case is LeaseLost, is CancellationError: true
        case let error as PostgresError:
            error.isRetryable || [.closed, .cancelled, .commitUnknown].contains(error.kind)
        default: false
        }
    }
}

/// The attempt's lease is gone: whoever holds the job now decides.
private struct LeaseLost: Error {}

/// What was decided about a certificate holds no longer at the moment it is to be sent.
private struct CertificateRefused: Error {
    var outcome: JobOutcome
    var record: HostnameRecord
}

extension JobOutcome {
    /// The outcome in one word, for logs.
    var word: String {
        switch self {
        case .done(let result): result
        case .retry: "retry"
        case .deferred(_, let reason, _, _): reason
        case .failed(let failure): failure.errorClass
        case .cancelled: "cancelled"
        case .released: "released"
        }
    }
}
