/// One Swift file, as written and with everything but code blanked out.
struct SourceFile: Sendable {
    /// Relative to the repository's root.
    let path: String
    /// The lines as written.
    let lines: [String]
    /// The same lines with comments, the insides of string and regex literals and escaped names as spaces.
    let code: [String]
    /// The lines (from 1) that start inside a multi-line string literal, such as those of an SQL statement.
    let literalLines: Set<Int>

    init(path: String, text: String) {
        let masked = CodeMask.mask(text)
        self.path = path
        self.lines = Self.split(text)
        self.code = Self.split(masked.code)
        self.literalLines = masked.literalLines
    }

    /// The target a file belongs to: `Postgres` for `Sources/Postgres/Row.swift`.
    var target: String? {
        let parts = path.split(separator: "/")
        return parts.count > 2 ? String(parts[1]) : nil
    }

    var isSource: Bool { path.hasPrefix("Sources/") }

    private static func split(_ text: String) -> [String] {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        return lines.last == "" ? lines.dropLast() : lines
    }
}

/// One breach of a house rule.
struct Offence: Hashable, CustomStringConvertible {
    let path: String
    /// From 1; `nil` if the file as a whole is at fault.
    let line: Int?
    /// What is wrong.
    let offence: String
    /// What to do instead.
    let remedy: String

    var description: String {
        "\(path)\(line.map { ":\($0)" } ?? ""): \(offence); \(remedy)"
    }
}
