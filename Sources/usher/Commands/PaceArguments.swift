import ArgumentParser

/// A pace on the command line: `60/min`, `2/s`, `500/h`, or a plain number a minute.
struct RateArgument: ExpressibleByArgument {
    let perMinute: Int

    init?(argument: String) {
        let parts = argument.split(separator: "/", omittingEmptySubsequences: false)
        guard let first = parts.first, let count = Int(first), count > 0, count <= 1_000_000 else { return nil }
        switch parts.dropFirst().map(String.init) {
        case [], ["min"], ["m"]: perMinute = count
        case ["s"] where count <= 16_000: perMinute = count * 60
        case ["h"] where count >= 60: perMinute = count / 60
        default: return nil
        }
    }
}

/// A share on the command line: `5%`, or `0.05`.
struct ShareArgument: ExpressibleByArgument {
    /// From 0 to 1.
    let share: Double

    init(percent: Double) {
        share = percent / 100
    }

    init?(argument: String) {
        let isPercent = argument.hasSuffix("%")
        guard let number = Double(isPercent ? String(argument.dropLast()) : argument) else { return nil }
        share = isPercent ? number / 100 : number
        guard (0...1).contains(share) else { return nil }
    }

    var defaultValueDescription: String { "\((share * 100).withOneDecimal)%" }
}
