import Foundation
import Testing
import usher

/// Example files broken at random: whatever comes in, out come rows or problems.
///
/// `USHER_SEED` repeats a run; a twentieth of `USHER_FUZZ` is the number of mutations for each file.
@Suite struct InputFuzzTests {
    private static func setting(_ name: String) -> UInt64? {
        ProcessInfo.processInfo.environment[name].flatMap(UInt64.init)
    }

    private static let seed = setting("USHER_SEED") ?? UInt64.random(in: 1...UInt64.max)
    private static let count = setting("USHER_FUZZ").map { max(1, Int($0 / 20)) } ?? 300

    @Test(arguments: [
        ("onboarding.csv", BatchFile.Format.csv), ("onboarding.jsonl", .jsonl), ("onboarding.yaml", .yaml),
    ])
    func `a broken batch gives rows or problems`(name: String, format: BatchFile.Format) throws {
        var mutator = Mutator(seed: Self.seed)
        let original = Self.excerpt(try ExampleFiles.bytes(name))
        for round in 1...Self.count {
            let broken = mutator.mutate(original)
            let batch = BatchFile.parse(broken, format: format, file: name)
            let isSilent = batch.rows.isEmpty && batch.problems.isEmpty
            #expect(!isSilent || Self.holdsNoRecord(broken), "seed \(Self.seed), round \(round)")
            #expect(Self.arePlaced(batch.problems, format), "seed \(Self.seed), round \(round): \(batch.problems)")
        }
    }

    @Test func `a broken tier file gives tiers or problems`() throws {
        var mutator = Mutator(seed: Self.seed)
        let original = try ExampleFiles.bytes("tiers.yaml").split(separator: UInt8(ascii: "\n"))
            .filter { $0.first != UInt8(ascii: "#") }.joined(separator: [UInt8(ascii: "\n")])
        for round in 1...Self.count {
            let file = TierFile.parse(mutator.mutate(Array(original)), file: "tiers.yaml")
            #expect(!file.tiers.isEmpty || !file.problems.isEmpty, "seed \(Self.seed), round \(round)")
        }
    }

    /// Two parsers agree on what JSON is.
    ///
    /// Left out: a comma before a closing bracket, which Foundation takes and RFC 8259 does not have, blank lines and
    /// byte order marks.
    @Test func `a line is JSON to us exactly if it is to Foundation`() throws {
        var mutator = Mutator(seed: Self.seed)
        let lines = try ExampleFiles.bytes("onboarding.jsonl").split(separator: UInt8(ascii: "\n")).map(Array.init)
        for round in 1...Self.count {
            var line = mutator.mutate(lines[round % lines.count])
            line.removeAll { $0 == UInt8(ascii: "\n") || $0 == 0 }
            let isMarked = line.starts(with: [0xEF, 0xBB, 0xBF])
            guard !isMarked, String(validating: line, as: UTF8.self) != nil else { continue }
            let theirs = try? JSONSerialization.jsonObject(with: Data(line), options: .fragmentsAllowed)
            let batch = BatchFile.parse(line, format: .jsonl, file: "a.jsonl")
            let isOurs = !batch.problems.first.contains { $0.rule.hasPrefix("not JSON") }
            let text = String(decoding: line, as: UTF8.self)
            if text.allSatisfy(\.isWhitespace) || text.contains(/,\s*[}\]]/) { continue }
            #expect(isOurs == (theirs != nil), "seed \(Self.seed), round \(round): \(text)")
        }
    }

    /// The first 40 lines without comments: small enough for many rounds, all kinds of rows in it.
    private static func excerpt(_ bytes: [UInt8]) -> [UInt8] {
        let lines = bytes.split(separator: UInt8(ascii: "\n")).filter { $0.first != UInt8(ascii: "#") }
        return Array(lines.prefix(40).joined(separator: [UInt8(ascii: "\n")]))
    }

    /// True if so much was cut that at most a header is left, which is a batch of no rows.
    private static func holdsNoRecord(_ bytes: [UInt8]) -> Bool {
        let lines = bytes.split(whereSeparator: { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") })
        return lines.count { $0.first != UInt8(ascii: "#") && !$0.allSatisfy { $0 == 0x20 || $0 == 0x09 } } <= 1
    }

    /// Problems of a table's rows name a place; only a file as a whole has none.
    private static func arePlaced(_ problems: InputProblems, _ format: BatchFile.Format) -> Bool {
        format == .yaml || problems.first.allSatisfy { $0.place != nil || $0.rule.hasPrefix("no header line") }
    }
}

/// Breaks bytes reproducibly.
private struct Mutator {
    private static let spices: [[UInt8]] =
        [
            "\"", ",", "\n", "\r\n", "#", "{", "}", "[", "]", ":", "- ", "\\", "\\u", "&a", "*a", "!!str ", "|\n", "\t",
            "'",
            "1e9", "-", "\u{FEFF}", "ü", "%", "---\n", "...", "? ", "<<: ", "null", "true",
        ].map { Array($0.utf8) } + [[0], [0xFF], [0xC3], [0xED, 0xA0, 0x80]]

    private var state: UInt64

    init(seed: UInt64) {
        self.state = seed
    }

    mutating func mutate(_ original: [UInt8]) -> [UInt8] {
        var bytes = original
        for _ in 0...below(4) {
            let start = below(bytes.count + 1)
            let end = min(bytes.count, start + below(5))
            switch below(5) {
            case 0: bytes.replaceSubrange(start..<end, with: [])
            case 1: bytes.insert(contentsOf: Self.spices[below(Self.spices.count)], at: start)
            case 2: bytes.replaceSubrange(start..<end, with: Self.spices[below(Self.spices.count)])
            case 3:
                bytes.insert(contentsOf: bytes[start..<min(bytes.count, start + below(60))], at: below(bytes.count + 1))
            default: bytes.removeSubrange(below(10) == 0 ? start..<bytes.count : start..<end)
            }
        }
        return bytes
    }

    /// SplitMix64 (Steele, Lea, Flood 2014), reduced to 0..<bound.
    private mutating func below(_ bound: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((value ^ (value >> 31)) % UInt64(max(1, bound)))
    }
}
