/// A moment as people read it: the day, and the time of day unless it is midnight, in UTC.
///
/// - Parameter seconds: Seconds since 1970.
package func moment(_ seconds: Int64) -> String {
    let second = seconds.quotientAndRemainder(dividingBy: 86_400)
    let (days, rest) = second.remainder < 0 ? (second.quotient - 1, second.remainder + 86_400) : second
    let day = date(days)
    if rest == 0 { return day }
    return "\(day) \(padded(rest / 3600)):\(padded(rest / 60 % 60)) UTC"
}

/// The day of the proleptic Gregorian calendar, counted in cycles of 400 years that begin on a first of March: a leap
/// day is then the last day of its year.
private func date(_ daysSince1970: Int64) -> String {
    let days = daysSince1970 + 719_468
    let cycle = (days >= 0 ? days : days - 146_096) / 146_097
    let dayOfCycle = days - cycle * 146_097
    let yearOfCycle = (dayOfCycle - dayOfCycle / 1460 + dayOfCycle / 36_524 - dayOfCycle / 146_096) / 365
    let dayOfYear = dayOfCycle - (365 * yearOfCycle + yearOfCycle / 4 - yearOfCycle / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
    let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
    let year = yearOfCycle + cycle * 400 + (month <= 2 ? 1 : 0)
    return "\(year)-\(padded(month))-\(padded(day))"
}

private func padded(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
