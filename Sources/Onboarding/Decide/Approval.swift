package import TLSPolicy

/// One change as a person reviewed it.
///
/// Equal for equal meanings: the order in which the provider lists cipher suites says nothing.
package struct ReviewedChange: Hashable, Sendable, Codable {
    package var key: SettingKey
    package var before: String?
    package var after: String?

    package init(key: SettingKey, before: String?, after: String?) {
        func text(_ value: String?) -> String? {
            key == .ciphers ? value.map { $0.split(separator: " ").sorted().joined(separator: " ") } : value
        }
        self.key = key
        self.before = text(before)
        self.after = text(after)
    }

    init(_ change: Change) {
        self.init(key: change.key, before: change.before, after: change.after)
    }

    init(_ change: PlannedChange) {
        self.init(key: change.key, before: change.before, after: change.after)
    }
}

/// A person's approval of a weakening, bound to all of what was reviewed.
package struct Approval: Hashable, Sendable, Codable {
    package var approvalID: Int64
    package var generation: Int64
    package var policy: String
    /// The zone's settings that the review took; `nil` if they had never been read.
    package var zone: ZoneSettings?
    package var changes: [ReviewedChange]
    /// The job that took it; any may until one has.
    package var usedBy: Int64?

    private enum CodingKeys: String, CodingKey {
        case approvalID = "approval_id"
        case generation
        case policy
        case zone
        case changes
        case usedBy = "used_by"
    }

    /// Whether it approves exactly these changes of this hostname, by this job.
    func covers(_ changes: [Change], _ context: OnboardingContext, zone: ZoneSettings, jobID: Int64) -> Bool {
        generation == context.generation && policy == context.policyRevision.description
            && (self.zone ?? ZoneSettings()) == zone && (usedBy ?? jobID) == jobID
            && Set(self.changes) == Set(changes.map(ReviewedChange.init))
    }
}

/// Which of the changes that weaken a person has approved.
struct Assent: Hashable {
    /// The keys that may become weaker.
    let keys: Set<SettingKey>
    /// The approval that the write uses up; `nil` if an override is all it needs, or if nothing weakens.
    let approvalID: Int64?

    /// An override approves the keys it names; a reviewed plan approves all of the changes it listed, together.
    init(_ changes: [Change], _ context: OnboardingContext, _ effective: EffectivePolicy, jobID: Int64) {
        let weakening = Set(changes.filter { $0.kind == .weaken }.map(\.key))
        let overridden = weakening.intersection(effective.overriddenKeys)
        let approval = context.approval.flatMap { approval in
            approval.covers(changes, context, zone: effective.zone, jobID: jobID) ? approval.approvalID : nil
        }
        keys = approval == nil ? overridden : weakening
        approvalID = overridden == weakening ? nil : approval
    }

    func allows(_ change: Change) -> Bool { change.kind != .weaken || keys.contains(change.key) }
}
