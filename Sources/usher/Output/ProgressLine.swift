import Foundation

/// How far something is: a bar that is drawn over itself on a terminal, plain lines elsewhere.
struct ProgressLine {
    private let terminal: Terminal
    private let label: String
    private var lastShown = ""
    private var isDrawn = false

    private static let barWidth = 24

    init(_ label: String, on terminal: Terminal) {
        self.terminal = terminal
        self.label = label
    }

    /// Shows where things are; the same state twice is shown once.
    mutating func show(done: Int, of total: Int, _ remark: String) {
        let text = line(done: done, of: total, remark)
        guard text != lastShown else { return }
        lastShown = text
        guard let width = terminal.width else { return write(text + "\n") }
        // Carriage return, text, erase to the end of the line (ECMA-48, 8.3.41).
        write("\r" + text.truncated(to: width - 1) + "\u{1B}[K")
        isDrawn = true
    }

    /// Leaves the cursor at the start of a free line.
    mutating func finish() {
        if isDrawn { write("\n") }
        isDrawn = false
    }

    /// The text of one state, without what moves the cursor.
    func line(done: Int, of total: Int, _ remark: String) -> String {
        let percent = total == 0 ? 100 : done * 100 / total
        guard terminal.width != nil else { return "\(label): \(done) of \(total) (\(percent) %) · \(remark)" }
        let filled = total == 0 ? Self.barWidth : done * Self.barWidth / total
        let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: Self.barWidth - filled)
        return "\(label) \(bar) \(percent) % · \(done)/\(total) · \(remark)"
    }

    private func write(_ text: String) {
        try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
    }
}
