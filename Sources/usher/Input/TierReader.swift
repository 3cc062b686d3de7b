import TLSPolicy

/// Reads the document of a tier file: profiles first, whatever the order they are written in, then tiers.
struct TierReader: StrictDocument {
    var fields: FieldReader
    private(set) var tiers: [TierFile.Tier] = []
    private var profiles: [String: TLSProfile] = [:]

    /// What holds for every tier that does not say otherwise.
    private var defaults = Operations()

    private static let profileNamePattern = FieldReader.namePattern + "@[1-9][0-9]{0,3}"

    /// The whole document, as far as each key can be judged alone.
    static let shape = FieldShape.table(
        [
            .init(
                name: "apiVersion",
                note: "The form of the file",
                isRequired: true,
                shape: .words([FieldReader.apiVersion])
            ),
            .init(name: "profiles", note: "Bundles of one's own, as name@version", isRequired: false, shape: profiles),
            .init(name: "tiers", note: "What each tier promises", isRequired: true, shape: tiers),
        ] + OperationKeys.entries
    )

    private static let profiles = FieldShape.names(
        pattern: profileNamePattern,
        taken: TLSProfile.builtIn.map(\.name),
        .table(EdgeKeys.entries, atLeast: 1)
    )

    private static let tiers = FieldShape.names(
        pattern: FieldReader.namePattern,
        taken: [],
        .table(TierKeys.entries)
    )

    init(file: String) {
        self.fields = FieldReader(problems: InputProblems(file: file))
    }

    mutating func read(_ document: InputValue) {
        guard case .table(let keys, _) = Self.shape, let table = fields.table(document, field: "", keys: keys) else {
            return
        }
        fields.apiVersion(table["apiVersion"], requiredAt: document.place)
        if let value = table["profiles"] {
            for entry in fields.names(value, field: "profiles") { readProfile(entry) }
        }
        defaults = operations(table)
        guard let value = table["tiers"] else {
            fields.problems.report(at: document.place, field: "tiers", "missing")
            return
        }
        for entry in fields.names(value, field: "tiers") { readTier(entry) }
    }

    private mutating func readProfile(_ entry: InputValue.Entry) {
        let field = "profiles.\(entry.key)"
        guard entry.key.matches(Self.profileNamePattern) else {
            fields.problems.report(at: entry.keyPlace, field: field, "must be named name@version, such as house@1")
            return
        }
        guard TLSProfile.named(entry.key) == nil else {
            fields.problems.report(at: entry.keyPlace, field: field, "is built in; name yours differently")
            return
        }
        guard let table = fields.table(entry.value, field: field, keys: EdgeKeys.entries) else { return }
        let edge = fields.edge(table)
        if table.entries.isEmpty {
            fields.problems.report(at: entry.keyPlace, field: field, "sets nothing; leave it out")
        }
        // Kept though parts of it may be wrong, so that the tiers that name it are not reported for that too.
        profiles[entry.key] = TLSProfile(
            name: entry.key,
            minimumTLS: edge.minimumTLS,
            ciphers: edge.ciphers,
            tls13: edge.tls13,
            source: "\(fields.problems.file):\(entry.keyPlace.line)"
        )
    }

    private mutating func readTier(_ entry: InputValue.Entry) {
        let problemsBefore = fields.problems.count
        let field = "tiers.\(entry.key)"
        let key = InputValue(content: .string(entry.key), place: entry.keyPlace)
        let name = fields.name(key, field: field)
        if entry.value.isNull {
            // Not taken for {}: a block commented out must not turn into a tier that promises nothing.
            fields.problems.report(at: entry.keyPlace, field: field, "has no settings; {} is a tier that inherits all")
            return
        }
        guard let table = fields.table(entry.value, field: field, keys: TierKeys.entries) else { return }
        let policy = policy(table)
        guard fields.problems.count == problemsBefore, let name else { return }
        tiers.append(TierFile.Tier(name: name, policy: policy, line: entry.keyPlace.line))
    }

    private mutating func policy(_ table: FieldReader.Table) -> TierPolicy {
        let profile = profile(table)
        let edge = fields.edge(table)
        var policy = TierPolicy(
            profile: profile?.name,
            minimumTLS: profile?.minimumTLS ?? edge.minimumTLS,
            ciphers: profile?.ciphers ?? edge.ciphers,
            tls13: profile?.tls13 ?? edge.tls13,
            http2: fields.read(TierKeys.http2, in: table),
            earlyHints: fields.read(TierKeys.earlyHints, in: table),
            customCertificate: fields.read(TierKeys.customCertificate, in: table) ?? .forbidden,
            mutualTLS: fields.read(TierKeys.mutualTLS, in: table) ?? false,
            wildcard: fields.read(TierKeys.wildcard, in: table) ?? .reject,
            limits: fields.read(TierKeys.limits, in: table) ?? TierLimits(),
            weight: fields.read(TierKeys.weight, in: table) ?? 1,
            expiryAlertDays: fields.read(TierKeys.alerts, in: table) ?? [30, 14, 7, 1],
            minimumCertificateDays: fields.read(TierKeys.minimumDays, in: table),
            certificateAuthority: fields.read(TierKeys.authority, in: table)
        )
        operations(table).fold(into: &policy)
        check(policy, table)
        return policy
    }

    /// The profile a tier names; keys that a profile may hold cannot stand beside it: which of two holds is a guess.
    private mutating func profile(_ table: FieldReader.Table) -> TLSProfile? {
        guard let value = table["profile"], let name = fields.read(TierKeys.profile, in: table) else { return nil }
        guard let profile = profiles[name] ?? TLSProfile.named(name) else {
            let known = profiles.keys.sorted() + TLSProfile.builtIn.map(\.name)
            fields.reject(value, field: table.path + "profile", fields.unknown("profile", name, among: known))
            return nil
        }
        for key in EdgeKeys.entries.map(\.name) {
            guard let own = table[key] else { continue }
            let rule = "a tier with a profile (\(name)) does not set \(key) too; define a profile that has it"
            fields.reject(own, field: table.path + key, rule)
        }
        return profile
    }
}

/// How changes are made, as far as a table says.
private struct Operations {
    var downgrade: DowngradePlan?
    var rollout: RolloutSteps?
    var guards: Guards?
    var windows: [MaintenanceWindow]?

    /// What a tier does not say itself its file does; a tier's empty list of windows is a word of its own.
    func over(_ defaults: Operations) -> Operations {
        Operations(
            downgrade: downgrade ?? defaults.downgrade,
            rollout: rollout ?? defaults.rollout,
            guards: guards ?? defaults.guards,
            windows: windows ?? defaults.windows
        )
    }

    func fold(into policy: inout TierPolicy) {
        policy.downgrade = downgrade
        policy.rollout = rollout
        policy.guards = guards
        policy.windows = windows.flatMap { $0.isEmpty ? nil : $0 }
    }
}

extension TierReader {
    private mutating func operations(_ table: FieldReader.Table) -> Operations {
        Operations(
            downgrade: fields.read(OperationKeys.downgrade, in: table),
            rollout: fields.read(OperationKeys.rollout, in: table),
            guards: fields.read(OperationKeys.guards, in: table),
            windows: fields.read(OperationKeys.windows, in: table)
        ).over(defaults)
    }

    /// A first step above the guard would be stopped by it before it began; one step alone is no rollout.
    private mutating func check(_ policy: TierPolicy, _ table: FieldReader.Table) {
        guard let guards = policy.guards, let steps = policy.rollout?.steps, steps.count > 1,
            case .percent(let canary) = steps[0], canary > guards.maximumChangePercent
        else { return }
        let rule = "the first step, \(canary)%, is above guards.max_change, \(guards.maximumChangePercent)%"
        let key = OperationKeys.rollout.name
        fields.problems.report(at: table[key]?.place ?? table.place, field: table.path + key, rule)
    }
}
