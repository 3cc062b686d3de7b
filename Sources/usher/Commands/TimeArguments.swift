import ArgumentParser
import Foundation

/// A length of time on the command line: `90s`, `15m`, `6h`, `2d`.
struct DurationArgument: ExpressibleByArgument {
    let duration: Duration

    init(minutes: Int) {
        duration = .seconds(minutes * 60)
    }

    init?(argument: String) {
        guard let unit = argument.last, let count = Int(argument.dropLast()), count >= 0 else { return nil }
        switch unit {
        case "s": duration = .seconds(count)
        case "m": duration = .seconds(count * 60)
        case "h": duration = .seconds(count * 3600)
        case "d": duration = .seconds(count * 86_400)
        default: return nil
        }
    }

    var defaultValueDescription: String { "\(Span(duration))" }
}

/// A moment on the command line: a time in RFC 3339, or how long ago it was.
struct MomentArgument: ExpressibleByArgument {
    let date: Date

    init?(argument: String) {
        if let ago = DurationArgument(argument: argument) {
            date = Date().addingTimeInterval(-(ago.duration / .seconds(1)))
        } else if let parsed = try? Date(argument, strategy: .iso8601) {
            date = parsed
        } else {
            return nil
        }
    }
}
