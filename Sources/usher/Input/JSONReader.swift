/// One JSON value (RFC 8259) with the place of every part of it.
///
/// Foundation's decoders know neither the place of a value nor a repeated key, and a message needs both.
struct JSONReader {
    struct Malformed: Error {
        let place: InputPlace
        let rule: String
    }

    /// Deeper than any file of ours; bounds the recursion.
    private static let deepest = 32

    private static let digits: ClosedRange<Unicode.Scalar> = "0"..."9"

    private let scalars: [Unicode.Scalar]
    private let line: Int
    private var index = 0

    /// A reader of one line of text.
    init(_ text: Substring, line: Int) {
        self.scalars = Array(text.unicodeScalars)
        self.line = line
    }

    /// The line's only value.
    static func read(_ text: Substring, line: Int) throws(Malformed) -> InputValue {
        var reader = JSONReader(text, line: line)
        let value = try reader.value(depth: 0)
        reader.skipBlanks()
        if reader.current != nil { throw reader.malformed("text after the value") }
        return value
    }

    private mutating func value(depth: Int) throws(Malformed) -> InputValue {
        skipBlanks()
        let place = here
        guard depth < Self.deepest else { throw malformed("nested deeper than \(Self.deepest)") }
        let content: InputValue.Content =
            switch current {
            case "{": .table(try entries(depth: depth + 1))
            case "[": .list(try items(depth: depth + 1))
            case "\"": .string(try string())
            case let scalar? where scalar == "-" || Self.digits.contains(scalar): .number(try number())
            default: try word()
            }
        return InputValue(content: content, place: place)
    }

    private mutating func entries(depth: Int) throws(Malformed) -> [InputValue.Entry] {
        index += 1
        skipBlanks()
        if consume("}") { return [] }
        var entries: [InputValue.Entry] = []
        repeat {
            skipBlanks()
            let keyPlace = here
            guard current == "\"" else { throw malformed("expected a key in double quotes") }
            let key = try string()
            skipBlanks()
            guard consume(":") else { throw malformed("expected a colon after the key") }
            entries.append(InputValue.Entry(key: key, keyPlace: keyPlace, value: try value(depth: depth)))
            skipBlanks()
        } while consume(",")
        guard consume("}") else { throw malformed("expected a comma or a closing brace") }
        return entries
    }

    private mutating func items(depth: Int) throws(Malformed) -> [InputValue] {
        index += 1
        skipBlanks()
        if consume("]") { return [] }
        var items: [InputValue] = []
        repeat {
            items.append(try value(depth: depth))
            skipBlanks()
        } while consume(",")
        guard consume("]") else { throw malformed("expected a comma or a closing bracket") }
        return items
    }

    private mutating func word() throws(Malformed) -> InputValue.Content {
        let words: [(String, InputValue.Content)] = [("true", .flag(true)), ("false", .flag(false)), ("null", .null)]
        for (word, content) in words where scalars[index...].starts(with: word.unicodeScalars) {
            index += word.unicodeScalars.count
            return content
        }
        throw malformed(current == nil ? "ends too early" : "not a JSON value")
    }
}

extension JSONReader {
    private mutating func number() throws(Malformed) -> String {
        let start = index
        _ = consume("-")
        let leadingZero = current == "0"
        let wholeDigits = skipDigits()
        guard wholeDigits > 0, !leadingZero || wholeDigits == 1 else { throw malformed("not a JSON number") }
        if consume("."), skipDigits() == 0 { throw malformed("expected a digit") }
        if consume("e") || consume("E") {
            _ = consume("+") || consume("-")
            if skipDigits() == 0 { throw malformed("expected a digit") }
        }
        return String(String.UnicodeScalarView(scalars[start..<index]))
    }

    private mutating func skipDigits() -> Int {
        let start = index
        while let scalar = current, Self.digits.contains(scalar) { index += 1 }
        return index - start
    }

    private mutating func string() throws(Malformed) -> String {
        index += 1
        var text = String.UnicodeScalarView()
        while let scalar = current {
            switch scalar {
            case "\"":
                index += 1
                return String(text)
            case "\\":
                text.append(try escape())
            case _ where scalar.value < 0x20:
                throw malformed("control character in a string")
            default:
                text.append(scalar)
                index += 1
            }
        }
        throw malformed("string never closed")
    }

    private mutating func escape() throws(Malformed) -> Unicode.Scalar {
        index += 1
        guard let letter = current else { throw malformed("string never closed") }
        if letter == "u" { return try unicodeEscape() }
        let escapes: [Unicode.Scalar: Unicode.Scalar] = [
            "\"": "\"", "\\": "\\", "/": "/", "b": "\u{8}", "f": "\u{C}", "n": "\n", "r": "\r", "t": "\t",
        ]
        guard let scalar = escapes[letter] else { throw malformed("unknown escape") }
        index += 1
        return scalar
    }

    /// A `\uXXXX`, or two of them that form a surrogate pair.
    private mutating func unicodeEscape() throws(Malformed) -> Unicode.Scalar {
        let high = try codeUnit()
        if let scalar = Unicode.Scalar(high) { return scalar }
        guard UTF16.isLeadSurrogate(high), consume("\\") else { throw malformed("half of a surrogate pair") }
        let low = try codeUnit()
        guard UTF16.isTrailSurrogate(low) else { throw malformed("half of a surrogate pair") }
        return UTF16.decode(UTF16.EncodedScalar([high, low]))
    }

    private mutating func codeUnit() throws(Malformed) -> UInt16 {
        guard consume("u"), index + 4 <= scalars.count else { throw malformed("expected u and four digits") }
        let digits = String(String.UnicodeScalarView(scalars[index..<index + 4]))
        guard digits.allSatisfy({ $0.isHexDigit && $0.isASCII }), let unit = UInt16(digits, radix: 16) else {
            throw malformed("expected u and four hexadecimal digits")
        }
        index += 4
        return unit
    }
}

extension JSONReader {
    private var current: Unicode.Scalar? { index < scalars.count ? scalars[index] : nil }
    private var here: InputPlace { InputPlace(line: line, column: index + 1) }

    private func malformed(_ rule: String) -> Malformed {
        Malformed(place: here, rule: "not JSON: \(rule)")
    }

    private mutating func consume(_ scalar: Unicode.Scalar) -> Bool {
        guard current == scalar else { return false }
        index += 1
        return true
    }

    private mutating func skipBlanks() {
        while let scalar = current, scalar == " " || scalar == "\t" || scalar == "\r" || scalar == "\n" { index += 1 }
    }
}
