import Foundation

/// A time as HTTP headers write it (RFC 9110, section 5.6.7).
///
/// All three forms that a recipient must accept are read; the format style of Foundation knows only the first and is
/// not on every platform.
enum HTTPDate {
    /// Reads `Sun, 06 Nov 1994 08:49:37 GMT`, `Sunday, 06-Nov-94 08:49:37 GMT` or `Sun Nov  6 08:49:37 1994`.
    static func parse(_ text: String) -> Date? {
        let words = text.split { " ,-:".contains($0) }.map(String.init)
        let isAsctime = words.count == 7
        guard isAsctime || words.count == 8 && words[7] == "GMT" else { return nil }
        let fields = isAsctime ? [words[6], words[1], words[2]] : [words[3], words[2], words[1]]
        let clock = (isAsctime ? words[3...5] : words[4...6]).compactMap { Int($0) }
        guard let month = months.firstIndex(of: fields[1]), let day = Int(fields[2]), let year = Int(fields[0]),
            (1...31).contains(day), (0...9_999).contains(year), clock.count == 3,
            (0..<24).contains(clock[0]), (0..<60).contains(clock[1]), (0...60).contains(clock[2])
        else { return nil }
        let days = daysSince1970(year: year < 100 ? fullYear(year) : year, month: month + 1, day: day)
        return Date(timeIntervalSince1970: Double(days * 86_400 + clock[0] * 3_600 + clock[1] * 60 + clock[2]))
    }

    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// A year of two digits, of the obsolete form; 70 and above belong to the last century.
    private static func fullYear(_ year: Int) -> Int {
        year < 70 ? 2_000 + year : 1_900 + year
    }

    /// Days of the proleptic Gregorian calendar, counted in years that begin in March so that leap days come last.
    private static func daysSince1970(year: Int, month: Int, day: Int) -> Int {
        let yearFromMarch = month <= 2 ? year - 1 : year
        let era = (yearFromMarch >= 0 ? yearFromMarch : yearFromMarch - 399) / 400
        let yearOfEra = yearFromMarch - era * 400
        let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }
}
