extension Duration: PostgresCodable, PostgresArrayElement {
    package static var postgresType: PostgresType { .interval }
    package static var postgresArrayType: PostgresType { .intervalArray }

    /// ISO 8601, to the microsecond, which is the finest the server has; what is finer is cut off.
    package var postgresText: String? {
        let sign = components.seconds < 0 || components.attoseconds < 0 ? "-" : ""
        let microseconds = components.attoseconds.magnitude / 1_000_000_000_000
        return "PT\(sign)\(components.seconds.magnitude).\(Int64(microseconds).padded(6))S"
    }

    /// Reads ISO 8601, which a connection of its own asks for (`intervalstyle`), as `P1DT-2H3.5S`, and the server's own
    /// style, as `1 day -02:00:03.5`, which a pooled connection gets; a day is 24 hours.
    ///
    /// Months and years are refused: how long they are depends on when they begin.
    package init?(postgresText: String) {
        let read = Self.iso8601(postgresText) ?? Self.serverStyle(postgresText)
        guard let read else { return nil }
        self = read
    }

    private static func serverStyle(_ text: String) -> Duration? {
        var scanner = TextScanner(text)
        var sum = Duration.zero
        var isNegative = scanner.takeSign()
        guard var number = scanner.digits(1...13) else { return nil }
        if scanner.take(word: " day") {
            _ = scanner.take("s")
            sum = .seconds(number * 86_400) * (isNegative ? -1 : 1)
            if scanner.isAtEnd { return sum }
            guard scanner.take(" ") else { return nil }
            isNegative = scanner.takeSign()
            guard let hours = scanner.digits(1...13) else { return nil }
            number = hours
        }
        guard scanner.take(":"), let minutes = scanner.digits(2...2), scanner.take(":"),
            let seconds = scanner.digits(2...2), let fraction_us = scanner.fraction_us(), scanner.isAtEnd
        else { return nil }
        let clock = Duration.seconds(number * 3_600 + minutes * 60 + seconds) + .microseconds(fraction_us)
        return isNegative ? sum - clock : sum + clock
    }

    private static func iso8601(_ text: String) -> Duration? {
        var scanner = TextScanner(text)
        guard scanner.take("P") else { return nil }
        var units: [(letter: Unicode.Scalar, seconds: Int64)] = [("D", 86_400)]
        var sum = Duration.zero
        while !scanner.isAtEnd {
            if scanner.take("T") {
                units = [("H", 3_600), ("M", 60), ("S", 1)]
                continue
            }
            let isNegative = scanner.take("-")
            guard let number = scanner.digits(1...13), let fraction_us = scanner.fraction_us(),
                let unit = units.first(where: { scanner.take($0.letter) })
            else { return nil }
            let part = Duration.seconds(number) * unit.seconds + .microseconds(fraction_us)
            sum += isNegative ? .zero - part : part
        }
        return sum
    }
}
