import Foundation
import Postgres
import TLSPolicy

/// The selected hostnames page by page, so that memory does not grow with their number.
struct PlanPages: Sendable {
    typealias Row = (
        Int64, String, String, String, Int, JSONText, Int64, String?, String?, JSONText?, String, Int64?, Int64?,
        JSONText?, Int64, JSONText?, JSONText?
    )

    let pool: PostgresPool
    let selection: PlanSelection

    private static let size = 2000

    /// The next hostnames by number; empty after the last.
    func page(after last: Int64) async throws(PostgresError) -> [Row] {
        let certificates = OnboardingContext.StoredCertificate.wanted(tenant: "h.tenant", hostname: "h.name")
        let statement: Statement = """
            select h.hostname_id, h.name, h.tenant, t.tier, coalesce(\(selection.revision), tier.revision::bigint),
                   h.wish, h.generation, h.intent, h.provider_id,
                   case when c.certificates is null
                        then h.observed - '{serial_number,certificates}'::text[] || '{"id": ""}' else h.observed end,
                   usher.observed_state(h.observed, h.provider_id, h.intent), h.applied_certificate,
                   h.applied_partner, c.certificates, extract(epoch from clock_timestamp())::bigint,
                   o.document, e.document
            from usher.hostname h
            join usher.tenant t using (tenant)
            join usher.tier on tier.name = t.tier
            cross join lateral (select \(certificates) as certificates) c
            left join usher.live_override o on o.hostname_id = h.hostname_id
            left join usher.live_entitlements e on e.tenant = h.tenant
            where \(conditions(after: last).joined(separator: " and "))
            order by h.hostname_id limit \(Self.size)
            """
        return try await pool.session { db throws(PostgresError) in try db.query(statement, as: Row.self) }
    }

    private func conditions(after last: Int64) -> [Statement] {
        var conditions: [Statement] = ["h.released_at is null", "h.hostname_id > \(last)"]
        if let tenant = selection.tenant { conditions.append("h.tenant = \(tenant)") }
        if let tier = selection.tier { conditions.append("t.tier = \(tier)") }
        if let hostname = selection.hostname { conditions.append("h.name = \(hostname)") }
        return conditions
    }
}

/// Reads rows as values; remembers what they have in common.
struct PlanReader {
    private let pool: PostgresPool
    private var policies: [String: TierPolicy] = [:]
    /// Hostnames without a certificate of their own show one of few states, once their ids are left out.
    private var observations: [JSONText: Observation] = [:]
    private var wishes: [JSONText: HostnameWish] = [:]
    private var overrides: [JSONText: HostnameOverride] = [:]
    private var entitlements: [JSONText: [Entitlement]] = [:]

    /// Beyond so many different states remembering costs more than it saves.
    private static let memory = 10_000

    init(pool: PostgresPool) {
        self.pool = pool
    }

    /// Every revision met so far, such as `gold@8`.
    var revisions: [String] { policies.keys.sorted() }

    /// The strictest guards of those revisions.
    var guards: Guards { .strictest(of: policies.values) }

    /// The hostname of a row.
    mutating func subject(_ row: PlanPages.Row) async throws -> PlanSubject {
        // One that cannot be read is none: its job says so.
        let certificates = row.13.flatMap { try? Self.decode([OnboardingContext.StoredCertificate].self, $0) }
        var observed = try row.9.map { try observation($0) }
        if let providerID = row.8 { observed?.providerID = providerID }
        let exceptions = try exceptions(row)
        let context = OnboardingContext(
            hostnameID: row.0,
            tenant: row.2,
            name: row.1,
            wish: try wish(row.5),
            generation: row.6,
            released: false,
            intent: row.7.flatMap(OnboardingContext.Intent.init),
            providerID: row.8,
            observed: observed,
            isObservedAfterWrite: true,
            appliedCertificate: row.11,
            appliedPartner: row.12,
            tier: row.3,
            revision: row.4,
            policy: try await policy(row.3, row.4),
            certificates: certificates ?? [],
            override: exceptions.override,
            entitlements: exceptions.entitlements,
            now: row.14
        )
        return PlanSubject(context: context, state: row.10)
    }

    private mutating func policy(_ tier: String, _ revision: Int) async throws -> TierPolicy {
        let name = "\(tier)@\(revision)"
        if let known = policies[name] { return known }
        let document = try await pool.session { db throws(PostgresError) in
            try db.one(
                "select document from usher.policy where tier = \(tier) and revision = \(revision)",
                as: JSONText.self
            )
        }
        let policy = try Self.decode(TierPolicy.self, document)
        policies[name] = policy
        return policy
    }

    private mutating func observation(_ document: JSONText) throws -> Observation {
        try Self.remembered(document, in: &observations)
    }

    private mutating func wish(_ document: JSONText) throws -> HostnameWish {
        try Self.remembered(document, in: &wishes)
    }

    private mutating func exceptions(_ row: PlanPages.Row) throws -> Exceptions {
        Exceptions(
            override: try row.15.map { try Self.remembered($0, in: &overrides) },
            entitlements: try row.16.map { try Self.remembered($0, in: &entitlements) } ?? []
        )
    }

    private static func remembered<Value: Decodable>(
        _ document: JSONText,
        in values: inout [JSONText: Value]
    ) throws -> Value {
        if let known = values[document] { return known }
        let value = try decode(Value.self, document)
        if values.count < memory { values[document] = value }
        return value
    }

    private static func decode<Value: Decodable>(_ type: Value.Type, _ document: JSONText) throws -> Value {
        try JSONDecoder().decode(type, from: Data(document.text.utf8))
    }
}
