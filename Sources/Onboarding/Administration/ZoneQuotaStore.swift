package import Cloudflare
package import Postgres

/// The zone's quota as somebody last read it.
package struct ZoneQuotaStore: Sendable {
    private let pool: PostgresPool

    package init(pool: PostgresPool) {
        self.pool = pool
    }

    /// Keeps a reading.
    package func keep(_ quota: HostnameQuota, of zoneID: String) async throws(PostgresError) {
        try await pool.session { db throws(PostgresError) in
            _ = try db.execute(
                """
                insert into usher.zone as z (zone_id, quota, quota_at)
                values (\(zoneID), jsonb_build_object('allocated', \(quota.allocated), 'used', \(quota.used),
                            'exceeded', \(quota.exceeded), 'hard_cap', \(quota.hardCap)), clock_timestamp())
                on conflict (zone_id) do update set quota = excluded.quota, quota_at = excluded.quota_at
                """
            )
        }
    }
}
