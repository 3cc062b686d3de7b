package import Foundation

/// A length of time in the one unit a person would use: `42s`, `7m`, `3h`, `12d`.
package struct Span: CustomStringConvertible, Sendable {
    private let seconds: Int

    /// The time between two moments; a clock that is a little behind gives `0s`.
    package init(from start: Date, to end: Date = Date()) {
        seconds = max(0, Int(end.timeIntervalSince(start)))
    }

    package init(_ duration: Duration) {
        seconds = max(0, Int(duration.components.seconds))
    }

    package var description: String {
        switch seconds {
        case ..<120: "\(seconds)s"
        case ..<7200: "\(seconds / 60)m"
        case ..<172_800: "\(seconds / 3600)h"
        default: "\(seconds / 86_400)d"
        }
    }
}
