/// What is wrong with a cron expression, in words a person can act on.
package struct CronProblem: Error, Hashable, Sendable, CustomStringConvertible {
    package let description: String

    init(_ description: String) {
        self.description = description
    }
}

/// One of the five fields: the numbers it allows.
struct CronField: Hashable, Sendable {
    /// What a field may hold.
    struct Kind: Sendable {
        let title: String
        let range: ClosedRange<Int>
        /// Names for the numbers from the lower bound on, in three letters.
        var names: [String] = []
    }

    let values: Set<Int>
    /// In rising order.
    let sorted: [Int]
    /// Whether every value is allowed.
    let isAny: Bool

    /// Reads a list of `*`, numbers, names and ranges, the last and the first with a step if wanted: `*/15`, `1-5,10`.
    init(_ text: Substring, _ kind: Kind) throws(CronProblem) {
        var values: Set<Int> = []
        for item in text.split(separator: ",", omittingEmptySubsequences: false) {
            values.formUnion(try Self.values(item, kind))
        }
        self.values = values
        sorted = values.sorted()
        isAny = values.count == kind.range.count
    }

    private static func values(_ item: Substring, _ kind: Kind) throws(CronProblem) -> [Int] {
        let parts = item.split(separator: "/", omittingEmptySubsequences: false)
        let range = try range(parts[0], kind)
        guard parts.count > 1 else { return Array(range) }
        guard parts.count == 2, parts[0] == "*" || range.count > 1 else {
            throw CronProblem("\(kind.title): a step follows * or a range, as */15 or 8-18/2, not \(item)")
        }
        guard let step = number(parts[1]), step >= 1, step < kind.range.upperBound - kind.range.lowerBound + 1 else {
            throw CronProblem("\(kind.title): \(parts[1]) is no step; at most \(kind.range.upperBound)")
        }
        return Array(stride(from: range.lowerBound, through: range.upperBound, by: step))
    }

    private static func range(_ text: Substring, _ kind: Kind) throws(CronProblem) -> ClosedRange<Int> {
        if text == "*" { return kind.range }
        let ends = text.split(separator: "-", omittingEmptySubsequences: false)
        guard ends.count <= 2 else { throw CronProblem("\(kind.title): \(text) is no range") }
        let first = try value(ends[0], kind)
        guard ends.count == 2 else { return first...first }
        let last = try value(ends[1], kind)
        guard first < last else {
            throw CronProblem("\(kind.title): \(text) does not rise; write two ranges with a comma between")
        }
        return first...last
    }

    private static func value(_ text: Substring, _ kind: Kind) throws(CronProblem) -> Int {
        if let place = kind.names.firstIndex(of: text.lowercased()) { return kind.range.lowerBound + place }
        if let number = number(text), kind.range.contains(number) { return number }
        let names = kind.names.isEmpty ? "" : ", or a name as \(kind.names[0])"
        let bounds = "\(kind.range.lowerBound) to \(kind.range.upperBound)"
        throw CronProblem("\(kind.title): \(text.isEmpty ? "nothing" : String(text)) is not from \(bounds)\(names)")
    }

    /// Digits alone: no sign, no blank.
    private static func number(_ text: Substring) -> Int? {
        guard (1...2).contains(text.utf8.count), text.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
        return Int(text)
    }
}
