package import TLSPolicy

/// What is planned for one hostname, with what the plan was made upon.
package struct PlanRow: Hashable, Sendable, Codable {
    package var hostname: String
    package var tenant: String
    package var action: PlanAction
    /// In the order of ``SettingKey``; of a hostname to be created, everything that is set.
    package var changes: [PlannedChange]
    /// Keys that are not ours and go out as they came in.
    package var kept: [KeptSetting]
    /// Why nothing is done, or not all of it.
    package var reasons: [PlanReason]
    /// Which part of what is promised cannot be kept; `nil` if all can.
    package var partial: String?
    package var basis: PlanBasis

    package init(
        hostname: String,
        tenant: String,
        action: PlanAction,
        changes: [PlannedChange] = [],
        kept: [KeptSetting] = [],
        reasons: [PlanReason] = [],
        partial: String? = nil,
        basis: PlanBasis
    ) {
        self.hostname = hostname
        self.tenant = tenant
        self.action = action
        self.changes = changes
        self.kept = kept
        self.reasons = reasons
        self.partial = partial
        self.basis = basis
    }

    /// Whether a reader of the plan must see the row.
    package var isRemarkable: Bool { action != .unchanged || partial != nil }
}

/// What a row was planned upon: a row is carried out only while all of this still holds.
package struct PlanBasis: Hashable, Sendable, Codable {
    package var hostnameID: Int64
    package var generation: Int64
    /// The revision of the tier's policy, such as `gold@8`.
    package var policy: String
    /// A checksum over what the provider last showed and what was announced to it (`usher.observed_state`).
    package var state: String
    /// The tenant's stored certificate, if there is one.
    package var certificateID: Int64?

    package init(hostnameID: Int64, generation: Int64, policy: String, state: String, certificateID: Int64? = nil) {
        self.hostnameID = hostnameID
        self.generation = generation
        self.policy = policy
        self.state = state
        self.certificateID = certificateID
    }

    private enum CodingKeys: String, CodingKey {
        case hostnameID = "hostname_id"
        case generation
        case policy
        case state
        case certificateID = "certificate_id"
    }
}

/// One key that is to change.
package struct PlannedChange: Hashable, Sendable, Codable {
    package var key: SettingKey
    /// As text; `nil` if nothing is set.
    package var before: String?
    package var after: String?
    package var kind: ChangeClass
    /// Why, in a sentence without its full stop.
    package var reason: String

    package init(key: SettingKey, before: String?, after: String?, kind: ChangeClass, reason: String) {
        self.key = key
        self.before = before
        self.after = after
        self.kind = kind
        self.reason = reason
    }
}

/// A key of the provider's that a write keeps.
package struct KeptSetting: Hashable, Sendable, Codable {
    package var key: String
    /// As JSON text.
    package var value: String
}

/// Why a row is not carried out, or not now.
package struct PlanReason: Hashable, Sendable, Codable {
    /// The kind of contradiction; `nil` for what the provider shows.
    package var code: String?
    package var message: String
    /// Who must move.
    package var actor: PolicyActor
}
