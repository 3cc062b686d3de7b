package import Foundation
package import Postgres

/// How an entry of the schedule stands.
package struct ScheduleStatus: Encodable, Sendable {
    package let name: String
    package let work: String
    package let cron: String
    package let timezone: String
    package let missed: String
    package let enabled: Bool
    /// Why an operator has stopped it; `nil` if nobody has.
    package let paused: String?
    package let nextAt: Date
    package let lastAt: Date?
    /// How the last run went, and what it came to.
    package let lastState: String?
    package let lastMessage: String?

    /// Every entry, by name.
    package static func read(from pool: PostgresPool) async throws(PostgresError) -> [ScheduleStatus] {
        try await pool.session { db throws(PostgresError) in
            try db.query(
                """
                select s.name, s.work, s.cron, s.timezone,
                       case s.missed when 'all' then 'all, at most ' || s.missed_limit else s.missed end,
                       s.enabled, s.paused, s.next_at, r.due_at, r.state, r.message
                from usher.schedule s
                left join lateral (select * from usher.schedule_run r where r.name = s.name
                                   order by r.due_at desc limit 1) r on true
                order by s.name
                """,
                as: Columns.self
            ).map(ScheduleStatus.init)
        }
    }

    private typealias Columns = (
        String, String, String, String, String, Bool, String?, Timestamp, Timestamp?, String?, String?
    )

    private init(_ columns: Columns) {
        (name, work, cron, timezone, missed) = (columns.0, columns.1, columns.2, columns.3, columns.4)
        (enabled, paused) = (columns.5, columns.6)
        (nextAt, lastAt) = (columns.7.date, columns.8?.date)
        (lastState, lastMessage) = (columns.9, columns.10)
    }
}
