package import TLSPolicy

/// How much of the whole a plan changes, and whether that is more than one order should.
package struct ChangeShare: Hashable, Sendable {
    package let changed: Int
    package let population: Int

    package init(changed: Int, population: Int) {
        self.changed = changed
        self.population = population
    }

    package var percent: Double { population == 0 ? 0 : 100 * Double(changed) / Double(population) }

    /// Whether the share is beyond what the guards allow.
    ///
    /// - Parameter limitPercent: What a person allows instead of the guards' own limit.
    package func exceeds(_ guards: Guards, limitPercent: Double? = nil) -> Bool {
        population >= guards.minimumPopulation && percent > limitPercent ?? Double(guards.maximumChangePercent)
    }

    /// The least whole percentage that would allow it, for the flag that does.
    package var leastAllowingPercent: Int { Int(percent.rounded(.up)) }
}
