package import Foundation
package import Postgres

/// How a replay stands: the document of `usher.replay_status`.
package struct ReplayStatus: Sendable, Codable {
    package let replayID: Int64
    package let batchID: Int64
    package let state: String
    /// Why it was halted or cancelled.
    package let stateReason: String?
    /// The filter as it was understood.
    package let scope: String
    package let reason: String
    package let canary: Int
    package let perMinute: Int?
    package let haltAt: Double
    /// Jobs frozen with the order.
    package let selected: Int
    /// Jobs left alone from the start.
    package let superseded: Int
    /// Jobs that had to be left alone later.
    package let skipped: Int
    package let queued: Int
    /// Queued jobs that have ended, or wait for their tenant.
    package let answered: Int
    package let failed: Int
    /// Jobs to be queued.
    package let left: Int
    /// Jobs by what became of them.
    package let items: [String: Int]
    /// Jobs left alone, by cause.
    package let causes: [String: Int]
    package let createdAt: Date
    package let endedAt: Date?

    private enum CodingKeys: String, CodingKey {
        case replayID = "replay_id"
        case batchID = "batch_id"
        case state
        case stateReason = "state_reason"
        case scope
        case reason
        case canary
        case perMinute = "per_minute"
        case haltAt = "halt_at"
        case selected
        case superseded
        case skipped
        case queued
        case answered
        case failed
        case left
        case items
        case causes
        case createdAt = "created_at"
        case endedAt = "ended_at"
    }
}

extension ReplayStatus {
    /// How one replay stands; `UE051` if there is none.
    package static func read(_ replayID: Int64, from pool: PostgresPool) async throws -> ReplayStatus {
        let document = try await pool.session { db throws(PostgresError) in
            try db.one("select usher.replay_status(\(replayID))", as: JSONText.self)
        }
        return try ServerDocument.decoded(document)
    }

    /// The newest replays.
    package static func newest(_ limit: Int, from pool: PostgresPool) async throws -> [ReplayStatus] {
        let documents = try await pool.session { db throws(PostgresError) in
            try db.query(
                """
                select usher.replay_status(replay_id) from usher.replay_order order by replay_id desc limit \(limit)
                """,
                as: JSONText.self
            )
        }
        return try documents.map(ServerDocument.decoded)
    }
}
