package import Foundation
package import Postgres

/// How the provider and our use of it stand: `usher.provider_status()`.
package struct ProviderStatus: Sendable, Codable {
    package let breaker: Breaker
    package let budgets: [Budget]
    /// The last error of each class, newest first.
    package let errors: [Failure]
    /// The last times the breaker was opened or closed, newest first.
    package let events: [Event]
    /// As last read; `nil` if nobody has yet.
    package let quota: Quota?

    /// The shared breaker.
    package struct Breaker: Sendable, Codable {
        package let state: BreakerState
        package let since: Date
        package let reason: String?
        /// No probe before; `nil` of an open breaker is until an operator closes it.
        package let until: Date?
        package let failedProbes: Int
        /// Signs of an outage at hand, and how many open it.
        package let signs: Int
        package let threshold: Int
        /// Of the rate that may be used, 0.1…1.
        package let share: Double

        private enum CodingKeys: String, CodingKey {
            case state, since, reason, until, signs, threshold, share
            case failedProbes = "failed_probes"
        }
    }

    /// One provider limit, and what of it is used in the window that ends now.
    package struct Budget: Sendable, Codable {
        package let name: String
        package let quota: Int
        package let windowMilliseconds: Int64
        package let used: Int
        /// Of these, spent by other programs.
        package let usedByOthers: Int
        package let left: Int
        /// What background work may take at this moment.
        package let now: Int
        package let reserve: Int
        package let reserveLeft: Int
        /// When the provider's headers told other numbers than ours.
        package let adoptedAt: Date?
        /// What the provider last said is left.
        package let toldLeft: Int?
        package let toldAt: Date?
        package let blockedUntil: Date?
        package let blockedReason: String?

        private enum CodingKeys: String, CodingKey {
            case name, quota, used, left, now, reserve
            case windowMilliseconds = "window_ms"
            case usedByOthers = "used_by_others"
            case reserveLeft = "reserve_left"
            case adoptedAt = "adopted_at"
            case toldLeft = "told_left"
            case toldAt = "told_at"
            case blockedUntil = "blocked_until"
            case blockedReason = "blocked_reason"
        }
    }

    /// The last failed call of its class.
    package struct Failure: Sendable, Codable {
        package let errorClass: String
        package let count: Int
        package let lastAt: Date
        package let call: String
        package let tenant: String?
        package let message: String

        private enum CodingKeys: String, CodingKey {
            case count, call, tenant, message
            case errorClass = "class"
            case lastAt = "last_at"
        }
    }

    /// What became of the breaker, and who did it.
    package struct Event: Sendable, Codable {
        package let event: String
        package let at: Date
        package let author: String
        package let reason: String
    }

    /// The zone's quota of hostnames.
    package struct Quota: Sendable, Codable {
        package let allocated: Int
        package let used: Int
        package let exceeded: Bool
        package let hardCap: Int?
        package let readAt: Date

        private enum CodingKeys: String, CodingKey {
            case allocated, used, exceeded
            case hardCap = "hard_cap"
            case readAt = "read_at"
        }
    }
}

extension ProviderStatus {
    /// Reads how things stand.
    package static func read(from pool: PostgresPool) async throws -> ProviderStatus {
        let document = try await pool.session { db throws(PostgresError) in
            try db.one("select usher.provider_status()", as: JSONText.self)
        }
        return try ServerDocument.decoded(document)
    }

    /// An operator's word on the breaker, kept with its author and reason; answers the state it is in then.
    package static func setBreaker(
        _ action: String,
        author: String,
        reason: String,
        in pool: PostgresPool
    ) async throws -> BreakerState {
        let state = try await pool.session { db throws(PostgresError) in
            try db.one("select usher.set_breaker(\(action), \(author), \(reason))", as: String.self)
        }
        return BreakerState(rawValue: state) ?? .closed
    }
}
