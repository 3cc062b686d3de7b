import Foundation
package import Postgres
import TLSPolicy

/// The zone's settings, read once and shared by all workers: two calls in a while, not two a hostname.
package struct ZoneSettingsStore: Sendable {
    private let pool: PostgresPool
    private let zoneID: String
    /// How old a reading may be.
    private let maximumAge: Duration

    package init(pool: PostgresPool, zoneID: String, maximumAge: Duration) {
        self.pool = pool
        self.zoneID = zoneID
        self.maximumAge = maximumAge
    }

    /// The stored settings if young enough, else what `read` answers, which is stored; of many that ask, one reads.
    func settings(orRead read: () async throws -> ZoneSettings) async throws -> ZoneSettings {
        while true {
            if let stored = try await stored() { return stored }
            if try await takeTurn() {
                let reading = try await read()
                try await store(reading)
                return reading
            }
            try await Task.sleep(for: .milliseconds(Int.random(in: 50...150)))
        }
    }

    private func stored() async throws -> ZoneSettings? {
        let document = try await pool.session { db throws(PostgresError) in
            try db.first(
                """
                select settings from usher.zone
                where zone_id = \(zoneID) and read_at > clock_timestamp() - \(maximumAge)
                """,
                as: JSONText.self
            )
        }
        return try document.map { try JSONDecoder().decode(ZoneSettings.self, from: Data($0.text.utf8)) }
    }

    /// The turn is held for half a minute: a reader that dies is replaced after that.
    private func takeTurn() async throws -> Bool {
        try await pool.transaction { db throws(PostgresError) in
            try db.execute("insert into usher.zone (zone_id) values (\(zoneID)) on conflict do nothing")
            return try db.execute(
                """
                update usher.zone set reading_until = clock_timestamp() + interval '30 seconds'
                where zone_id = \(zoneID) and coalesce(reading_until < clock_timestamp(), true)
                """
            ) == 1
        }
    }

    private func store(_ reading: ZoneSettings) async throws {
        let document = JSONText(String(decoding: try JSONEncoder().encode(reading), as: UTF8.self))
        try await pool.session { db throws(PostgresError) in
            _ = try db.execute(
                """
                update usher.zone set settings = \(document), read_at = clock_timestamp(), reading_until = null
                where zone_id = \(zoneID)
                """
            )
        }
    }
}
