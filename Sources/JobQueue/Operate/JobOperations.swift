import Foundation
package import Postgres

/// What people ask of the queue and order it to do, over the functions of `migrations/0006_operate.sql`.
///
/// Refusals come as the server's `UE…` codes: `UE040` is "no such job".
package struct JobOperations: Sendable {
    private let pool: PostgresPool

    package init(pool: PostgresPool) {
        self.pool = pool
    }

    /// The newest jobs that match.
    package func list(_ filter: JobFilter) async throws(PostgresError) -> [JobSummary] {
        try await pool.session { db throws(PostgresError) in
            try db.query(
                """
                select p.job_id, h.name, p.tenant, t.tier, p.state, coalesce(p.attempts, 0), p.due_at, p.enqueued_at,
                       p.ended_at, p.reason, p.error_class, p.code,
                       -- What a deferred job waits for is told by its hostname.
                       coalesce(p.message, case when p.due_at is not null then h.standing_message end),
                       p.actor, p.batch_id
                from usher.job_place p
                left join usher.hostname h on h.hostname_id = p.subject_id
                left join usher.tenant t on t.tenant = p.tenant
                where \(filter.condition)
                order by p.job_id desc limit \(filter.limit)
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

    /// Ends a job that has not started, or asks the running attempt to stop.
    ///
    /// - Returns: `cancelled`, `cancelling`, or the state of a job that had ended before; `nil` if there is no such
    ///   job.
    package func cancel(_ jobID: Int64, reason: String) async throws(PostgresError) -> String? {
        try await pool.session { db throws(PostgresError) in
            try db.one("select usher.cancel(\(jobID), \(reason))", as: String?.self)
        }
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
