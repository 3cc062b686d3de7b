import Foundation
import JobQueue
package import Postgres

/// A sealing key as the database knows it.
package struct SealingKeyEntry: Sendable, Codable {
    package let keyID: String
    /// `nil` of a key that is known only by what was sealed to it.
    package let publicKey: String?
    /// Whether it is the one to seal to.
    package let current: Bool
    /// RFC 3339; `nil` unless retired.
    package let retiredAt: String?
    /// How many certificates' keys it still has to open.
    package let certificates: Int

    private enum CodingKeys: String, CodingKey {
        case keyID = "key_id"
        case publicKey = "public_key"
        case current
        case retiredAt = "retired_at"
        case certificates
    }
}

/// The public halves of the sealing keys, in the database for whoever puts certificates.
package struct SealingKeyStore: Sendable {
    let pool: PostgresPool

    package init(pool: PostgresPool) {
        self.pool = pool
    }

    /// Makes a key the one to seal to.
    package func publish(_ key: PublicSealingKey, author: String, reason: String) async throws(PostgresError) {
        try await pool.transaction { db throws(PostgresError) in
            try db.actAs(author)
            _ = try db.one("select usher.publish_sealing_key(\(key.text), \(reason))", as: String.self)
        }
    }

    /// The one to seal to; `nil` if none is published.
    package func current() async throws -> PublicSealingKey? {
        let text = try await pool.session { db throws(PostgresError) in
            try db.one("select usher.sealing_key() ->> 'public_key'", as: String?.self)
        }
        return try text.map { text throws(SealingError) in try PublicSealingKey(text: text) }
    }

    /// Every key, the current one first.
    package func list() async throws -> [SealingKeyEntry] {
        let document = try await pool.session { db throws(PostgresError) in
            try db.one("select usher.sealing_keys()", as: JSONText.self)
        }
        return try JSONDecoder().decode([SealingKeyEntry].self, from: Data(document.text.utf8))
    }

    /// Ends a key that nothing is sealed to; false if it was ended before.
    package func retire(_ id: SealingKeyID, author: String, reason: String) async throws(PostgresError) -> Bool {
        try await pool.transaction { db throws(PostgresError) in
            try db.actAs(author)
            return try db.one("select usher.retire_sealing_key(\(id.text), \(reason))", as: Bool.self)
        }
    }

    /// Has the jobs look again that wait for one of these keys; answers how many.
    package func wake(for ids: [SealingKeyID]) async throws(PostgresError) -> Int {
        try await pool.session { db throws(PostgresError) in
            try db.one("select usher.wake_for_keys(\(ids.map(\.text)))", as: Int.self)
        }
    }
}

extension Session {
    /// Names who answers for the orders of this transaction, for the audit.
    func actAs(_ author: String) throws(PostgresError) {
        _ = try one("select set_config('usher.actor', \(author), true)", as: String.self)
    }
}
