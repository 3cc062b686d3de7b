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
            let pattern =
                /(\d{4,6})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?([+-])(\d\d)(?::(\d\d))?(?::(\d\d))?( BC)?/
            guard let match = postgresText.wholeMatch(of: pattern)?.output else { return nil }
            func number(_ text: Substring?) -> Int64 { text.flatMap { Int64($0) } ?? 0 }
            let year = match.12 == nil ? number(match.1) : 1 - number(match.1)
            let date = CivilDate(year: year, month: number(match.2), day: number(match.3))
            let time = number(match.4) * 3_600 + number(match.5) * 60 + number(match.6)
            let offset = number(match.9) * 3_600 + number(match.10) * 60 + number(match.11)
            let seconds = date.daysSince1970 * 86_400 + time + (match.8 == "-" ? offset : -offset)
            self.init(microseconds: seconds * 1_000_000 + microsecondsOfFraction(match.7))
        }
    }
}

/// `25` after the decimal point is 250,000 microseconds.
func microsecondsOfFraction(_ digits: Substring?) -> Int64 {
    guard let digits else { return 0 }
    return Int64(digits + String(repeating: "0", count: 6 - digits.count)) ?? 0
}
