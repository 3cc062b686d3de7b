import Cloudflare
package import Foundation
import JobQueue
package import Postgres
import TLSPolicy

/// One hostname that somebody else changed at the provider after we had enforced it.
package struct DriftEntry: Sendable, Encodable {
    /// What became of the hostname's promise.
    package enum Direction: String, CaseIterable, Hashable, Sendable, Encodable {
        case weaker
        case stronger
        case incomparable
        /// Only what promises nothing has changed.
        case neutral
        /// Moved, blocked or being deleted.
        case held
        /// A whole reading of the zone did not show it.
        case vanished
    }

    /// One key that differs, as text; `nil` is unset.
    package struct Difference: Hashable, Sendable, Encodable {
        package let key: String
        package let before: String?
        package let after: String?
    }

    package let hostname: String
    package let tenant: String
    package let seenAt: Date
    package let direction: Direction
    package let differences: [Difference]
    /// The job that was woken to look at it.
    package let jobID: Int64?
    /// Where the hostname stands now.
    package let standing: String
    package let message: String?
}

/// What sweeps noted of hostnames that changed under our hands.
package struct DriftLog: Sendable {
    private let pool: PostgresPool

    package init(pool: PostgresPool) {
        self.pool = pool
    }

    /// What was noted since a moment, newest first; `limit` entries at most.
    package func entries(since: Date, tenant: String? = nil, limit: Int) async throws -> [DriftEntry] {
        let zone = try await PlanStore(pool: pool).zone() ?? ZoneSettings()
        let rows = try await pool.session { db throws(PostgresError) in
            try db.query(
                """
                select h.name, h.tenant, d.seen_at, d.before, d.after, d.job_id, h.standing, h.standing_message
                from usher.drift d join usher.hostname h using (hostname_id)
                where d.seen_at >= \(Timestamp(epochSeconds: since.timeIntervalSince1970))
                  and coalesce(h.tenant = \(tenant), true)
                order by d.seen_at desc, d.drift_id desc limit \(limit)
                """,
                as: (String, String, Timestamp, JSONText, JSONText?, Int64?, String, String?).self
            )
        }
        return try rows.map { row in
            let before = try Self.observation(row.3)
            let after = try row.4.map(Self.observation)
            return DriftEntry(
                hostname: row.0,
                tenant: row.1,
                seenAt: row.2.date,
                direction: before.direction(to: after, in: zone),
                differences: after.map(before.differences) ?? [],
                jobID: row.5,
                standing: row.6,
                message: row.7
            )
        }
    }

    private static func observation(_ document: JSONText) throws -> Observation {
        try JSONDecoder().decode(Observation.self, from: Data(document.text.utf8))
    }
}

extension Observation {
    func direction(to after: Observation?, in zone: ZoneSettings) -> DriftEntry.Direction {
        guard let after else { return .vanished }
        if after.isHeld { return .held }
        let losesWildcard = wildcard && !after.wildcard
        let losesCertificate = servesCustomCertificate && !after.servesCustomCertificate
        let given: PromiseDirection = losesWildcard || losesCertificate ? .weaker : .unchanged
        let settings = ExplicitSettings(settings).direction(to: ExplicitSettings(after.settings), in: zone)
        return switch settings.joined(with: given) {
        case .unchanged: .neutral
        case .stronger: .stronger
        case .weaker: .weaker
        case .incomparable: .incomparable
        }
    }

    func differences(to after: Observation) -> [DriftEntry.Difference] {
        let (old, new) = (facts, after.facts)
        return Set(old.keys).union(new.keys).sorted().filter { old[$0] != new[$0] }.map {
            DriftEntry.Difference(key: $0, before: old[$0], after: new[$0])
        }
    }

    /// Every key with its value as text; a list of ciphers in a stable order.
    private var facts: [String: String] {
        var facts = ExplicitSettings(settings).foreign
        facts["min_tls_version"] = facts["min_tls_version"] ?? settings.minimumTLS?.text
        facts["ciphers"] = settings.ciphers.map { $0.sorted().joined(separator: " ") }
        facts["tls_1_3"] = facts["tls_1_3"] ?? settings.tls13?.text
        facts["http2"] = facts["http2"] ?? settings.http2?.text
        facts["early_hints"] = facts["early_hints"] ?? settings.earlyHints?.text
        facts["wildcard"] = String(wildcard)
        facts["custom_certificate"] = String(servesCustomCertificate)
        facts["status"] = isHeld ? status : nil
        return facts
    }
}
