/// Blanks out what is not code, so that rules can search for words and match braces.
///
/// A scanner and no parser: it knows comments (nested), string literals (raw, multi-line, interpolated: the code inside
/// an interpolation stays), regex literals on one line and names in backticks. Line and column of the rest are kept.
struct CodeMask {
    private enum Mode {
        /// Code; inside an interpolation, the number of open parentheses.
        case code(parentheses: Int?)
        case string(hashes: Int, isMultiline: Bool)
    }

    private let input: [UInt8]
    private var output: [UInt8]
    private var index = 0
    private var line = 1
    private var modes: [Mode] = [.code(parentheses: nil)]
    private var literalLines: Set<Int> = []
    /// The last byte of code that is not a blank: tells a regex literal from a division.
    private var lastCode = UInt8(ascii: ";")

    /// The text with all but code as spaces, and the lines that start inside a multi-line string literal.
    static func mask(_ text: String) -> (code: String, literalLines: Set<Int>) {
        var mask = CodeMask(Array(text.utf8))
        mask.run()
        return (String(decoding: mask.output, as: UTF8.self), mask.literalLines)
    }

    private init(_ input: [UInt8]) {
        self.input = input
        self.output = input
    }

    private mutating func run() {
        while index < input.count {
            switch modes.last {
            case .string(let hashes, let isMultiline): stepInString(hashes: hashes, isMultiline: isMultiline)
            case .code, nil: stepInCode()
            }
        }
    }

    private mutating func stepInCode() {
        if isAt("//") {
            blank(while: { !$0.isAt("\n") })
        } else if isAt("/*") {
            blankBlockComment()
        } else if isAt("`") {
            blankDelimited(by: UInt8(ascii: "`"))
        } else if let opening = stringOpening() {
            skip(opening.hashes + (opening.isMultiline ? 3 : 1))
            modes.append(.string(hashes: opening.hashes, isMultiline: opening.isMultiline))
        } else if isRegexOpening {
            blankDelimited(by: UInt8(ascii: "/"))
        } else {
            countParenthesis()
            if !isBlank(input[index]) { lastCode = input[index] }
            skip(1)
        }
    }

    private mutating func stepInString(hashes: Int, isMultiline: Bool) {
        let guardMarks = String(repeating: "#", count: hashes)
        if isAt((isMultiline ? "\"\"\"" : "\"") + guardMarks) {
            skip((isMultiline ? 3 : 1) + hashes)
            modes.removeLast()
            lastCode = UInt8(ascii: "\"")
        } else if isAt("\\" + guardMarks + "(") {
            blank(count: 1 + hashes)
            skip(1)
            modes.append(.code(parentheses: 0))
        } else if hashes == 0, isAt("\\") {
            blank(count: 2)
        } else if !isMultiline, isAt("\n") {
            // Not closed on its line: no Swift, so back to code rather than swallow the rest of the file.
            modes.removeLast()
        } else {
            blank(count: 1)
        }
    }
}

extension CodeMask {
    private func isAt(_ text: String) -> Bool {
        var position = index
        for byte in text.utf8 {
            guard position < input.count, input[position] == byte else { return false }
            position += 1
        }
        return true
    }

    private func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x0A || byte == 0x09 }

    private func stringOpening() -> (hashes: Int, isMultiline: Bool)? {
        var position = index
        while position < input.count, input[position] == UInt8(ascii: "#") { position += 1 }
        let quotes = input[position...].prefix(3)
        guard quotes.first == UInt8(ascii: "\"") else { return nil }
        return (position - index, quotes.count == 3 && quotes.allSatisfy { $0 == UInt8(ascii: "\"") })
    }

    /// A slash where a value may start, and not followed by a blank, opens a regex literal.
    private var isRegexOpening: Bool {
        guard isAt("/"), index + 1 < input.count, !isBlank(input[index + 1]) else { return false }
        return "(,=:[{&|!?;".utf8.contains(lastCode)
    }

    private mutating func countParenthesis() {
        guard case .code(let parentheses?) = modes.last else { return }
        if isAt("(") {
            modes[modes.count - 1] = .code(parentheses: parentheses + 1)
        } else if isAt(")"), parentheses == 0 {
            modes.removeLast()
        } else if isAt(")") {
            modes[modes.count - 1] = .code(parentheses: parentheses - 1)
        }
    }

    private mutating func blankBlockComment() {
        var depth = 0
        repeat {
            if isAt("/*") {
                depth += 1
                blank(count: 2)
            } else if isAt("*/") {
                depth -= 1
                blank(count: 2)
            } else {
                blank(count: 1)
            }
        } while depth > 0 && index < input.count
    }

    private mutating func blankDelimited(by delimiter: UInt8) {
        blank(count: 1)
        while index < input.count, input[index] != delimiter, !isAt("\n") { blank(count: isAt("\\") ? 2 : 1) }
        if !isAt("\n") { blank(count: 1) }
        lastCode = delimiter
    }

    private mutating func blank(while condition: (CodeMask) -> Bool) {
        while index < input.count, condition(self) { blank(count: 1) }
    }

    private mutating func blank(count: Int) {
        for _ in 0..<count where index < input.count {
            if input[index] != UInt8(ascii: "\n") { output[index] = UInt8(ascii: " ") }
            skip(1)
        }
    }

    private mutating func skip(_ count: Int) {
        for _ in 0..<count where index < input.count {
            if input[index] == UInt8(ascii: "\n") {
                line += 1
                if case .string(_, isMultiline: true) = modes.last { literalLines.insert(line) }
            }
            index += 1
        }
    }
}
