/// Small pieces: limits on lines, files and functions.
enum SizeRules {
    static let longestLine = 120
    static let longestFile = 500
    static let medianFile = 120
    static let longestFunction = 70
    static let medianFunction = 8
    /// Nine functions of ten are no longer than this.
    static let ninthDecileFunction = 25

    static func lines(_ file: SourceFile) -> [Offence] {
        file.lines.enumerated().filter { $0.element.count > longestLine }.map { index, line in
            Offence(
                path: file.path,
                line: index + 1,
                offence: "\(line.count) characters in a line",
                remedy: "break it: at most \(longestLine)"
            )
        }
    }

    static func length(_ file: SourceFile) -> [Offence] {
        guard file.lines.count > longestFile else { return [] }
        let remedy = "give the file one reason to exist: at most \(longestFile)"
        return [Offence(path: file.path, line: nil, offence: "\(file.lines.count) lines", remedy: remedy)]
    }

    static func functions(_ file: SourceFile) -> [Offence] {
        FunctionScanner.functions(in: file).filter { $0.length > longestFunction }.map { function in
            Offence(
                path: file.path,
                line: function.line,
                offence: "\(function.name) has \(function.length) lines",
                remedy: "split it: at most \(longestFunction), literals left out"
            )
        }
    }
}
