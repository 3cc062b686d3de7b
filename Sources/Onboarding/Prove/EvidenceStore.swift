package import Foundation
import JobQueue
package import Postgres
package import TLSPolicy

/// The latest evidence of a hostname.
package struct EvidenceReport: Sendable, Encodable {
    package let result: ProofResult
    /// The revision it was held against, such as `gold@7`.
    package let policy: String
    package let generation: Int64
    package let seenAt: Date
    package let address: String?
    package let mismatches: [ProofMismatch]
}

/// What handshakes have shown, as it is kept: rows are added, never changed.
package struct EvidenceStore: Sendable {
    let pool: PostgresPool

    package init(pool: PostgresPool) {
        self.pool = pool
    }

    /// The latest evidence of a claimed hostname; `nil` if nobody has looked yet.
    package func latest(of hostnameID: Int64) async throws -> EvidenceReport? {
        let row = try await pool.session { db throws(PostgresError) in
            try db.first(
                """
                select result, policy, generation, seen_at, address, mismatches from usher.evidence
                where hostname_id = \(hostnameID) order by evidence_id desc limit 1
                """,
                as: (String, String, Int64, Timestamp, String?, JSONText).self
            )
        }
        return try row.map { row in
            EvidenceReport(
                result: ProofResult(rawValue: row.0) ?? .unreachable,
                policy: row.1,
                generation: row.2,
                seenAt: row.3.date,
                address: row.4,
                mismatches: try JSONDecoder().decode([ProofMismatch].self, from: Data(row.5.text.utf8))
            )
        }
    }

    /// Keeps evidence that no job has asked for; false if the hostname is claimed no more.
    package func keep(_ evidence: Evidence, hostname: Int64) async throws -> Bool {
        try await pool.session { db throws(PostgresError) in
            try db.execute(evidence.statement(hostname: hostname, where: "true")) == 1
        }
    }
}
