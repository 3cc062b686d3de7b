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
        var scanner = TextScanner(postgresText)
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
        self = sum
    }
}
