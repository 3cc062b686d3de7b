import Foundation
import Postgres
package import TLSPolicy

extension TierStore {
    /// What the hostnames of a tier ask for on top of it, each different wish with the number of those who have it.
    package func wishes(of tier: String) async throws -> [(wish: HostnameWish, hostnames: Int)] {
        let rows = try await pool.session { db throws(PostgresError) in
            try db.query(
                """
                select h.wish, count(*) from usher.hostname h join usher.tenant t using (tenant)
                where t.tier = \(tier) and h.released_at is null
                group by h.wish
                """,
                as: (JSONText, Int).self
            )
        }
        let decoder = JSONDecoder()
        return try rows.map { row in
            (wish: try decoder.decode(HostnameWish.self, from: Data(row.0.text.utf8)), hostnames: row.1)
        }
    }
}
