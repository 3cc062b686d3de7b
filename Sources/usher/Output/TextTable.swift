/// A table for people: columns as wide as their content, two spaces between, the last one cut to the terminal.
package struct TextTable: Sendable {
    /// One field, with what it means to the reader.
    package struct Cell: Sendable {
        let text: String
        let tone: Tone

        package init(_ text: String?, _ tone: Tone = .plain) {
            self.text = text.map(\.onOneLine) ?? "-"
            self.tone = tone
        }
    }

    private let titles: [String]
    private let rightAligned: Set<String>
    private var rows: [[Cell]] = []

    /// A table of these columns; those named in `rightAligned` hold numbers.
    package init(_ titles: [String], rightAligned: Set<String> = []) {
        self.titles = titles
        self.rightAligned = rightAligned
    }

    /// Adds a row with a cell for each column.
    package mutating func append(_ cells: [Cell]) {
        rows.append(cells)
    }

    /// The lines of the table, the titles first.
    package func lines(on terminal: Terminal) -> [String] {
        let header = titles.map { Cell($0, .strong) }
        let all = [header] + rows
        let widths = titles.indices.map { column in
            all.map { $0[column].text.displayWidth }.max() ?? 0
        }
        return all.map { line($0, widths: widths, on: terminal) }
    }

    private func line(_ cells: [Cell], widths: [Int], on terminal: Terminal) -> String {
        var line = ""
        var used = 0
        for (column, cell) in cells.enumerated() {
            let isLast = column == cells.count - 1
            var text = cell.text
            if rightAligned.contains(titles[column]) {
                text = text.rightAligned(to: widths[column])
            } else if !isLast {
                text = text.padded(to: widths[column])
            } else if let width = terminal.width {
                text = text.truncated(to: max(12, width - used))
            }
            line += terminal.painted(text, cell.tone) + (isLast ? "" : "  ")
            used += widths[column] + 2
        }
        return line
    }
}
