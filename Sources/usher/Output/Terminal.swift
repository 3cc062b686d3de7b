import Foundation
import Glibc

/// What one of the process's output streams is connected to.
package struct Terminal: Sendable {
    /// Columns, or `nil` if the stream is no terminal: a file or a pipe has no width to fit into.
    package let width: Int?
    /// Whether text may be coloured (https://no-color.org).
    package let hasColour: Bool

    package init(width: Int?, hasColour: Bool) {
        self.width = width
        self.hasColour = hasColour
    }

    /// Looks at a descriptor of this process.
    static func looking(
        at descriptor: Int32,
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) -> Terminal {
        guard isatty(descriptor) == 1 else { return Terminal(width: nil, hasColour: false) }
        var size = winsize()
        let known = ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
        let isPlain = environment["NO_COLOR", default: ""] != "" || environment["TERM"] == "dumb"
        return Terminal(width: known ? Int(size.ws_col) : 80, hasColour: !isPlain)
    }
}

/// What a piece of text means to the reader; how that looks is the terminal's business.
package enum Tone: Sendable {
    case plain
    case strong
    case faint
    case good
    case warning
    case bad
}

extension Terminal {
    /// The text as this stream shows it.
    func painted(_ text: String, _ tone: Tone) -> String {
        guard hasColour, let code = tone.code else { return text }
        return "\u{1B}[\(code)m\(text)\u{1B}[0m"
    }
}

extension Tone {
    /// Select Graphic Rendition (ECMA-48, 8.3.117).
    fileprivate var code: Int? {
        switch self {
        case .plain: nil
        case .strong: 1
        case .faint: 2
        case .good: 32
        case .warning: 33
        case .bad: 31
        }
    }
}
