package import Postgres

/// Seals to the current key what is sealed to older ones, while workers are at work.
///
/// Row by row, each in a transaction of its own: whoever stops it loses nothing, and whoever starts it again goes on
/// with what is left. A row is only changed while it is sealed to the key it was read with.
package struct KeyRewrap: Sendable {
    /// What one run came to.
    package struct Outcome: Sendable {
        package var rewrapped = 0
        /// Replaced, retired or rewrapped by somebody else meanwhile.
        package var overtaken = 0
        /// Sealed to keys that the ring does not hold, by key.
        package var unopened: [SealingKeyID: Int] = [:]
        /// The numbers of certificates whose sealed key was altered.
        package var damaged: [Int64] = []
    }

    private typealias Row = (Int64, String, String, String, String, [UInt8])

    private let pool: PostgresPool
    private let ring: KeyRing
    private let key: PublicSealingKey
    private let batch: Int

    /// - Parameters:
    ///   - ring: Holds the older keys.
    ///   - key: The one to seal to.
    ///   - batch: Rows read at once.
    package init(pool: PostgresPool, ring: KeyRing, to key: PublicSealingKey, batch: Int = 100) {
        self.pool = pool
        self.ring = ring
        self.key = key
        self.batch = batch
    }

    /// Runs to the end of the table.
    ///
    /// - Parameter progress: Told the number of rows done after each batch.
    package func run(progress: (Int) -> Void = { _ in }) async throws -> Outcome {
        var outcome = Outcome()
        var last: Int64 = 0
        while true {
            let rows = try await rows(after: last)
            guard let end = rows.last?.0 else { return outcome }
            for row in rows { try await rewrap(row, &outcome) }
            last = end
            progress(outcome.rewrapped)
        }
    }

    private func rows(after last: Int64) async throws(PostgresError) -> [Row] {
        try await pool.session { db throws(PostgresError) in
            try db.query(
                """
                select certificate_id, tenant, hostname, fingerprint, key_id, sealed_key from usher.certificate
                where certificate_id > \(last) and sealed_key is not null and key_id <> \(key.id.text)
                order by certificate_id limit \(batch)
                """,
                as: Row.self
            )
        }
    }

    private func rewrap(_ row: Row, _ outcome: inout Outcome) async throws {
        guard let old = SealingKeyID(row.4), ring.ids.contains(old) else {
            if let old = SealingKeyID(row.4) { outcome.unopened[old, default: 0] += 1 }
            return
        }
        let context = SealingContext(tenant: row.1, hostname: row.2, fingerprint: row.3)
        guard let opened = try? ring.open(SealedKey(keyID: old, bytes: row.5), context: context) else {
            outcome.damaged.append(row.0)
            return
        }
        let sealed = try key.seal(opened, context: context)
        let isDone = try await pool.session { db throws(PostgresError) in
            try db.one(
                "select usher.rewrap_certificate(\(row.0), \(old.text), \(key.id.text), \(sealed.bytes))",
                as: Bool.self
            )
        }
        if isDone { outcome.rewrapped += 1 } else { outcome.overtaken += 1 }
    }
}
