import Foundation
import Testing

/// Random numbers that can be had again: SplitMix64.
struct SeededRandom: RandomNumberGenerator {
    let seed: UInt64
    private var state: UInt64

    /// The seed given in `USHER_SEED`, else a fresh one.
    init() {
        let given = ProcessInfo.processInfo.environment["USHER_SEED"].flatMap { UInt64($0) }
        seed = given ?? UInt64.random(in: 0...UInt64.max)
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// One of the given values.
    mutating func pick<Value>(_ values: [Value]) -> Value {
        values[Int.random(in: values.indices, using: &self)]
    }

    /// Records a failure with the seed; for loops in which `#expect` costs more than what it looks at.
    func expect(_ condition: Bool, sourceLocation: SourceLocation = #_sourceLocation) {
        if !condition { Issue.record("repeat with USHER_SEED=\(seed)", sourceLocation: sourceLocation) }
    }
}
