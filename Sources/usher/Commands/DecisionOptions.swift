import ArgumentParser
import Foundation
import TLSPolicy

extension Switch: ExpressibleByArgument {}
extension Capability: ExpressibleByArgument {}

/// Who decides something, and why; both are kept.
struct DecisionOptions: ParsableArguments {
    @Option(help: "Why; kept with the decision.") var reason: String
    @Option(help: "Who answers for it; else USHER_ACTOR, else the user.") var author: String?

    func validate() throws {
        guard !reason.isEmpty else { throw ValidationError("--reason must say something") }
        guard author?.isEmpty != true else { throw ValidationError("--author must name somebody") }
    }
}

/// A moment to come on the command line: a day, which stands for its first moment in UTC, a time in RFC 3339, or how
/// long from now it is.
struct UntilArgument: ExpressibleByArgument {
    /// Seconds since 1970.
    let seconds: Int64

    init?(argument: String) {
        if let ahead = DurationArgument(argument: argument) {
            seconds = Int64(Date().timeIntervalSince1970) + ahead.duration.components.seconds
        } else if let day = try? Date(argument, strategy: .iso8601.year().month().day()), argument.count == 10 {
            seconds = Int64(day.timeIntervalSince1970)
        } else if let time = try? Date(argument, strategy: .iso8601) {
            seconds = Int64(time.timeIntervalSince1970)
        } else {
            return nil
        }
    }
}
