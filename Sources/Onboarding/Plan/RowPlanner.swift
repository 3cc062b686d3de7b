import TLSPolicy

/// Plans one hostname after another by the worker's own rules; remembers what hostnames have in common.
struct RowPlanner {
    private let zone: ZoneSettings
    private let capabilities: ProviderCapabilities
    private let decision: OnboardingDecision
    /// A fleet has few revisions, few different wishes and few exceptions.
    private var resolved: [Resolvable: Resolution] = [:]

    private struct Resolvable: Hashable {
        let policy: String
        let wish: HostnameWish
        let exceptions: Exceptions
    }

    private struct Resolution {
        let effective: EffectivePolicy
        let coverage: Coverage
        /// Made once: a line for each key of each hostname would be most of a plan's work.
        let explanation: [Explanation]

        init(_ effective: EffectivePolicy) {
            self.effective = effective
            coverage = effective.coverage
            explanation = effective.explanation
        }
    }

    init(zone: ZoneSettings, capabilities: ProviderCapabilities) {
        self.zone = zone
        self.capabilities = capabilities
        decision = OnboardingDecision(time: .real, capabilities: capabilities)
    }

    /// What would be done about this hostname now.
    mutating func row(for subject: PlanSubject) -> PlanRow {
        let context = subject.context
        let resolution = resolution(context)
        var row = PlanRow(
            hostname: context.name,
            tenant: context.tenant,
            action: .unchanged,
            basis: subject.basis
        )
        if case .partial(let reason) = resolution.coverage { row.partial = reason }
        let reasons = refusals(context, resolution.effective)
        if reasons.isEmpty {
            compare(context, resolution, &row)
        } else {
            row.action = reasons.allSatisfy(\.isWaiting) ? .wait : .refuse
            row.reasons = reasons.map(\.reason)
            row.partial = nil
        }
        return row
    }

    private mutating func resolution(_ context: OnboardingContext) -> Resolution {
        let key = Resolvable(
            policy: context.policyRevision.description,
            wish: context.wish,
            exceptions: context.exceptions
        )
        if let known = resolved[key] { return known }
        let resolution = Resolution(decision.effective(context, zone: zone))
        resolved[key] = resolution
        return resolution
    }

    private func refusals(
        _ context: OnboardingContext,
        _ effective: EffectivePolicy
    ) -> [(reason: PlanReason, isWaiting: Bool)] {
        guard let hostname = try? Hostname(context.name) else {
            return [(PlanReason(message: "\(context.name) is not a hostname", actor: .operator), false)]
        }
        return judge(
            effective,
            hostname: hostname,
            certificates: context.leaves,
            capabilities: capabilities,
            now: context.now
        ).map { contradiction in
            let reason = PlanReason(code: contradiction.code, message: "\(contradiction)", actor: contradiction.actor)
            return (reason, contradiction.isCuredByUpload)
        }
    }

    private func compare(_ context: OnboardingContext, _ resolution: Resolution, _ row: inout PlanRow) {
        let effective = resolution.effective
        let observed = context.providerID == nil ? nil : context.observed
        if context.providerID != nil && observed == nil {
            row.action = .wait
            row.reasons = [PlanReason(message: "never read since it was created; its next job looks", actor: .us)]
            return
        }
        let servesOther = observed.map { decision.servesOtherCertificate(context, $0) } ?? false
        switch plan(effective, observed: observed?.policyView, certificates: context.leaves) {
        case .create(let desired), .recreate(let desired):
            row.action = .create
            row.changes = resolution.explanation.creation(desired)
        case .edit(let edit), .revive(let edit):
            row.changes = resolution.explanation.explained(edit.changes)
            row.action = .change
            let unapproved = edit.changes.filter { $0.kind == .weaken && !effective.overriddenKeys.contains($0.key) }
            if !unapproved.isEmpty {
                row.action = .approve
                row.reasons = [PlanReason(weakening: unapproved)]
            }
            row.kept = edit.settings.kept(by: effective)
        case .nothing where servesOther, .wait where servesOther:
            row.action = .change
            row.changes = [.otherCertificate]
        case .nothing: break
        case .wait(let actor, let reason):
            row.action = .wait
            row.reasons = [PlanReason(message: reason, actor: actor)]
        case .refuse(let actor, let reason):
            row.action = .refuse
            row.reasons = [PlanReason(message: reason, actor: actor)]
        }
    }
}

extension [Explanation] {
    fileprivate func explained(_ changes: [Change]) -> [PlannedChange] {
        changes.map { change in
            PlannedChange(
                key: change.key,
                before: change.before,
                after: change.after,
                kind: change.kind,
                reason: first { $0.key == change.key }?.reason ?? ""
            )
        }
    }

    /// Everything a new hostname is created with, as changes from nothing.
    fileprivate func creation(_ desired: DesiredHostname) -> [PlannedChange] {
        filter { line in
            switch line.key {
            case .wildcard: desired.wildcard
            case .certificate: true
            default: line.state == "explicit"
            }
        }.map { PlannedChange(key: $0.key, before: nil, after: $0.value, kind: .neutral, reason: $0.reason) }
    }
}

extension PlanReason {
    /// The operator approves, whoever asked for it: a billing event, a file and a tenant cannot.
    fileprivate init(weakening changes: [Change]) {
        let keys = changes.map(\.key.rawValue).joined(separator: ", ")
        self.init(message: "weakens \(keys): usher apply --approve-weakening --reason WHY", actor: .operator)
    }
}

extension PlannedChange {
    fileprivate static let otherCertificate = PlannedChange(
        key: .certificate,
        before: nil,
        after: CertificateSource.custom.rawValue,
        kind: .reissue,
        reason: "the tenant's stored certificate is not the one that was last sent"
    )
}

extension ExplicitSettings {
    /// What a write carries along without having decided it.
    fileprivate func kept(by effective: EffectivePolicy) -> [KeptSetting] {
        var kept = foreign.map { KeptSetting(key: $0.key, value: $0.value) }
        func keep(_ key: SettingKey, _ resolved: Resolved<Switch>, _ value: Switch?) {
            guard resolved.setting == .foreign, let value else { return }
            kept.append(KeptSetting(key: key.rawValue, value: "\"\(value.rawValue)\""))
        }
        keep(.http2, effective.http2, http2)
        keep(.earlyHints, effective.earlyHints, earlyHints)
        return kept.sorted { $0.key < $1.key }
    }
}
