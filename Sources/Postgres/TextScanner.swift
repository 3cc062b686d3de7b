/// Reads numbers and signs off the front of a text, byte by byte.
///
/// Regular expressions say the same in one line, and take a hundred times as long for each value of a result.
struct TextScanner {
    private var rest: Substring.UTF8View

    init(_ text: String) {
        rest = text[...].utf8
    }

    var isAtEnd: Bool { rest.isEmpty }

    /// Takes a character if it is the next one.
    mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard let byte = rest.first, UInt32(byte) == character.value else { return false }
        rest.removeFirst()
        return true
    }

    /// Takes a sign if one is next; true for a minus.
    mutating func takeSign() -> Bool {
        !take("+") && take("-")
    }

    /// Takes a word if it is next.
    mutating func take(word: String) -> Bool {
        guard rest.starts(with: word.utf8) else { return false }
        rest = rest.dropFirst(word.utf8.count)
        return true
    }

    /// Takes a number of so many digits.
    mutating func digits(_ count: ClosedRange<Int>) -> Int64? {
        let digits = rest.prefix { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
        guard count.contains(digits.count) else { return nil }
        rest = rest.dropFirst(digits.count)
        return digits.reduce(0) { $0 * 10 + Int64($1 - UInt8(ascii: "0")) }
    }

    /// Takes a decimal point with up to six digits, as microseconds; 0 if there is none.
    mutating func fraction_us() -> Int64? {
        guard take(".") else { return 0 }
        let before = rest.count
        guard let digits = digits(1...6) else { return nil }
        return (before - rest.count..<6).reduce(digits) { value, _ in value * 10 }
    }
}
