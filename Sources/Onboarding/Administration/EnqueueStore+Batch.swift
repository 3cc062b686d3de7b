import Foundation
import Postgres
import TLSPolicy

extension EnqueueStore {
    /// What becomes of the good rows when some are refused.
    package enum RefusalRule: Sendable {
        /// One refused row refuses them all.
        case allOrNothing
        /// The others are queued.
        case partial
    }

    /// Queues many hostnames in one transaction, and tells of every row that is refused.
    ///
    /// - Parameters:
    ///   - name: The batch's name; new tenants are created by the event `file:NAME`.
    ///   - isComplete: False if rows are missing that could not be read: under `allOrNothing` nothing is queued then,
    ///     but the rows at hand are still judged.
    package func enqueue(
        _ rows: [EnqueueRow],
        name: String,
        rule: RefusalRule,
        isComplete: Bool = true
    ) async throws -> EnqueueAnswer {
        let document = JSONText(String(decoding: try JSONEncoder().encode(rows.map(BatchRow.init)), as: UTF8.self))
        let (stored, tenants, isKept) = try await pool.transaction { db throws(PostgresError) in
            let tenants = TenantCheck(rows, present: try Self.present(rows, db), tiers: try Self.tiers(db))
            // Undone to here, not by a thrown error: that would lose the list of refusals.
            try db.execute("savepoint before_batch")
            try Self.create(tenants.new, event: "file:\(name)", db)
            let stored = try Self.store(document, name: name, db)
            let isKept = rule == .partial || (isComplete && stored.refusals == 0)
            if !isKept { try db.execute("rollback to savepoint before_batch") }
            return (stored, tenants, isKept)
        }
        let refusals = try JSONDecoder().decode([RefusedRow].self, from: Data(stored.refused.text.utf8))
        return EnqueueAnswer(
            batchID: isKept ? stored.batchID : nil,
            accepted: isKept ? stored.accepted : 0,
            created: isKept ? stored.created : 0,
            refused: refusals.map { tenants.explained($0, rows[$0.index]) },
            newTenants: isKept ? tenants.new.map(\.tenant) : [],
            otherTiers: tenants.otherTiers
        )
    }

    private static func present(
        _ rows: [EnqueueRow],
        _ db: borrowing Session
    ) throws(PostgresError) -> [String: String] {
        let names = Array(Set(rows.map(\.tenant)))
        let known = try db.query(
            "select tenant, tier from usher.tenant where tenant = any(\(names))",
            as: (String, String).self
        )
        return Dictionary(uniqueKeysWithValues: known.map { ($0.0, $0.1) })
    }

    private static func tiers(_ db: borrowing Session) throws(PostgresError) -> Set<String> {
        Set(try db.query("select name from usher.tier", as: String.self))
    }

    private static func create(
        _ tenants: [(tenant: String, tier: String)],
        event: String,
        _ db: borrowing Session
    ) throws(PostgresError) {
        try db.execute(
            """
            select usher.set_tier(tenant, tier, \(event), 1)
            from unnest(\(tenants.map(\.tenant)), \(tenants.map(\.tier))) as new (tenant, tier)
            """
        )
    }

    private static func store(
        _ document: JSONText,
        name: String,
        _ db: borrowing Session
    ) throws(PostgresError) -> StoredBatch {
        let row = try db.one(
            """
            select batch_id, accepted, created, jsonb_array_length(rejected), rejected
            from usher.enqueue_batch(\(document), \(name), 'partial')
            """,
            as: (Int64, Int, Int, Int, JSONText).self
        )
        return StoredBatch(batchID: row.0, accepted: row.1, created: row.2, refusals: row.3, refused: row.4)
    }
}

/// What `usher.enqueue_batch` answered.
private struct StoredBatch: Sendable {
    let batchID: Int64
    let accepted: Int
    let created: Int
    let refusals: Int
    let refused: JSONText
}

/// One row as `usher.enqueue_batch` reads it.
private struct BatchRow: Encodable {
    let tenant: String
    let hostname: String
    let opts: HostnameWish
    let priority: Int

    init(_ row: EnqueueRow) {
        tenant = row.tenant
        hostname = row.hostname
        opts = row.wish
        priority = row.priority
    }
}

/// Which tenants of a batch are new, and which are not on the tier that the batch gives them.
struct TenantCheck: Sendable {
    /// To be created, in the order of their first row.
    private(set) var new: [(tenant: String, tier: String)] = []
    private(set) var otherTiers: [EnqueueAnswer.TierDifference] = []
    private let tiers: Set<String>

    /// - Parameters:
    ///   - present: The tier of each tenant the database knows.
    ///   - tiers: The tiers the database knows.
    init(_ rows: [EnqueueRow], present: [String: String], tiers: Set<String>) {
        self.tiers = tiers
        var seen: Set<String> = []
        for row in rows where seen.insert(row.tenant).inserted {
            if let actual = present[row.tenant] {
                guard actual != row.tier else { continue }
                otherTiers.append(.init(tenant: row.tenant, actual: actual, given: row.tier))
            } else if tiers.contains(row.tier) {
                new.append((row.tenant, row.tier))
            }
        }
    }

    /// To the database a tenant on an unknown tier is an unknown tenant; the person who wrote the row sees the tier.
    func explained(_ refusal: RefusedRow, _ row: EnqueueRow) -> RefusedRow {
        guard refusal.code == "UE024", !tiers.contains(row.tier) else { return refusal }
        return RefusedRow(
            index: refusal.index,
            code: "UE021",
            message: "unknown tier",
            hint: "known: \(tiers.sorted().joined(separator: ", ")); see usher tier apply"
        )
    }
}
