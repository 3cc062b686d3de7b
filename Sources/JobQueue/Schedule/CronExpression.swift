package import Postgres

/// When recurring work is due, by a wall clock: minute, hour, day of the month, month, day of the week.
///
/// ```
/// 30 3 * * *        every day at 03:30
/// */15 8-18 * * mon-fri
/// 0 0 1 jan,jul *   twice a year
/// ```
/// A day of the week is 0 to 7 or a name; 0 and 7 are Sunday. Day of the month and day of the week are not both given:
/// to some programs that means "either", to others "both".
///
/// A time that a day does not have, because clocks go forward, comes at the next one that it has; a time that a day has
/// twice, because clocks go back, comes the first time only.
package struct CronExpression: Hashable, Sendable {
    /// The expression with single blanks between its fields.
    package let text: String
    private let minutes: CronField
    private let hours: CronField
    private let days: CronField
    private let months: CronField
    private let weekdays: CronField

    private static let kinds = [
        CronField.Kind(title: "minute", range: 0...59),
        CronField.Kind(title: "hour", range: 0...23),
        CronField.Kind(title: "day of month", range: 1...31),
        CronField.Kind(
            title: "month",
            range: 1...12,
            names: ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
        ),
        CronField.Kind(
            title: "day of week",
            range: 0...7,
            names: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]
        ),
    ]

    /// Reads the five fields.
    package init(_ text: String) throws(CronProblem) {
        let parts = text.split(separator: " ")
        guard parts.count == Self.kinds.count, !text.contains(where: { $0.isWhitespace && $0 != " " }) else {
            throw CronProblem("must have 5 fields: minute, hour, day of month, month, day of week")
        }
        self.text = parts.joined(separator: " ")
        minutes = try CronField(parts[0], Self.kinds[0])
        hours = try CronField(parts[1], Self.kinds[1])
        days = try CronField(parts[2], Self.kinds[2])
        months = try CronField(parts[3], Self.kinds[3])
        // Sunday as the end of a range.
        weekdays = try CronField(parts[4].hasSuffix("-sun") ? parts[4].dropLast(3) + "7" : parts[4], Self.kinds[4])
        if !days.isAny && !weekdays.isAny && weekdays.values != Set(0...6) {
            throw CronProblem("day of month and day of week are both given, which is ambiguous; make two entries")
        }
        let longest = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        if months.sorted.allSatisfy({ longest[$0 - 1] < days.sorted[0] }) {
            throw CronProblem("no such day ever comes")
        }
    }

    /// The first time after a moment, in whole minutes of the zone's clock.
    package func next(after moment: Timestamp, in zone: ZoneClock) -> Timestamp {
        let (second, _) = moment.microseconds.quotientAndRemainder(dividingBy: 1_000_000)
        let wall = second + Int64(zone.offset(second))
        var day = wall >= 0 ? wall / 86_400 : (wall - 86_399) / 86_400
        // The 29th of February may be eight years away.
        for _ in 0..<(9 * 366) {
            if isDue(on: day), let instant = first(on: day, after: moment, in: zone) { return instant }
            day += 1
        }
        return .infinity
    }

    private func isDue(on day: Int64) -> Bool {
        let date = CivilDate(daysSince1970: day)
        // 1970-01-01 was a Thursday.
        let weekday = Int(((day + 4) % 7 + 7) % 7)
        return months.values.contains(Int(date.month)) && days.values.contains(Int(date.day))
            && (weekdays.values.contains(weekday) || weekday == 0 && weekdays.values.contains(7))
    }

    private func first(on day: Int64, after moment: Timestamp, in zone: ZoneClock) -> Timestamp? {
        for hour in hours.sorted {
            for minute in minutes.sorted {
                let second = zone.instant(wall: day * 86_400 + Int64(hour * 3600 + minute * 60))
                let instant = Timestamp(microseconds: second * 1_000_000)
                if instant > moment { return instant }
            }
        }
        return nil
    }
}

extension CronExpression: CustomStringConvertible {
    package var description: String { text }
}
