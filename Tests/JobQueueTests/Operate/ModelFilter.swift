import Foundation
import JobQueue

/// A job as the naive evaluator sees it: each field a text, or nothing.
typealias ModelJob = [String: String]

/// One condition, judged the simple way.
struct ModelCondition: Codable, Hashable {
    var field: String
    var op: String
    var values: [String]

    /// Fields that are compared as numbers; the others, canonical times included, as texts.
    static let numbers: Set<String> = ["batch", "job", "attempts"]

    /// What a job does not have meets no condition.
    func holds(for job: ModelJob) -> Bool {
        guard let mine = job[field] else { return false }
        switch op {
        case "=", "in": return values.contains(mine)
        case "!=": return !values.contains(mine)
        default: return compare(mine, values[0])
        }
    }

    private func compare(_ mine: String, _ bound: String) -> Bool {
        let isLess: Bool
        if Self.numbers.contains(field) {
            isLess = (Int(mine) ?? 0) < (Int(bound) ?? 0)
        } else {
            isLess = mine < bound
        }
        switch op {
        case "<": return isLess
        case "<=": return isLess || mine == bound
        case ">": return !isLess && mine != bound
        default: return !isLess
        }
    }
}

/// Conditions by chance, and the many ways to write them.
struct FilterGenerator {
    var random: SeededRandom

    private static let fields: [String: [String]] = [
        "state": ["ready", "running", "retrying", "waiting", "done", "failed", "cancelled", "dead"],
        "error_class": ["provider_down", "rejected", "poison"], "code": ["521", "a b", "it's"],
        "tenant": ["t1", "t2", "t3"], "tier": ["free", "pro"], "kind": ["onboard", "other"],
        "hostname": ["h1.shop.com", "h2.shop.com", "none.shop.com"], "batch": ["1", "2"], "job": ["1", "20", "60"],
        "attempts": ["0", "1", "3", "7"],
        "enqueued_at": ["2026-03-01T12:00:10Z", "2026-03-01T12:01:00Z", "2026-03-01T14:01:00+02:00"],
        "ended_at": ["2026-03-01T13:00:20Z", "2026-03-01T13:01:00.5Z"],
    ]

    mutating func filter() -> String {
        let count = Int.random(in: 1...4, using: &random)
        return (0..<count).map { _ in condition() }.joined(separator: random.pick([" AND ", " and ", "\n And\t"]))
    }

    private mutating func condition() -> String {
        let field = random.pick(Self.fields.keys.sorted())
        let values = Self.fields[field] ?? []
        let comparisons = ["<", "<=", ">", ">="]
        let plain = ["=", "!=", "in"]
        let isTime = field.hasSuffix("_at")
        let operators = isTime ? comparisons : ModelCondition.numbers.contains(field) ? comparisons + plain : plain
        let op = random.pick(operators)
        let gap = random.pick(["", " ", "  "])
        guard op == "in" else { return "\(field)\(gap)\(op)\(gap)\(written(random.pick(values)))" }
        let list = (0...Int.random(in: 0...2, using: &random)).map { _ in written(random.pick(values)) }
        return "\(field) \(random.pick(["in", "IN"]))\(gap)(\(list.joined(separator: random.pick([",", ", ", " , "]))))"
    }

    private mutating func written(_ value: String) -> String {
        let mustQuote = value.contains(" ") || value.contains("'")
        guard mustQuote || random.once(in: 3) else { return value }
        let mark = random.pick(["'", "\""])
        return mark + value.replacing(mark, with: mark + mark) + mark
    }

    /// The text with a few characters changed.
    mutating func broken(_ text: String) -> String {
        var characters = Array(text)
        for _ in 0...Int.random(in: 0...3, using: &random) where !characters.isEmpty {
            let place = Int.random(in: characters.indices, using: &random)
            let piece = random.pick([
                "'", "\"", "(", ")", ",", "=", "!", "<", " ", "%", "\\", ";", "\u{0}", "ß", "9", "and",
            ])
            switch Int.random(in: 0..<3, using: &random) {
            case 0: characters.remove(at: place)
            case 1: characters.insert(contentsOf: piece, at: place)
            default: characters.swapAt(place, Int.random(in: characters.indices, using: &random))
            }
        }
        return String(characters)
    }
}
