extension Duration: PostgresCodable, PostgresArrayElement {
    package static var postgresType: PostgresType { .interval }
    package static var postgresArrayType: PostgresType { .intervalArray }

    /// ISO 8601, to the microsecond, which is the finest the server has; what is finer is cut off.
    package var postgresText: String? {
        let sign = components.seconds < 0 || components.attoseconds < 0 ? "-" : ""
        let microseconds = components.attoseconds.magnitude / 1_000_000_000_000
        return "PT\(sign)\(components.seconds.magnitude).\(Int64(microseconds).padded(6))S"
    }

    /// Reads ISO 8601, which each connection asks for (`intervalstyle`), as `P1DT-2H3.5S`; a day is 24 hours.
    ///
    /// Months and years are refused: how long they are depends on when they begin.
    package init?(postgresText: String) {
        let pattern = /P(?:(-?\d+)D)?(?:T(?:(-?\d+)H)?(?:(-?\d+)M)?(?:(-?)(\d+)(?:\.(\d{1,6}))?S)?)?/
        guard let match = postgresText.wholeMatch(of: pattern)?.output else { return nil }
        func number(_ text: Substring?) -> Int64 { text.flatMap { Int64($0) } ?? 0 }
        let whole = number(match.1) * 86_400 + number(match.2) * 3_600 + number(match.3) * 60
        let seconds = Duration.seconds(number(match.5)) + .microseconds(microsecondsOfFraction(match.6))
        self = .seconds(whole) + (match.4 == "-" ? .zero - seconds : seconds)
    }
}
