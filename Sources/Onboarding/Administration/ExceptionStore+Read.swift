package import Foundation
import JobQueue
import Postgres

/// How a person's decision stands, with its end if it has one.
package struct ExceptionHistory: Sendable, Encodable {
    package let author: String
    package let reason: String
    package let createdAt: Date
    /// `nil` if it holds until somebody takes it back.
    package let until: Date?
    /// `live`, or `withdrawn`, `revoked`, `replaced`, `expired`.
    package let state: String
    package let endedAt: Date?
    package let endedBy: String?
    package let endedReason: String?
}

/// One override of a hostname, present or past.
package struct OverrideRecord: Sendable, Encodable {
    package let overrideID: Int64
    package let minimumTLS: String?
    package let ciphers: [String]?
    package let tls13: String?
    package let history: ExceptionHistory

    private enum CodingKeys: String, CodingKey {
        case overrideID = "override_id"
        case minimumTLS = "min_tls"
        case ciphers
        case tls13 = "tls_1_3"
        case history
    }

    package func encode(to encoder: any Encoder) throws {
        try history.encode(to: encoder)
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(overrideID, forKey: .overrideID)
        try values.encodeIfPresent(minimumTLS, forKey: .minimumTLS)
        try values.encodeIfPresent(ciphers, forKey: .ciphers)
        try values.encodeIfPresent(tls13, forKey: .tls13)
    }
}

/// One grant to a tenant, present or past.
package struct EntitlementRecord: Sendable, Encodable {
    package let entitlementID: Int64
    package let capability: String
    package let history: ExceptionHistory

    private enum CodingKeys: String, CodingKey {
        case entitlementID = "entitlement_id"
        case capability
    }

    package func encode(to encoder: any Encoder) throws {
        try history.encode(to: encoder)
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(entitlementID, forKey: .entitlementID)
        try values.encode(capability, forKey: .capability)
    }
}

extension ExceptionStore {
    private typealias History = (String, String, Timestamp, Timestamp?, String, Timestamp?, String?, String?)

    /// Everything ever decided for a claimed hostname, the newest first.
    package func overrides(of hostname: String) async throws -> [OverrideRecord] {
        try await pool.session { db throws(PostgresError) in
            try db.query(
                """
                select o.override_id, o.min_tls, o.ciphers, o.tls_1_3, o.author, o.reason, o.created_at, o.until,
                       coalesce(o.ending, case when o.until > clock_timestamp() then 'live' else 'expired' end),
                       o.ended_at, o.ended_by, o.ended_reason
                from usher.hostname_override o join usher.hostname h using (hostname_id)
                where h.name = \(hostname) and h.released_at is null
                order by o.override_id desc
                """,
                as: (
                    Int64, String?, [String]?, String?, String, String, Timestamp, Timestamp?, String, Timestamp?,
                    String?, String?
                ).self
            ).map { row in
                OverrideRecord(
                    overrideID: row.0,
                    minimumTLS: row.1,
                    ciphers: row.2,
                    tls13: row.3,
                    history: Self.history((row.4, row.5, row.6, row.7, row.8, row.9, row.10, row.11))
                )
            }
        }
    }

    /// Everything ever granted to a tenant, the newest first.
    package func entitlements(of tenant: String) async throws -> [EntitlementRecord] {
        try await pool.session { db throws(PostgresError) in
            try db.query(
                """
                select entitlement_id, capability, author, reason, created_at, until,
                       coalesce(ending, case when coalesce(until > clock_timestamp(), true) then 'live'
                                             else 'expired' end),
                       ended_at, ended_by, ended_reason
                from usher.entitlement where tenant = \(tenant) order by entitlement_id desc
                """,
                as: (
                    Int64, String, String, String, Timestamp, Timestamp?, String, Timestamp?, String?, String?
                ).self
            ).map { row in
                EntitlementRecord(
                    entitlementID: row.0,
                    capability: row.1,
                    history: Self.history((row.2, row.3, row.4, row.5, row.6, row.7, row.8, row.9))
                )
            }
        }
    }

    private static func history(_ row: History) -> ExceptionHistory {
        ExceptionHistory(
            author: row.0,
            reason: row.1,
            createdAt: row.2.date,
            until: row.3?.date,
            state: row.4,
            endedAt: row.5?.date,
            endedBy: row.6,
            endedReason: row.7
        )
    }
}
