package import Foundation
import JobQueue
package import Postgres
package import TLSPolicy

/// One hostname as an auditor asks for it: its certificate, and what handshakes have last shown.
///
/// PCI DSS v4.0.1: requirement 4.2.1.1 wants an inventory of certificates, 12.3.3 one of cipher suites and protocols.
package struct EvidenceLine: Sendable {
    package let hostname: String
    /// The tenant.
    package let owner: String
    package let tier: String
    package let standing: String
    /// The revision the latest evidence was held against; `nil` if nobody has looked yet.
    package let policy: String?
    package let result: ProofResult?
    package let checkedAt: Date?
    /// When everything was last seen as it must be.
    package let verifiedAt: Date?
    package let address: String?
    /// For the name itself, and for a wildcard one name below it.
    package let wanted: [ProofExpectation]
    package let seen: [EdgeSighting]
}

/// Reads the claimed hostnames in the order they were claimed, some at a time, however many there are.
package struct EvidenceExport: Sendable {
    private typealias Row = (
        Int64, String, String, String, String, String?, String?, Timestamp?, Timestamp?, String?, JSONText?, JSONText?
    )

    private let pool: PostgresPool
    private let tenant: String?
    private let pageSize: Int

    /// - Parameter tenant: Hostnames of this tenant only.
    package init(pool: PostgresPool, tenant: String? = nil, pageSize: Int = 1_000) {
        self.pool = pool
        self.tenant = tenant
        self.pageSize = pageSize
    }

    /// Hands over one page after the other.
    package func forEachPage(_ body: ([EvidenceLine]) throws -> Void) async throws {
        var after: Int64 = 0
        while true {
            let rows = try await page(after: after)
            if !rows.isEmpty { try body(try rows.map(line)) }
            guard rows.count == pageSize, let last = rows.last else { return }
            after = last.0
        }
    }

    private func page(after: Int64) async throws -> [Row] {
        try await pool.session { db throws(PostgresError) in
            try db.query(
                """
                select h.hostname_id, h.name, h.tenant, t.tier, h.standing, e.policy, e.result, e.seen_at,
                       p.seen_at, e.address, e.wanted, e.seen
                from (select hostname_id, name, tenant, standing from usher.hostname
                      where hostname_id > \(after) and released_at is null and coalesce(tenant = \(tenant), true)
                      order by hostname_id limit \(pageSize)) h
                join usher.tenant t using (tenant)
                left join lateral (select * from usher.evidence e where e.hostname_id = h.hostname_id
                                   order by evidence_id desc limit 1) e on true
                left join lateral (select seen_at from usher.evidence e
                                   where e.hostname_id = h.hostname_id and result = 'proved'
                                   order by evidence_id desc limit 1) p on true
                order by h.hostname_id
                """,
                as: Row.self
            )
        }
    }

    private func line(_ row: Row) throws -> EvidenceLine {
        EvidenceLine(
            hostname: row.1,
            owner: row.2,
            tier: row.3,
            standing: row.4,
            policy: row.5,
            result: row.6.flatMap(ProofResult.init),
            checkedAt: row.7?.date,
            verifiedAt: row.8?.date,
            address: row.9,
            wanted: try row.10.map { try decode([ProofExpectation].self, $0) } ?? [],
            seen: try row.11.map { try decode([EdgeSighting].self, $0) } ?? []
        )
    }

    private func decode<Value: Decodable>(_ type: Value.Type, _ document: JSONText) throws -> Value {
        try JSONDecoder().decode(type, from: Data(document.text.utf8))
    }
}
