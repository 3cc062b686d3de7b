package import Foundation
package import Postgres

/// Whose jobs an order to pause holds back.
package enum PauseScope: String, CaseIterable, Sendable, Codable {
    case all
    case tier
    case tenant
    case kind
}

/// An order to pause that is in force.
package struct PauseOrder: Sendable, Codable {
    package let scope: PauseScope
    /// Of the tier, tenant or kind; empty for all.
    package let name: String
    /// `nil` until somebody resumes it.
    package let until: Date?
    package let reason: String?

    private enum CodingKeys: String, CodingKey {
        case scope
        case name
        case until = "until_at"
        case reason
    }
}

extension Orders {
    /// Has no job of the scope start until then, or until it is resumed.
    package func pause(
        _ scope: PauseScope,
        _ name: String,
        until: Date?,
        reason: String
    ) async throws(PostgresError) {
        let until = until?.timestamp
        try await give { db throws(PostgresError) in
            _ = try db.execute(
                "select usher.pause(\(scope.rawValue), \(name), \(until)::timestamptz, \(reason))"
            )
        }
    }

    /// Takes a pause back.
    package func resume(_ scope: PauseScope, _ name: String, reason: String) async throws(PostgresError) {
        try await give { db throws(PostgresError) in
            _ = try db.execute("select usher.resume(\(scope.rawValue), \(name), \(reason))")
        }
    }

    /// The pauses in force.
    package func pauses() async throws -> [PauseOrder] {
        let document = try await pool.session { db throws(PostgresError) in
            try db.one(
                """
                select coalesce(jsonb_agg(to_jsonb(p) order by p.scope, p.name), '[]') from usher.pause_order p
                where coalesce(p.until_at > clock_timestamp(), true)
                """,
                as: JSONText.self
            )
        }
        return try ServerDocument.decoded(document)
    }
}
