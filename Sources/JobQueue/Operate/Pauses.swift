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
    ///
    /// - Returns: False if there was none.
    package func resume(_ scope: PauseScope, _ name: String, reason: String) async throws(PostgresError) -> Bool {
        try await give { db throws(PostgresError) in
            try db.one("select usher.resume(\(scope.rawValue), \(name), \(reason))", as: Bool.self)
        }
    }

    /// Yields a document for each pause in force: `scope`, `name`, `until_at` unless it has no end, `reason`.
    package static var pausesInForce: Statement {
        """
        select jsonb_strip_nulls(jsonb_build_object('scope', o.scope, 'name', o.name,
                   'until_at', nullif(o.until_at, 'infinity'), 'reason', o.reason)) as pause
        from usher.pause_order o where o.ended_at is null and o.until_at > clock_timestamp()
        order by o.scope, o.name
        """
    }

    /// The pauses in force.
    package func pauses() async throws -> [PauseOrder] {
        let document = try await pool.session { db throws(PostgresError) in
            try db.one("select coalesce(jsonb_agg(pause), '[]') from (\(Self.pausesInForce)) as p", as: JSONText.self)
        }
        return try ServerDocument.decoded(document)
    }
}
