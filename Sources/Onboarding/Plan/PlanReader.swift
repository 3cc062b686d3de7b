import Foundation
import Postgres
import TLSPolicy

/// The selected hostnames page by page, so that memory does not grow with their number.
struct PlanPages: Sendable {
    typealias Row = (
        Int64, String, String, String, Int, JSONText, Int64, String?, String?, JSONText?, String, Int64?, Int64?,
        JSONText?, Int64
    )

    let pool: PostgresPool
    let selection: PlanSelection

    private static let size = 2000

    /// The next hostnames by number; empty after the last.
    func page(after last: Int64) async throws(PostgresError) -> [Row] {
        let statement: Statement = """
            select h.hostname_id, h.name, h.tenant, t.tier, coalesce(\(selection.revision), tier.revision::bigint),
                   h.wish, h.generation, h.intent, h.provider_id,
                   case when c.certificate_id is null then h.observed - 'serial_number' || '{"id": ""}'
                        else h.observed end,
                   usher.observed_state(h.observed, h.provider_id, h.intent), h.applied_certificate,
                   c.certificate_id, c.facts, extract(epoch from clock_timestamp())::bigint
            from usher.hostname h
            join usher.tenant t using (tenant)
            join usher.tier on tier.name = t.tier
            left join usher.certificate c on c.tenant = h.tenant and c.hostname = h.name and c.retired_at is null
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
        let certificate = try row.12.flatMap { number in
            try row.13.map { facts in
                OnboardingContext.StoredCertificate(
                    certificateID: number,
                    facts: try Self.decode(CertificateFacts.self, facts)
                )
            }
        }
        var observed = try row.9.map { try observation($0) }
        if let providerID = row.8 { observed?.providerID = providerID }
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
            tier: row.3,
            revision: row.4,
            policy: try await policy(row.3, row.4),
            certificate: certificate,
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
        if let known = observations[document] { return known }
        let observation = try Self.decode(Observation.self, document)
        if observations.count < Self.memory { observations[document] = observation }
        return observation
    }

    private mutating func wish(_ document: JSONText) throws -> HostnameWish {
        if let known = wishes[document] { return known }
        let wish = try Self.decode(HostnameWish.self, document)
        if wishes.count < Self.memory { wishes[document] = wish }
        return wish
    }

    private static func decode<Value: Decodable>(_ type: Value.Type, _ document: JSONText) throws -> Value {
        try JSONDecoder().decode(type, from: Data(document.text.utf8))
    }
}
