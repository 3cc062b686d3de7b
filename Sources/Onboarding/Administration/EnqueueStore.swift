import Foundation
package import Postgres
package import TLSPolicy

/// One hostname that somebody wants onboarded.
package struct EnqueueRow: Sendable {
    package let tenant: String
    /// The tier a tenant that is not known yet is created on.
    package let tier: String
    package let hostname: String
    package let wish: HostnameWish
    package let priority: Int

    package init(tenant: String, tier: String, hostname: String, wish: HostnameWish = HostnameWish(), priority: Int = 0)
    {
        self.tenant = tenant
        self.tier = tier
        self.hostname = hostname
        self.wish = wish
        self.priority = priority
    }
}

/// A row that was not queued, and the rule it breaks.
package struct RefusedRow: Sendable, Decodable {
    /// The row's place among those given, from 0.
    package let index: Int
    /// The SQLSTATE of the rule: `UE…`, `22023` or `53400`.
    package let code: String
    package let message: String
    package let hint: String?

    /// Which part of the row is at fault.
    package var field: Field {
        switch code {
        case "UE021": .tier
        case "UE024": .tenant
        case "22023": .options
        default: .hostname
        }
    }

    /// A part of a row.
    package enum Field: String, Sendable {
        case tenant
        case tier
        case hostname
        case options
    }
}

/// What queueing a batch came to.
package struct EnqueueAnswer: Sendable {
    /// `nil` if nothing was queued.
    package let batchID: Int64?
    /// Rows that were taken.
    package let accepted: Int
    /// Jobs made for them; the other rows found their hostname's job in the queue.
    package let created: Int
    package let refused: [RefusedRow]
    /// Tenants created on the tier of their row.
    package let newTenants: [String]
    /// Known tenants that are on another tier than their row says; only a billing event moves them.
    package let otherTiers: [TierDifference]

    /// A tenant whose tier is not the row's.
    package struct TierDifference: Sendable, Hashable {
        package let tenant: String
        package let actual: String
        package let given: String
    }
}

/// What one hostname's enqueueing came to.
package struct EnqueuedHostname: Sendable, Encodable {
    package let jobID: Int64
    package let hostnameID: Int64
    /// False if the hostname's job was in the queue before.
    package let created: Bool
}

/// The way in for hostnames, over the functions of `migrations/0005_enqueue.sql`.
package struct EnqueueStore: Sendable {
    let pool: PostgresPool

    package init(pool: PostgresPool) {
        self.pool = pool
    }

    /// Queues one hostname of a tenant that is known.
    ///
    /// - Parameter idempotencyKey: The same key with the same request gives the first answer; with another, `UE030`.
    /// - Throws: The refusal as the server's `UE…` code.
    package func enqueue(
        tenant: String,
        hostname: String,
        wish: HostnameWish,
        idempotencyKey: String? = nil,
        priority: Int = 0
    ) async throws -> EnqueuedHostname {
        let options = JSONText(String(decoding: try JSONEncoder().encode(wish), as: UTF8.self))
        return try await pool.transaction { db throws(PostgresError) in
            let (jobID, hostnameID, created) = try db.one(
                """
                select job_id, hostname_id, created
                from usher.enqueue_onboarding(\(tenant), \(hostname), \(options), \(idempotencyKey),
                                              \(priority)::integer)
                """,
                as: (Int64, Int64, Bool).self
            )
            return EnqueuedHostname(jobID: jobID, hostnameID: hostnameID, created: created)
        }
    }
}
