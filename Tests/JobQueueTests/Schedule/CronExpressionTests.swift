import Foundation
import JobQueue
import Postgres
import Testing

struct CronExpressionTests {
    private let utc = ZoneClock { _ in 0 }

    private func moment(_ text: String) throws -> Timestamp {
        try Date(text, strategy: .iso8601).timestamp
    }

    private func zone(_ name: String) throws -> ZoneClock { try #require(ZoneClock(named: name)) }

    /// The first times after a moment, in UTC.
    private func times(
        _ cron: String,
        after start: String,
        in zone: ZoneClock,
        count: Int
    ) throws -> [String] {
        let cron = try CronExpression(cron)
        var times: [String] = []
        var now = try moment(start)
        for _ in 0..<count {
            now = cron.next(after: now, in: zone)
            times.append("\(now)")
        }
        return times
    }

    @Test(arguments: [
        ("* * * * *", "2026-03-01T12:00:00Z", "2026-03-01T12:01:00Z"),
        ("* * * * *", "2026-03-01T12:00:59Z", "2026-03-01T12:01:00Z"),
        ("30 3 * * *", "2026-03-01T03:30:00Z", "2026-03-02T03:30:00Z"),
        ("*/15 8-18 * * mon-fri", "2026-03-06T18:45:00Z", "2026-03-09T08:00:00Z"),
        ("5,35 23 31 * *", "2026-02-10T00:00:00Z", "2026-03-31T23:05:00Z"),
        ("0 0 1 JAN,jul *", "2026-01-01T00:00:00Z", "2026-07-01T00:00:00Z"),
        ("0 12 * * 7", "2026-03-02T00:00:00Z", "2026-03-08T12:00:00Z"),
        ("0 12 * * sat-sun", "2026-03-02T00:00:00Z", "2026-03-07T12:00:00Z"),
        ("0 0 29 2 *", "2096-03-01T00:00:00Z", "2104-02-29T00:00:00Z"),
        ("59 23 31 12 *", "1969-06-01T00:00:00Z", "1969-12-31T23:59:00Z"),
        ("10-50/20 * * * *", "2026-03-01T12:10:00Z", "2026-03-01T12:30:00Z"),
    ])
    func `the next time is the first that matches`(_ row: (cron: String, after: String, next: String)) throws {
        #expect(try times(row.cron, after: row.after, in: utc, count: 1) == [row.next])
    }

    @Test(arguments: [
        ("* * * *", "must have 5 fields"), ("* * * * * *", "must have 5 fields"), ("*\t* * * *", "must have 5 fields"),
        ("@daily", "must have 5 fields"), ("60 * * * *", "minute: 60 is not from 0 to 59"),
        ("* 24 * * *", "hour: 24"), ("* * 0 * *", "day of month: 0"), ("* * * 13 *", "month: 13"),
        ("* * * * 8", "day of week: 8"), ("* * * foo *", "month: foo is not from 1 to 12, or a name as jan"),
        ("-5 * * * *", "minute: nothing is not"), ("+5 * * * *", "minute: +5"), ("1, * * * *", "minute: nothing"),
        ("5/10 * * * *", "minute: a step follows * or a range"), ("*/0 * * * *", "0 is no step"),
        ("*/60 * * * *", "60 is no step"), ("*/5/5 * * * *", "a step follows"), ("10-5 * * * *", "does not rise"),
        ("1-2-3 * * * *", "is no range"), ("0 9 1 * mon", "ambiguous"), ("0 0 31 2,4 *", "no such day ever comes"),
        ("0 0 ? * *", "day of month: ?"), ("0 0 L * *", "day of month: L"), ("0x5 * * * *", "minute: 0x5"),
    ])
    func `what is no expression is told with its field`(_ row: (text: String, rule: String)) throws {
        let problem = try #require(throws: CronProblem.self) { try CronExpression(row.text) }
        #expect(problem.description.contains(row.rule), "\(problem)")
    }

    @Test func `a time left out by the clock comes when the clock has jumped, once`() throws {
        let berlin = try zone("Europe/Berlin")
        // 29 March 2026: 02:00 becomes 03:00 at 01:00 UTC.
        #expect(
            try times("30 2 * * *", after: "2026-03-28T12:00:00Z", in: berlin, count: 2)
                == ["2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z"]
        )
        #expect(
            try times("*/30 * * * *", after: "2026-03-29T00:30:00Z", in: berlin, count: 3)
                == ["2026-03-29T01:00:00Z", "2026-03-29T01:30:00Z", "2026-03-29T02:00:00Z"]
        )
    }

    @Test func `a time that comes twice runs the first time only`() throws {
        // 25 October 2026: 03:00 becomes 02:00 at 01:00 UTC.
        #expect(
            try times("30 2 * * *", after: "2026-10-24T12:00:00Z", in: try zone("Europe/Berlin"), count: 2)
                == ["2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"]
        )
        // 1 November 2026: 02:00 becomes 01:00 at 06:00 UTC.
        #expect(
            try times("15 1 * * *", after: "2026-10-31T12:00:00Z", in: try zone("America/New_York"), count: 2)
                == ["2026-11-01T05:15:00Z", "2026-11-02T06:15:00Z"]
        )
    }

    @Test(arguments: [
        // Half an hour.
        (
            "Australia/Lord_Howe", "15 2 * * *", "2026-10-03T00:00:00Z",
            ["2026-10-03T15:30:00Z", "2026-10-04T15:15:00Z"]
        ),
        // A whole day, 30 December 2011, was left out.
        ("Pacific/Apia", "0 12 * * *", "2011-12-29T12:00:00Z", ["2011-12-29T22:00:00Z", "2011-12-30T10:00:00Z"]),
        // At midnight, so that the day begins at 01:00.
        ("America/Havana", "0 0 * * *", "2026-03-07T12:00:00Z", ["2026-03-08T05:00:00Z", "2026-03-09T04:00:00Z"]),
        // Never.
        ("Asia/Kolkata", "30 2 * * *", "2026-03-28T12:00:00Z", ["2026-03-28T21:00:00Z", "2026-03-29T21:00:00Z"]),
    ])
    func `other zones' changes are followed`(
        _ row: (zone: String, cron: String, after: String, times: [String])
    ) throws {
        #expect(try times(row.cron, after: row.after, in: try zone(row.zone), count: 2) == row.times)
    }

    @Test func `it agrees with a walk through every minute of the days around the changes`() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = Xorshift(state: seed | 1)
        let days = [
            ("Europe/Berlin", "2026-03-28T00:00:00Z"), ("Europe/Berlin", "2026-10-24T00:00:00Z"),
            ("America/New_York", "2026-03-07T00:00:00Z"), ("America/Havana", "2026-10-31T00:00:00Z"),
            ("Australia/Lord_Howe", "2026-04-04T00:00:00Z"), ("Pacific/Apia", "2011-12-29T00:00:00Z"),
        ]
        for (name, start) in days {
            let timeZone = try #require(TimeZone(identifier: name))
            let clock = try zone(name)
            let walk = MinuteWalk(from: try moment(start), minutes: 3 * 1440, zone: timeZone)
            for _ in 0..<4 {
                let text = Self.randomCron(using: &random)
                let cron = try CronExpression(text)
                var found: [Timestamp] = []
                var now = Timestamp(microseconds: try moment(start).microseconds - 1)
                while true {
                    now = cron.next(after: now, in: clock)
                    if now >= walk.end { break }
                    found.append(now)
                }
                #expect(found == walk.times(of: text), "seed \(seed), \(text) in \(name)")
            }
        }
    }

    /// Minutes and hours, and now and then days of the week.
    private static func randomCron(using random: inout Xorshift) -> String {
        func field(_ bound: Int) -> String {
            let (a, b) = (Int.random(in: 0..<bound, using: &random), Int.random(in: 0..<bound, using: &random))
            switch Int.random(in: 0..<4, using: &random) {
            case 0: return "*"
            case 1: return "*/\(max(1, a % (bound - 1)))"
            case 2: return a == b ? "\(a)" : "\(min(a, b))-\(max(a, b))"
            default: return "\(a),\(b)"
            }
        }
        return "\(field(60)) \(field(24)) * * \(Bool.random(using: &random) ? "*" : field(7))"
    }
}

/// What the clock on the wall shows in each minute of some days: the slow, plain way to find when something is due.
private struct MinuteWalk {
    private var minutes: [(instant: Timestamp, walls: [DateComponents])] = []
    let end: Timestamp

    init(from start: Timestamp, minutes count: Int, zone: TimeZone) {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = zone
        var utc = Calendar(identifier: .gregorian)
        utc.timeZone = .gmt
        var shown: Set<Date> = []
        var last: Date?
        // A while before, so that what is shown for the second time is known.
        for minute in -1440..<count {
            let instant = Timestamp(microseconds: start.microseconds + Int64(minute) * 60_000_000)
            let parts: Set<Calendar.Component> = [.year, .month, .day, .hour, .minute]
            let wall = utc.date(from: calendar.dateComponents(parts, from: instant.date)) ?? .distantPast
            // What the clock jumped over counts as shown now.
            var walls = [wall]
            if let last, wall.timeIntervalSince(last) > 60 {
                walls = stride(from: last.addingTimeInterval(60), through: wall, by: 60).map { $0 }
            }
            last = wall
            let new = walls.filter { shown.insert($0).inserted }
            guard minute >= 0 else { continue }
            minutes.append((instant, new.map { utc.dateComponents([.hour, .minute, .weekday], from: $0) }))
        }
        end = Timestamp(microseconds: start.microseconds + Int64(count) * 60_000_000)
    }

    func times(of cron: String) -> [Timestamp] {
        let fields = cron.split(separator: " ").map(String.init)
        func matches(_ value: Int, _ field: String) -> Bool {
            field.split(separator: ",").contains { item in
                if item == "*" { return true }
                if item.hasPrefix("*/") { return value.isMultiple(of: Int(item.dropFirst(2)) ?? 1) }
                let ends = item.split(separator: "-").compactMap { Int($0) }
                return (ends[0]...ends[ends.count - 1]).contains(value)
            }
        }
        return minutes.filter { minute in
            minute.walls.contains { wall in
                matches(wall.minute ?? 0, fields[0]) && matches(wall.hour ?? 0, fields[1])
                    && matches((wall.weekday ?? 1) - 1, fields[4])
            }
        }.map(\.instant)
    }
}

/// Marsaglia's xorshift, so that a failing run can be repeated.
private struct Xorshift: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }
}
