import Foundation

/// An entry as `usher.apply_schedule` reads it.
struct ScheduleWire: Encodable {
    var name: String
    var work: String
    var cron: String
    var timezone: String
    var missed: String
    var missed_limit = 1
    var settings: Settings
    var enabled: Bool
    var next_at: String

    enum Settings: Encodable {
        case none
        case evidence(days: Int)
        case job(RecurringJob)

        private enum CodingKeys: String, CodingKey {
            case days = "older_than_days"
        }

        func encode(to encoder: any Encoder) throws {
            switch self {
            case .none: _ = encoder.container(keyedBy: CodingKeys.self)
            case .job(let job): try job.encode(to: encoder)
            case .evidence(let days):
                var container = encoder.container(keyedBy: CodingKeys.self)
                try container.encode(days, forKey: .days)
            }
        }
    }

    init(_ entry: ScheduleEntry, nextAt: String) {
        name = entry.name
        work = entry.work.word.rawValue
        cron = entry.cron.text
        timezone = entry.timezone
        enabled = entry.isEnabled
        next_at = nextAt
        switch entry.missed {
        case .skip: missed = "skip"
        case .once: missed = "once"
        case .all(let limit): (missed, missed_limit) = ("all", limit)
        }
        switch entry.work {
        case .sweep, .retention: settings = .none
        case .evidence(let days): settings = .evidence(days: days)
        case .enqueue(let job): settings = .job(job)
        }
    }
}

extension [ScheduleWire] {
    /// The JSON array of the function's argument.
    var wireText: String {
        guard let data = try? JSONEncoder().encode(self) else {
            preconditionFailure("a schedule holds nothing JSON cannot carry")
        }
        return String(decoding: data, as: UTF8.self)
    }
}
