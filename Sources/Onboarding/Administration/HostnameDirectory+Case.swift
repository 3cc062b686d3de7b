import Foundation
import Postgres
package import TLSPolicy

extension HostnameDirectory {
    private typealias Row = (String, Int, JSONText, JSONText?, JSONText?, Int64, JSONText?, JSONText?)

    /// Everything that decides whether a tenant's hostname can have what its tier promises, claimed or not.
    ///
    /// A zone that was never read counts as having the provider's defaults.
    ///
    /// - Returns: `nil` if the tenant is not known.
    package func policyCase(tenant: String, hostname: String) async throws -> PolicyCase? {
        let found = try await pool.transaction { db throws(PostgresError) -> (Row, JSONText?)? in
            guard let row = try Self.row(tenant, hostname, db) else { return nil }
            let zone = try db.first(
                "select settings from usher.zone where settings is not null order by read_at desc limit 1",
                as: JSONText.self
            )
            return (row, zone)
        }
        guard let (row, zone) = found else { return nil }
        // One that cannot be read is none: its job says so.
        let certificates = row.4.flatMap { try? decode([OnboardingContext.StoredCertificate].self, $0) }
        return PolicyCase(
            revision: PolicyRevision(tier: row.0, revision: row.1, policy: try decode(TierPolicy.self, row.2)),
            wish: try row.3.map { try decode(HostnameWish.self, $0) } ?? HostnameWish(),
            exceptions: Exceptions(
                override: try row.6.map { try decode(HostnameOverride.self, $0) },
                entitlements: try row.7.map { try decode([Entitlement].self, $0) } ?? []
            ),
            zone: try zone.map { try decode(ZoneSettings.self, $0) } ?? ZoneSettings(),
            hostname: try Hostname(hostname),
            leaves: certificates?.map(\.facts) ?? [],
            now: row.5
        )
    }

    private static func row(
        _ tenant: String,
        _ hostname: String,
        _ db: borrowing Session
    ) throws(PostgresError) -> Row? {
        let certificates = OnboardingContext.StoredCertificate.wanted(tenant: "t.tenant", hostname: "\(hostname)")
        return try db.first(
            """
            select tier.name, tier.revision, p.document, h.wish, \(certificates),
                   extract(epoch from clock_timestamp())::bigint, o.document, e.document
            from usher.tenant t
            join usher.tier on tier.name = t.tier
            join usher.policy p on p.tier = tier.name and p.revision = tier.revision
            left join usher.hostname h on h.tenant = t.tenant and h.name = \(hostname) and h.released_at is null
            left join usher.live_override o on o.hostname_id = h.hostname_id
            left join usher.live_entitlements e on e.tenant = t.tenant
            where t.tenant = \(tenant)
            """,
            as: Row.self
        )
    }

    private func decode<Value: Decodable>(_ type: Value.Type, _ document: JSONText) throws -> Value {
        try JSONDecoder().decode(type, from: Data(document.text.utf8))
    }
}

/// Everything that decides whether a hostname can have what its tier promises.
package struct PolicyCase: Sendable {
    package var revision: PolicyRevision
    package var wish: HostnameWish
    /// What persons decided beside the tier, as far as it holds now.
    package var exceptions: Exceptions
    package var zone: ZoneSettings
    package var hostname: Hostname
    /// The certificates the tenant brought.
    package var leaves: [CertificateFacts]
    /// The database's clock, in seconds since 1970.
    package var now: Int64
}
