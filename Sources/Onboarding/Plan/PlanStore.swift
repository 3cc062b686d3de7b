import Foundation
package import Postgres
package import TLSPolicy

/// Makes plans from what is stored, and has reviewed ones carried out.
package struct PlanStore: Sendable {
    private let pool: PostgresPool

    package init(pool: PostgresPool) {
        self.pool = pool
    }

    /// What would be done about the selected hostnames; no call to the provider, nothing written.
    package func plan(_ selection: PlanSelection, capabilities: ProviderCapabilities) async throws -> PlanDocument {
        let zone = try await zone()
        var summary = PlanSummary(population: try await population())
        let pages = PlanPages(pool: pool, selection: selection)
        var reader = PlanReader(pool: pool)
        var planner = RowPlanner(zone: zone ?? ZoneSettings(), capabilities: capabilities)
        var rows: [PlanRow] = []
        var page = try await pages.page(after: 0)
        while let last = page.last?.0 {
            // The server reads on while this page is planned.
            async let following = pages.page(after: last)
            for stored in page {
                let row = planner.row(for: try await reader.subject(stored))
                summary.count(row)
                if row.isRemarkable { rows.append(row) }
            }
            page = try await following
        }
        let head = PlanHead(
            selection: selection,
            policies: reader.revisions,
            zone: zone,
            summary: summary,
            guards: reader.guards
        )
        return try PlanDocument(head: head, rows: rows)
    }

    /// Hostnames claimed now.
    package func population() async throws(PostgresError) -> Int {
        try await pool.session { db throws(PostgresError) in
            try db.one("select count(*) from usher.hostname where released_at is null", as: Int.self)
        }
    }

    /// The zone's settings as last read; `nil` if they never were.
    package func zone() async throws -> ZoneSettings? {
        let document = try await pool.session { db throws(PostgresError) in
            try db.first(
                "select settings from usher.zone where settings is not null order by read_at desc limit 1",
                as: JSONText.self
            )
        }
        return try document.map { try JSONDecoder().decode(ZoneSettings.self, from: Data($0.text.utf8)) }
    }
}

/// What carrying out a plan came to.
package struct PlanOutcome: Sendable {
    /// `nil` if no row was as it had been.
    package let batchID: Int64?
    /// Rows that were as they had been.
    package let queued: Int
    /// Jobs made for them; the others found their hostname's job in the queue.
    package let created: Int
    package let moved: [MovedRow]
    /// Of the queued ones, those whose weakening was approved.
    package var approved = 0
}

/// A row that is not as it was when the plan was made, and was left alone.
package struct MovedRow: Sendable, Encodable {
    package let hostname: String
    package let tenant: String
    package let what: Moved

    /// What is not as it was.
    package enum Moved: String, Sendable, Codable {
        case released
        case zone
        case generation
        case policy
        case certificate
        case observed
    }
}

extension PlanStore {
    /// Queues the rows of a reviewed plan that are to be created or changed, in one transaction.
    ///
    /// - Parameters:
    ///   - author: Who answers for it; kept.
    ///   - approval: Why this person approves what the plan weakens; `nil` leaves all of that as it is.
    package func apply(
        _ document: PlanDocument,
        author: String,
        approvingWeakening approval: String? = nil
    ) async throws -> PlanOutcome {
        let rows = document.rows.filter { $0.action.isCarriedOut(approvingWeakening: approval != nil) }
        let bases = try Self.text(rows.map(OrderedRow.init))
        let head = try Self.text(document.head)
        let zone = try document.head.zone.map(Self.text)
        let checksum = document.checksum
        let arguments: Statement = "\(bases), \(zone), \(checksum), \(head), \(author)"
        let function: Statement =
            if let approval {
                "usher.apply_plan_approving(\(arguments), \(approval))"
            } else {
                "(select *, 0 as approved from usher.apply_plan(\(arguments))) as p"
            }
        let (batchID, queued, created, approved, moved) = try await pool.transaction { db throws(PostgresError) in
            try db.one(
                "select batch_id, queued, created, approved, moved from \(function)",
                as: (Int64?, Int, Int, Int, JSONText).self
            )
        }
        let names = Dictionary(rows.map { ($0.basis.hostnameID, $0) }) { first, _ in first }
        let late = try JSONDecoder().decode([MovedBasis].self, from: Data(moved.text.utf8))
        return PlanOutcome(
            batchID: batchID,
            queued: queued,
            created: created,
            moved: late.compactMap { late in
                names[late.hostnameID].map { .init(hostname: $0.hostname, tenant: $0.tenant, what: late.reason) }
            },
            approved: approved
        )
    }

    private static func text(_ value: some Encodable) throws -> JSONText {
        JSONText(String(decoding: try JSONEncoder().encode(value), as: UTF8.self))
    }
}

/// One element of what `usher.apply_plan` and `usher.apply_plan_approving` are given.
private struct OrderedRow: Encodable {
    let basis: PlanBasis
    /// Of a row that weakens: everything that was reviewed.
    let approve: [ReviewedChange]?

    init(_ row: PlanRow) {
        basis = row.basis
        approve = row.action == .approve ? row.changes.map(ReviewedChange.init) : nil
    }

    private enum CodingKeys: String, CodingKey {
        case approve
    }

    func encode(to encoder: any Encoder) throws {
        try basis.encode(to: encoder)
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encodeIfPresent(approve, forKey: .approve)
    }
}

/// One element of what `usher.apply_plan` returns.
private struct MovedBasis: Decodable {
    let hostnameID: Int64
    let reason: MovedRow.Moved

    private enum CodingKeys: String, CodingKey {
        case hostnameID = "hostname_id"
        case reason
    }
}
