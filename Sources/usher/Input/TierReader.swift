import TLSPolicy

/// Reads the document of a tier file: profiles first, whatever the order they are written in, then tiers.
struct TierReader {
    var fields: FieldReader
    private(set) var tiers: [TierFile.Tier] = []
    private var profiles: [String: TLSProfile] = [:]

    private static let keys = [
        "profile", "min_tls", "ciphers", "tls_1_3", "http2", "early_hints", "custom_certificate", "mtls", "wildcard",
        "limits", "weight", "alerts", "min_certificate_days",
    ]

    init(file: String) {
        self.fields = FieldReader(problems: InputProblems(file: file))
    }

    mutating func read(_ document: InputValue) {
        guard let table = fields.table(document, field: "", keys: ["apiVersion", "profiles", "tiers"]) else { return }
        fields.apiVersion(table["apiVersion"], requiredAt: document.place)
        if let value = table["profiles"] {
            for entry in fields.names(value, field: "profiles") { readProfile(entry) }
        }
        guard let value = table["tiers"] else {
            fields.problems.report(at: document.place, field: "tiers", "missing")
            return
        }
        for entry in fields.names(value, field: "tiers") { readTier(entry) }
    }

    private mutating func readProfile(_ entry: InputValue.Entry) {
        let field = "profiles.\(entry.key)"
        guard entry.key.wholeMatch(of: /[a-z0-9][a-z0-9_-]{0,62}@[1-9][0-9]{0,3}/) != nil else {
            fields.problems.report(at: entry.keyPlace, field: field, "must be named name@version, such as house@1")
            return
        }
        guard TLSProfile.named(entry.key) == nil else {
            fields.problems.report(at: entry.keyPlace, field: field, "is built in; name yours differently")
            return
        }
        guard let table = fields.table(entry.value, field: field, keys: EdgeKeys.names) else { return }
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
        guard let table = fields.table(entry.value, field: field, keys: Self.keys) else { return }
        let policy = policy(table)
        guard fields.problems.count == problemsBefore, let name else { return }
        tiers.append(TierFile.Tier(name: name, policy: policy, line: entry.keyPlace.line))
    }

    private mutating func policy(_ table: FieldReader.Table) -> TierPolicy {
        let profile = profile(table)
        let edge = fields.edge(table)
        return TierPolicy(
            profile: profile?.name,
            minimumTLS: profile?.minimumTLS ?? edge.minimumTLS,
            ciphers: profile?.ciphers ?? edge.ciphers,
            tls13: profile?.tls13 ?? edge.tls13,
            http2: fields.choice(table["http2"], field: table.path + "http2"),
            earlyHints: fields.choice(table["early_hints"], field: table.path + "early_hints"),
            customCertificate: fields.choice(table["custom_certificate"], field: table.path + "custom_certificate")
                ?? .forbidden,
            mutualTLS: fields.flag(table["mtls"], field: table.path + "mtls") ?? false,
            wildcard: wildcard(table["wildcard"], field: table.path + "wildcard") ?? .reject,
            limits: limits(table["limits"], field: table.path + "limits"),
            weight: fields.integer(table["weight"], field: table.path + "weight", in: 1...100) ?? 1,
            expiryAlertDays: alerts(table["alerts"], field: table.path + "alerts") ?? [30, 14, 7, 1],
            minimumCertificateDays: fields.integer(
                table["min_certificate_days"],
                field: table.path + "min_certificate_days",
                in: TierPolicy.providersMinimumCertificateDays...398
            )
        )
    }

    /// The profile a tier names; keys that a profile may hold cannot stand beside it: which of two holds is a guess.
    private mutating func profile(_ table: FieldReader.Table) -> TLSProfile? {
        guard let value = table["profile"], let name = fields.text(value, field: table.path + "profile") else {
            return nil
        }
        guard let profile = profiles[name] ?? TLSProfile.named(name) else {
            let known = profiles.keys.sorted() + TLSProfile.builtIn.map(\.name)
            fields.reject(value, field: table.path + "profile", fields.unknown("profile", name, among: known))
            return nil
        }
        for key in EdgeKeys.names {
            guard let own = table[key] else { continue }
            let rule = "a tier with a profile (\(name)) does not set \(key) too; define a profile that has it"
            fields.reject(own, field: table.path + key, rule)
        }
        return profile
    }
}

extension TierReader {
    private enum PlainWildcard: String, CaseIterable {
        case reject
        case directOnly = "direct_only"
    }

    private mutating func wildcard(_ value: InputValue?, field: String) -> WildcardRule? {
        guard let value else { return nil }
        if value.text.flatMap(PlainWildcard.init) == .directOnly { return .directOnly }
        if value.text.flatMap(PlainWildcard.init) == .reject { return .reject }
        guard case .table = value.content else {
            fields.reject(value, field: field, "must be reject, direct_only or {require_zone_min: \"1.2\"}")
            return nil
        }
        guard let table = fields.table(value, field: field, keys: ["require_zone_min"]) else { return nil }
        guard let minimum = table["require_zone_min"] else {
            fields.problems.report(at: value.place, field: field, "require_zone_min is missing")
            return nil
        }
        let version: TLSVersion? = fields.choice(minimum, field: field + ".require_zone_min")
        return version.map(WildcardRule.requireZoneMinimum)
    }

    private mutating func limits(_ value: InputValue?, field: String) -> TierLimits {
        guard let value, let table = fields.table(value, field: field, keys: ["hostnames", "pending", "running"]) else {
            return TierLimits()
        }
        var limits = TierLimits(
            hostnames: fields.integer(table["hostnames"], field: field + ".hostnames", in: 1...1_000_000),
            pending: fields.integer(table["pending"], field: field + ".pending", in: 1...1_000_000)
        )
        if let running = fields.integer(table["running"], field: field + ".running", in: 1...1_000) {
            limits.running = running
        }
        if let pending = limits.pending, limits.running > pending, let place = table["pending"] {
            fields.reject(place, field: field + ".pending", "below running (\(limits.running)), which counts in it")
        }
        return limits
    }

    private mutating func alerts(_ value: InputValue?, field: String) -> [Int]? {
        guard let value, let table = fields.table(value, field: field, keys: ["cert_expiry_days"]),
            let list = table["cert_expiry_days"]
        else { return nil }
        let path = field + ".cert_expiry_days"
        guard case .list(let items) = list.content else {
            fields.reject(list, field: path, "must be a list of days, such as [30, 14, 7, 1]")
            return nil
        }
        var days: [Int] = []
        for item in items {
            guard let day = fields.integer(item, field: path, in: 1...398) else { continue }
            if days.contains(day) { fields.reject(item, field: path, "given twice") }
            days.append(day)
        }
        return days.sorted(by: >)
    }
}
