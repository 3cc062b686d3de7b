/// A moment of the simulator's virtual time.
package struct VirtualInstant: Hashable, Sendable, Codable {
    /// Microseconds since 1970-01-01T00:00:00Z.
    package var microseconds: Int64

    /// The moment so many microseconds after the start of 1970, in UTC.
    package init(microseconds: Int64) {
        self.microseconds = microseconds
    }

    /// The moment `seconds` after this one, or before it if negative.
    package func adding(seconds: Double) -> VirtualInstant {
        VirtualInstant(microseconds: microseconds + Int64((seconds * 1_000_000).rounded()))
    }

    /// Seconds from `earlier` to this moment.
    package func seconds(since earlier: VirtualInstant) -> Double {
        Double(microseconds - earlier.microseconds) / 1_000_000
    }

    /// The moment as the provider writes it: RFC 3339, UTC, microseconds, `Z`.
    package var rfc3339: String {
        let (days, time, fraction) = parts
        let (year, month, day) = Self.civilDate(daysSince1970: days)
        return "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))T\(time).\(padded(fraction, 6))Z"
    }

    /// The moment as HTTP writes it, to the second (RFC 9110 section 5.6.7).
    package var httpDate: String {
        let (days, time, _) = parts
        let (year, month, day) = Self.civilDate(daysSince1970: days)
        let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let weekday = weekdays[Int((days + 4).quotientAndFloorRemainder(dividingBy: 7).1)]
        return "\(weekday), \(padded(day, 2)) \(months[Int(month) - 1]) \(padded(year, 4)) \(time) GMT"
    }

    /// Days since 1970, the time of day as `hh:mm:ss`, and microseconds.
    private var parts: (days: Int64, time: String, fraction: Int64) {
        let (seconds, fraction) = microseconds.quotientAndFloorRemainder(dividingBy: 1_000_000)
        let (days, second) = seconds.quotientAndFloorRemainder(dividingBy: 86_400)
        let time = [second / 3_600, second / 60 % 60, second % 60].map { padded($0, 2) }
        return (days, time.joined(separator: ":"), fraction)
    }

    /// Proleptic Gregorian date by counting from 1 March of year 0, so that leap days end a year.
    private static func civilDate(daysSince1970: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let (era, dayOfEra) = (daysSince1970 + 719_468).quotientAndFloorRemainder(dividingBy: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }
}

extension VirtualInstant: Comparable {
    package static func < (left: VirtualInstant, right: VirtualInstant) -> Bool {
        left.microseconds < right.microseconds
    }
}

extension Int64 {
    /// Division that rounds down, so that moments before 1970 are written right too.
    fileprivate func quotientAndFloorRemainder(dividingBy divisor: Int64) -> (Int64, Int64) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}

private func padded(_ value: Int64, _ width: Int) -> String {
    let digits = String(value)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
}
