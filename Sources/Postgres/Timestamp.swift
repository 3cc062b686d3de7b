/// An instant as the server's `timestamptz` has it: whole microseconds since 1970-01-01T00:00:00Z, leap seconds not
/// counted; or one of the two infinities.
package struct Timestamp: Hashable, Sendable {
    package let microseconds: Int64

    package init(microseconds: Int64) {
        self.microseconds = microseconds
    }

    package init(epochSeconds: Double) {
        self.init(microseconds: Int64((epochSeconds * 1_000_000).rounded()))
    }

    package var epochSeconds: Double { Double(microseconds) / 1_000_000 }

    /// Later than every instant.
    package static let infinity = Timestamp(microseconds: .max)
    /// Earlier than every instant.
    package static let negativeInfinity = Timestamp(microseconds: .min)
}

extension Timestamp: Comparable {
    package static func < (left: Timestamp, right: Timestamp) -> Bool {
        left.microseconds < right.microseconds
    }
}

extension Timestamp: CustomStringConvertible {
    /// RFC 3339 in UTC, with six decimals if there is a fraction: `2026-03-01T12:00:00.250000Z`.
    ///
    /// Years beyond 9999, which RFC 3339 has no room for, are written in full; years before 1 as the server does, `BC`.
    package var description: String {
        if self == .infinity { return "infinity" }
        if self == .negativeInfinity { return "-infinity" }
        let (days, rest) = microseconds.flooredDivision(by: 86_400_000_000)
        let date = CivilDate(daysSince1970: days)
        let (seconds, fraction) = rest.flooredDivision(by: 1_000_000)
        let year = date.year > 0 ? date.year : 1 - date.year
        let day = "\(year.padded(4))-\(date.month.padded(2))-\(date.day.padded(2))"
        let time = "\((seconds / 3_600).padded(2)):\((seconds / 60 % 60).padded(2)):\((seconds % 60).padded(2))"
        let decimals = fraction == 0 ? "" : ".\(fraction.padded(6))"
        return "\(day)T\(time)\(decimals)Z" + (date.year > 0 ? "" : " BC")
    }
}

extension Timestamp: PostgresCodable, PostgresArrayElement {
    package static var postgresType: PostgresType { .timestamptz }
    package static var postgresArrayType: PostgresType { .timestamptzArray }
    package var postgresText: String? { description }

    /// Reads the ISO format, as `2026-03-01 12:00:00.25+00`, in any time zone.
    package init?(postgresText: String) {
        switch postgresText {
        case "infinity": self = .infinity
        case "-infinity": self = .negativeInfinity
        default:
            var scanner = TextScanner(postgresText)
            guard let date = scanner.date(), scanner.take(" "), let time_us = scanner.time_us(),
                let offset = scanner.offset()
            else { return nil }
            let isBeforeChrist = scanner.take(word: " BC")
            // The server's range (PostgreSQL documentation 8.5), well inside that of the arithmetic below.
            guard scanner.isAtEnd, date.year <= (isBeforeChrist ? 4_714 : 294_276) else { return nil }
            let year = isBeforeChrist ? 1 - date.year : date.year
            let days = CivilDate(year: year, month: date.month, day: date.day).daysSince1970
            self.init(microseconds: (days * 86_400 - offset) * 1_000_000 + time_us)
        }
    }
}

extension TextScanner {
    /// A day, as `2026-03-01`.
    fileprivate mutating func date() -> CivilDate? {
        guard let year = digits(4...6), take("-"), let month = digits(2...2), take("-"), let day = digits(2...2)
        else { return nil }
        return CivilDate(year: year, month: month, day: day)
    }

    /// A time of day, as `12:00:00.25`, in microseconds.
    fileprivate mutating func time_us() -> Int64? {
        guard let hours = digits(2...2), take(":"), let minutes = digits(2...2), take(":"),
            let seconds = digits(2...2), let fraction_us = fraction_us()
        else { return nil }
        return (hours * 3_600 + minutes * 60 + seconds) * 1_000_000 + fraction_us
    }

    /// A zone, as `+01`, `-05:30` or `+00:19:32`, in seconds east of Greenwich.
    fileprivate mutating func offset() -> Int64? {
        let isWest = take("-")
        guard isWest || take("+"), let hours = digits(2...2) else { return nil }
        var seconds = hours * 3_600
        for unit in [60, 1] as [Int64] where take(":") {
            guard let number = digits(2...2) else { return nil }
            seconds += number * unit
        }
        return isWest ? -seconds : seconds
    }
}
