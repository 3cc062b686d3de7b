package import Foundation
package import Postgres

/// Which ended jobs are run again; what is not given does not narrow the choice.
package struct ReplayFilter: Sendable, Codable {
    /// `failed`, the default, or `cancelled`.
    package var state: JobState?
    package var errorClass: String?
    package var code: String?
    package var tenant: String?
    package var tier: String?
    /// When the job ended: from `since` (included) to `until` (excluded).
    package var since: Date?
    package var until: Date?

    package init(
        state: JobState? = nil,
        errorClass: String? = nil,
        code: String? = nil,
        tenant: String? = nil,
        tier: String? = nil,
        since: Date? = nil,
        until: Date? = nil
    ) {
        self.state = state
        self.errorClass = errorClass
        self.code = code
        self.tenant = tenant
        self.tier = tier
        self.since = since
        self.until = until
    }

    private enum CodingKeys: String, CodingKey {
        case state
        case errorClass = "error_class"
        case code
        case tenant
        case tier
        case since
        case until
    }

    /// The filter as `usher.replay` takes it.
    var document: JSONText {
        get throws {
            let encoder = JSONEncoder()
            encoder.dateEncodingStrategy = .iso8601
            return JSONText(String(decoding: try encoder.encode(self), as: UTF8.self))
        }
    }
}

/// What a replay took.
package struct ReplayCount: Sendable, Encodable {
    /// The batch the jobs were queued as.
    package let batchID: Int64
    /// Jobs run again.
    package let replayed: Int
    /// Jobs left alone, since a newer job of the same hostname has taken their place.
    package let superseded: Int
}

/// Runs ended jobs again all at once, as a batch of its own; ``Orders`` has the governed way.
package struct Replay: Sendable {
    private let pool: PostgresPool

    package init(pool: PostgresPool) {
        self.pool = pool
    }

    /// Queues the jobs again; the reason is kept with the batch.
    package func run(_ filter: ReplayFilter, reason: String) async throws -> ReplayCount {
        let document = try filter.document
        return try await pool.transaction { db throws(PostgresError) in
            let (batchID, replayed, superseded) = try db.one(
                "select batch_id, replayed, superseded from usher.replay(\(document), \(reason))",
                as: (Int64, Int, Int).self
            )
            return ReplayCount(batchID: batchID, replayed: replayed, superseded: superseded)
        }
    }
}
