import TLSPolicy

/// Turns the entries of one record, whatever the format, into an ``OnboardingRow``.
struct RowReader {
    /// The columns of a CSV file and the keys of a YAML or JSON object.
    enum Key: String, CaseIterable {
        case tenant
        case tier
        case hostname
        case wildcard
        case minimumTLS = "min_tls"
        case ciphers
        case certificate
        case priority
        case expect

        static let names = allCases.map(\.rawValue)
        static let required: [Key] = [.tenant, .tier, .hostname]
    }

    private enum Certificate: String, CaseIterable {
        case managed
        case custom
    }

    var fields: FieldReader
    /// The tier a tenant was first given in this file, and where.
    private var tiers: [String: (tier: String, line: Int)] = [:]

    init(file: String) {
        self.fields = FieldReader(problems: InputProblems(file: file))
    }

    /// Reads one record; `nil` if any part of it was reported.
    mutating func row(from value: InputValue) -> OnboardingRow? {
        let problemsBefore = fields.problems.count
        guard let table = fields.table(value, field: "", keys: Key.names) else { return nil }
        for key in Key.required where table[key.rawValue] == nil {
            fields.problems.report(at: table.place, field: key.rawValue, "missing")
        }
        let tenant = name(table, .tenant)
        let tier = name(table, .tier)
        let hostname = fields.hostname(table[Key.hostname.rawValue], field: Key.hostname.rawValue)
        let wish = wish(table)
        let priority = fields.integer(table[Key.priority.rawValue], field: Key.priority.rawValue, in: 0...9)
        let expectation = expectation(table)
        guard fields.problems.count == problemsBefore, let tenant, let tier, let hostname else { return nil }
        guard keepsTier(tenant, tier, table) else { return nil }
        return OnboardingRow(
            tenant: tenant,
            tier: tier,
            hostname: hostname,
            wish: wish,
            priority: priority ?? 0,
            expectation: expectation,
            line: table.place.line
        )
    }

    private mutating func name(_ table: FieldReader.Table, _ key: Key) -> String? {
        guard let value = table[key.rawValue] else { return nil }
        return fields.name(value, field: key.rawValue)
    }

    private mutating func wish(_ table: FieldReader.Table) -> HostnameWish {
        let certificate: Certificate? =
            fields.choice(table[Key.certificate.rawValue], field: Key.certificate.rawValue)
        return HostnameWish(
            wildcard: fields.flag(table[Key.wildcard.rawValue], field: Key.wildcard.rawValue) ?? false,
            minimumTLS: fields.choice(table[Key.minimumTLS.rawValue], field: Key.minimumTLS.rawValue),
            ciphers: fields.ciphers(table[Key.ciphers.rawValue], field: Key.ciphers.rawValue)?.map(\.name),
            customCertificate: certificate == .custom
        )
    }

    private mutating func expectation(_ table: FieldReader.Table) -> Expectation? {
        let field = Key.expect.rawValue
        guard let value = table[field], let text = fields.text(value, field: field) else { return nil }
        if let expectation = Expectation(text) { return expectation }
        fields.reject(value, field: field, "must be \(Expectation.spellings.joined(separator: ", "))")
        return nil
    }

    /// False if an earlier row puts the tenant on another tier: which of the two holds would be a guess.
    private mutating func keepsTier(_ tenant: String, _ tier: String, _ table: FieldReader.Table) -> Bool {
        let known = tiers[tenant, default: (tier, table.place.line)]
        tiers[tenant] = known
        guard known.tier != tier, let value = table[Key.tier.rawValue] else { return true }
        let rule = "tenant \(tenant) is on tier \(known.tier) in line \(known.line); a tenant has one tier"
        fields.reject(value, field: Key.tier.rawValue, rule)
        return false
    }
}
