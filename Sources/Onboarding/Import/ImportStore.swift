import Cloudflare
package import Foundation
import JobQueue
package import Postgres
package import TLSPolicy

/// A hostname that the zone has and nobody claims.
package struct UnclaimedHostname: Sendable, Encodable {
    package let providerID: String
    package let hostname: String
    /// What the provider last showed.
    package let observed: Observation
    package let firstSeenAt: Date
    package let seenAt: Date
    /// What would be done about it under the tier it is compared with; `nil` if with none.
    package var plan: PlanRow?
}

/// What an import came to.
package struct ImportOutcome: Sendable, Encodable {
    /// A hostname that was not claimed.
    package struct Refusal: Hashable, Sendable, Codable {
        package let hostname: String
        package let message: String
        package let hint: String?
    }

    /// `nil` if none was claimed.
    package let batchID: Int64?
    package let claimed: Int
    package let refused: [Refusal]
}

/// Which unclaimed hostnames are meant.
package struct ImportSelection: Sendable {
    /// A part of the name; `nil` is any.
    package var part: String?
    /// At most this many, by name.
    package var limit: Int

    package init(part: String? = nil, limit: Int) {
        self.part = part
        self.limit = limit
    }
}

/// Hostnames of the zone that nobody claims: shown beside what a tier asks, and claimed when a person says so.
package struct ImportStore: Sendable {
    private let pool: PostgresPool

    package init(pool: PostgresPool) {
        self.pool = pool
    }

    /// What the last reading of the zone showed; `nil` if the zone was never read.
    package func lastReading() async throws(PostgresError) -> Date? {
        let moment = try await pool.session { db throws(PostgresError) in
            try db.one("select max(swept_at) from usher.zone", as: Timestamp?.self)
        }
        return moment?.date
    }

    /// The unclaimed hostnames, by name, each with what the tenant's tier would do about it.
    ///
    /// - Parameter tenant: `nil` compares with nothing.
    /// - Throws: `UnknownTenant`.
    package func list(
        _ selection: ImportSelection,
        for tenant: String?,
        capabilities: ProviderCapabilities
    ) async throws -> [UnclaimedHostname] {
        let rows = try await rows(selection)
        guard let tenant else { return rows }
        // Any name will do: the case is wanted for its policy, zone and time.
        let name = rows.first?.hostname ?? "import.invalid-name.com"
        guard let subject = try await HostnameDirectory(pool: pool).policyCase(tenant: tenant, hostname: name) else {
            throw UnknownTenant(tenant: tenant)
        }
        var planner = RowPlanner(zone: subject.zone, capabilities: capabilities)
        return rows.map { row in
            var row = row
            row.plan = planner.row(for: row.subject(tenant, subject))
            return row
        }
    }

    /// Claims these for a tenant, by the way every claim is made; another tenant's claim is never touched.
    package func claim(_ hostnames: [UnclaimedHostname], for tenant: String) async throws -> ImportOutcome {
        let ids = hostnames.map(\.providerID)
        let (batchID, claimed, refused) = try await pool.transaction { db throws(PostgresError) in
            try db.one(
                "select batch_id, claimed, refused from usher.claim_unclaimed(\(tenant), \(ids))",
                as: (Int64?, Int, JSONText).self
            )
        }
        let refusals = try JSONDecoder().decode([ImportOutcome.Refusal].self, from: Data(refused.text.utf8))
        return ImportOutcome(batchID: batchID, claimed: claimed, refused: refusals)
    }

    private func rows(_ selection: ImportSelection) async throws -> [UnclaimedHostname] {
        let part = selection.part?.lowercased()
        let rows = try await pool.session { db throws(PostgresError) in
            try db.query(
                """
                select provider_id, name, observed, first_seen_at, seen_at from usher.unclaimed
                where coalesce(position(\(part) in name) > 0, true)
                order by name, provider_id limit \(selection.limit)
                """,
                as: (String, String, JSONText, Timestamp, Timestamp).self
            )
        }
        return try rows.map { row in
            UnclaimedHostname(
                providerID: row.0,
                hostname: row.1,
                observed: try JSONDecoder().decode(Observation.self, from: Data(row.2.text.utf8)),
                firstSeenAt: row.3.date,
                seenAt: row.4.date
            )
        }
    }
}

/// No tenant of this name has ever been heard of.
package struct UnknownTenant: Error, Hashable, Sendable {
    package let tenant: String
}

extension UnclaimedHostname {
    /// As it would be planned once this tenant claimed it: with the wish that the claim writes down.
    fileprivate func subject(_ tenant: String, _ policy: PolicyCase) -> PlanSubject {
        var wish = HostnameWish()
        wish.wildcard = observed.wildcard
        wish.customCertificate = observed.servesCustomCertificate
        let context = OnboardingContext(
            hostnameID: 0,
            tenant: tenant,
            name: hostname,
            wish: wish,
            generation: 1,
            released: false,
            providerID: providerID,
            observed: observed,
            isObservedAfterWrite: true,
            tier: policy.revision.tier,
            revision: policy.revision.revision,
            policy: policy.revision.policy,
            certificates: [],
            now: policy.now
        )
        return PlanSubject(context: context, state: "")
    }
}
