/// A time of the week, on the clock of one place, at which some kinds of work may be done.
package struct MaintenanceWindow: Hashable, Sendable, Codable {
    /// The days it begins on, Monday first.
    package var days: [Weekday]
    package var start: TimeOfDay
    /// At most a day; a window may end on the day after.
    package var durationMinutes: Int
    /// A name of the IANA time zone database, such as `Europe/London`.
    package var timezone: String
    package var appliesTo: [Work]

    package init(
        days: [Weekday],
        start: TimeOfDay,
        durationMinutes: Int,
        timezone: String,
        appliesTo: [Work] = Work.allCases
    ) {
        self.days = days
        self.start = start
        self.durationMinutes = durationMinutes
        self.timezone = timezone
        self.appliesTo = appliesTo
    }

    private enum CodingKeys: String, CodingKey {
        case days
        case start
        case durationMinutes = "duration_minutes"
        case timezone
        case appliesTo = "applies_to"
    }
}

extension MaintenanceWindow {
    /// A day of the week, Monday first.
    package enum Weekday: String, CaseIterable, Hashable, Sendable, Codable {
        case mon, tue, wed, thu, fri, sat, sun
    }

    /// Work that can wait for its window.
    package enum Work: String, CaseIterable, Hashable, Sendable, Codable {
        /// Bringing hostnames to a new revision of their tier.
        case policyChange = "policy_change"
        /// Steps of a downgrade plan.
        case downgrade
    }

    /// A minute of the day.
    package struct TimeOfDay: Hashable, Sendable {
        /// Since midnight.
        package let minutes: Int

        /// Reads `hh:mm` on a clock of 24 hours; `nil` for anything else.
        package init?(_ text: String) {
            let digits = text.utf8.map { Int($0) - 0x30 }
            guard digits.count == 5, digits[2] == 10 else { return nil }  // a colon follows the nine in ASCII
            let clock = [digits[0], digits[1], digits[3], digits[4]]
            guard clock.allSatisfy((0...9).contains) else { return nil }
            let (hour, minute) = (clock[0] * 10 + clock[1], clock[2] * 10 + clock[3])
            guard hour < 24, minute < 60 else { return nil }
            minutes = hour * 60 + minute
        }
    }
}

extension MaintenanceWindow {
    private static let minutesOfDay = 1440
    private static let minutesOfWeek = 7 * minutesOfDay

    /// Whether the two share a minute of the week and a kind of work, both on the same clock.
    ///
    /// Clocks of different places are not compared: they move against each other twice a year.
    package func overlaps(_ other: MaintenanceWindow) -> Bool {
        guard timezone == other.timezone, !Set(appliesTo).isDisjoint(with: other.appliesTo) else { return false }
        return starts.contains { own in
            other.starts.contains { start in
                let gap = (start - own + Self.minutesOfWeek) % Self.minutesOfWeek
                return gap < durationMinutes || Self.minutesOfWeek - gap < other.durationMinutes
            }
        }
    }

    /// Minutes since Monday's midnight.
    private var starts: [Int] {
        Weekday.allCases.enumerated().filter { days.contains($0.element) }
            .map { $0.offset * Self.minutesOfDay + start.minutes }
    }
}

extension MaintenanceWindow.TimeOfDay: CustomStringConvertible {
    package var description: String {
        let (hour, minute) = minutes.quotientAndRemainder(dividingBy: 60)
        return "\(hour < 10 ? "0" : "")\(hour):\(minute < 10 ? "0" : "")\(minute)"
    }
}

/// As text, like the description.
extension MaintenanceWindow.TimeOfDay: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let time = Self(text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "no time of day: \(text)")
        }
        self = time
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

/// One line for people, such as `mon tue 09:00 +420 min Europe/London for policy_change`.
extension MaintenanceWindow: CustomStringConvertible {
    package var description: String {
        let work = appliesTo.map(\.rawValue).joined(separator: ", ")
        return "\(days.map(\.rawValue).joined(separator: " ")) \(start) +\(durationMinutes) min \(timezone) for \(work)"
    }
}
