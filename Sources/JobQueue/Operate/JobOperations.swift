import Foundation
package import Postgres

/// What people ask of the queue, over the functions of `migrations/0006_operate.sql` and `0016_operate.sql`.
///
/// Refusals come as the server's `UE…` codes: `UE040` is "no such job".
package struct JobOperations: Sendable {
    private let pool: PostgresPool

    package init(pool: PostgresPool) {
        self.pool = pool
    }

    /// The newest jobs that match, those numbered below `before` only.
    package func list(
        _ query: JobQuery,
        limit: Int = 50,
        before: Int64? = nil
    ) async throws(PostgresError) -> [JobSummary] {
        try await pool.session { db throws(PostgresError) in
            try db.query(
                """
                select job_id, hostname, tenant, tier, state, attempts, due_at, enqueued_at, ended_at, reason,
                       error_class, code, message, actor, batch_id
                from usher.list_jobs(\(query.text), \(limit)::integer, \(before))
                """,
                as: JobSummary.Columns.self
            ).map(JobSummary.init)
        }
    }

    /// Everything known of one job.
    package func report(on jobID: Int64) async throws -> JobReport {
        let document = try await pool.session { db throws(PostgresError) in
            try db.one("select usher.job_status(\(jobID))", as: JSONText.self)
        }
        return try ServerDocument.decoded(document)
    }

    /// How far a batch is; `nil` if there is none.
    package func progress(of batchID: Int64) async throws -> BatchProgress? {
        let document = try await pool.session { db throws(PostgresError) in
            try db.one("select usher.batch_progress(\(batchID))", as: JSONText?.self)
        }
        return try document.map(ServerDocument.decoded)
    }
}

/// The JSON documents that functions of the database answer with.
enum ServerDocument {
    static func decoded<Document: Decodable>(_ document: JSONText) throws -> Document {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .custom { decoder in
            let text = try decoder.singleValueContainer().decode(String.self)
            return try Date(text, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: text.contains(".")))
        }
        return try decoder.decode(Document.self, from: Data(document.text.utf8))
    }
}
