package import Foundation
package import Postgres

/// An order somebody gave, whichever way it came.
package struct AuditEntry: Sendable, Encodable {
    package let auditID: Int64
    package let at: Date
    package let actor: String
    /// The role that was logged in.
    package let role: String
    package let action: String
    package let reason: String
    /// What the order was about, as JSON.
    package let subject: String
}

extension AuditEntry {
    /// The newest orders.
    ///
    /// - Parameters:
    ///   - actor: Those of this actor only.
    ///   - action: Those of this kind only.
    package static func newest(
        _ limit: Int,
        actor: String? = nil,
        action: String? = nil,
        from pool: PostgresPool
    ) async throws(PostgresError) -> [AuditEntry] {
        try await pool.session { db throws(PostgresError) in
            try db.query(
                """
                select audit_id, at, actor, role, action, reason, subject::text from usher.audit
                where (\(actor)::text is null or actor = \(actor)) and (\(action)::text is null or action = \(action))
                order by audit_id desc limit \(limit)
                """,
                as: (Int64, Timestamp, String, String, String, String, String).self
            ).map { row in
                AuditEntry(
                    auditID: row.0,
                    at: row.1.date,
                    actor: row.2,
                    role: row.3,
                    action: row.4,
                    reason: row.5,
                    subject: row.6
                )
            }
        }
    }
}
