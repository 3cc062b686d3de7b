/// One entry of the schedule: what recurs, and when.
package struct ScheduleEntry: Hashable, Sendable {
    package let name: String
    package let work: RecurringWork
    package let cron: CronExpression
    /// An IANA name, as `Europe/London`.
    package let timezone: String
    package let missed: MissedRuns
    package let isEnabled: Bool

    package init(
        name: String,
        work: RecurringWork,
        cron: CronExpression,
        timezone: String,
        missed: MissedRuns,
        isEnabled: Bool
    ) {
        self.name = name
        self.work = work
        self.cron = cron
        self.timezone = timezone
        self.missed = missed
        self.isEnabled = isEnabled
    }
}

/// Work that recurs.
package enum RecurringWork: Hashable, Sendable {
    /// The zone is read now, whoever waits; drift is found by it.
    case sweep
    /// Hostnames whose newest handshake is older than this are proved again.
    case evidence(olderThanDays: Int)
    /// What is older than its rule leaves.
    case retention
    /// A job is put into a tenant's queue.
    case enqueue(RecurringJob)

    /// The word for it in files and tables.
    package enum Word: String, CaseIterable, Sendable {
        case sweep
        case evidence
        case retention
        case enqueue
    }

    package var word: Word {
        switch self {
        case .sweep: .sweep
        case .evidence: .evidence
        case .retention: .retention
        case .enqueue: .enqueue
        }
    }
}

/// A job as the schedule enqueues it.
package struct RecurringJob: Hashable, Sendable, Encodable {
    /// A value of the payload.
    package enum Value: Hashable, Sendable, Encodable {
        case text(String)
        case number(Int)
        case flag(Bool)

        package func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            switch self {
            case .text(let text): try container.encode(text)
            case .number(let number): try container.encode(number)
            case .flag(let flag): try container.encode(flag)
            }
        }
    }

    package let kind: String
    package let tenant: String
    package let priority: Int
    package let payload: [String: Value]

    package init(kind: String, tenant: String, priority: Int, payload: [String: Value]) {
        self.kind = kind
        self.tenant = tenant
        self.priority = priority
        self.payload = payload
    }
}
