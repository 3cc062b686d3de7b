/// Comma-separated values after RFC 4180, record by record, each field with its place.
///
/// Beyond the RFC: LF ends a line as CRLF does, a UTF-8 byte order mark and empty lines are skipped, and a line whose
/// first character is `#` is a comment, so that a first field that starts with `#` must be quoted.
struct CSVReader: Sequence, IteratorProtocol {
    struct Field {
        let text: String
        let place: InputPlace
    }

    enum Record {
        case fields([Field], line: Int)
        /// A record that could not be read; reading goes on with the line after its first.
        case broken(InputPlace, rule: String)
    }

    private let bytes: [UInt8]
    private var offset = 0
    private var line = 1
    private var column = 1

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { self.offset = 3 }
    }

    mutating func next() -> Record? {
        while let byte = current {
            if byte == .hash {
                skipLine()
            } else if !consumeLineEnd() {
                return record()
            }
        }
        return nil
    }

    private mutating func record() -> Record {
        let start = (offset: offset, line: line)
        var fields: [Field] = []
        fields.reserveCapacity(8)
        do throws(Malformed) {
            repeat { fields.append(try field()) } while consume(.comma)
            _ = consumeLineEnd()
            return .fields(fields, line: start.line)
        } catch {
            // Back to the first line: a stray quote would otherwise swallow every record up to the next quote.
            (offset, line, column) = (start.offset, start.line, 1)
            skipLine()
            return .broken(error.place, rule: error.rule)
        }
    }

    private mutating func field() throws(Malformed) -> Field {
        let place = here
        let text = try current == .quote ? quotedText() : bareText()
        guard let text = String(validating: text, as: UTF8.self) else {
            throw Malformed(place: place, rule: "not valid UTF-8")
        }
        return Field(text: text, place: place)
    }

    private mutating func bareText() throws(Malformed) -> ArraySlice<UInt8> {
        let start = offset
        while let byte = current, byte != .comma, !isAtLineEnd {
            if byte == .quote { throw Malformed(place: here, rule: "quote in a field that does not start with one") }
            try advanceInsideField()
        }
        return bytes[start..<offset]
    }

    private mutating func quotedText() throws(Malformed) -> ArraySlice<UInt8> {
        let opening = here
        advance()
        var text: ArraySlice<UInt8> = []
        while let byte = current {
            if byte != .quote {
                text.append(byte)
                try advanceInsideField()
                continue
            }
            advance()
            if current == .quote {
                text.append(.quote)
                advance()
            } else if current == nil || current == .comma || isAtLineEnd {
                return text
            } else {
                let rule = "text after the closing quote of the field opened at \(opening.line):\(opening.column)"
                throw Malformed(place: here, rule: rule)
            }
        }
        throw Malformed(place: opening, rule: "quote never closed")
    }
}

extension CSVReader {
    private struct Malformed: Error {
        let place: InputPlace
        let rule: String
    }

    private var current: UInt8? { offset < bytes.count ? bytes[offset] : nil }
    private var here: InputPlace { InputPlace(line: line, column: column) }

    private var isAtLineEnd: Bool {
        current == .lineFeed
            || current == .carriageReturn && (offset + 1 == bytes.count || bytes[offset + 1] == .lineFeed)
    }

    private mutating func advance() {
        let byte = bytes[offset]
        offset += 1
        if byte == .lineFeed {
            (line, column) = (line + 1, 1)
        } else if offset == bytes.count || bytes[offset] & 0xC0 != 0x80 {
            // Columns count scalars, so the continuation bytes of one move no column.
            column += 1
        }
    }

    private mutating func advanceInsideField() throws(Malformed) {
        if current == 0 { throw Malformed(place: here, rule: "NUL byte") }
        advance()
    }

    private mutating func consume(_ byte: UInt8) -> Bool {
        guard current == byte else { return false }
        advance()
        return true
    }

    private mutating func consumeLineEnd() -> Bool {
        guard isAtLineEnd else { return false }
        _ = consume(.carriageReturn)
        _ = consume(.lineFeed)
        return true
    }

    private mutating func skipLine() {
        while current != nil, current != .lineFeed { advance() }
        _ = consume(.lineFeed)
    }
}

extension UInt8 {
    fileprivate static let lineFeed = UInt8(ascii: "\n")
    fileprivate static let carriageReturn = UInt8(ascii: "\r")
    fileprivate static let quote = UInt8(ascii: "\"")
    fileprivate static let comma = UInt8(ascii: ",")
    fileprivate static let hash = UInt8(ascii: "#")
}
