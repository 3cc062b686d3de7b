import Foundation
import JobQueue
import Postgres

extension HostnameDirectory {
    private typealias Claim = (Int64, String, String, String, Int, String, String?, String?)
    private typealias Applied = (
        Int64, Int64, String?, String?, Timestamp?, JSONText?, Timestamp?, JSONText?, Timestamp?, Int64?
    )

    /// Everything stored of a claimed hostname, by its canonical name; `nil` if nobody claims it.
    package func report(on name: String) async throws -> HostnameReport? {
        let rows = try await pool.transaction { db throws(PostgresError) -> (Claim, Applied)? in
            guard let claim = try Self.claim(name, db) else { return nil }
            return (claim, try Self.applied(claim.0, db))
        }
        guard let (claim, applied) = rows else { return nil }
        return HostnameReport(
            hostnameID: claim.0,
            hostname: claim.1,
            tenant: claim.2,
            tier: claim.3,
            revision: claim.4,
            standing: claim.5,
            actor: claim.6,
            message: claim.7,
            generation: applied.0,
            observedGeneration: applied.1,
            providerID: applied.2,
            appliedPolicy: applied.3,
            appliedAt: applied.4?.date,
            observed: try decoded(applied.5),
            observedAt: applied.6?.date,
            validation: try decoded(applied.7),
            validationSeenAt: applied.8?.date,
            jobID: applied.9
        )
    }

    private static func claim(_ name: String, _ db: borrowing Session) throws(PostgresError) -> Claim? {
        try db.first(
            """
            select h.hostname_id, h.name, h.tenant, t.tier, tier.revision, h.standing, h.standing_actor,
                   h.standing_message
            from usher.hostname h join usher.tenant t using (tenant) join usher.tier on tier.name = t.tier
            where h.name = \(name) and h.released_at is null
            """,
            as: Claim.self
        )
    }

    private static func applied(_ hostnameID: Int64, _ db: borrowing Session) throws(PostgresError) -> Applied {
        try db.one(
            """
            select generation, observed_generation, provider_id, applied_policy, applied_at, observed, observed_at,
                   validation, validation_seen_at,
                   (select job_id from usher.live where subject_id = hostname_id)
            from usher.hostname where hostname_id = \(hostnameID)
            """,
            as: Applied.self
        )
    }

    private func decoded<Value: Decodable>(_ document: JSONText?) throws -> Value? {
        try document.map { try JSONDecoder().decode(Value.self, from: Data($0.text.utf8)) }
    }
}
