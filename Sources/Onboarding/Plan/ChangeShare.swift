/// How much of the whole a plan changes, and whether that is more than one order should.
package struct ChangeShare: Hashable, Sendable {
    package let changed: Int
    package let population: Int

    /// More of all hostnames than this are changed only when told so.
    package static let limitPercent = 10.0
    /// Below so many hostnames a share says nothing, and any is fine.
    package static let smallestPopulation = 10

    package init(changed: Int, population: Int) {
        self.changed = changed
        self.population = population
    }

    package var percent: Double { population == 0 ? 0 : 100 * Double(changed) / Double(population) }

    /// Whether the share is beyond a limit, by default the standing one.
    package func exceeds(_ limitPercent: Double = limitPercent) -> Bool {
        population >= Self.smallestPopulation && percent > limitPercent
    }

    /// The least whole percentage that would allow it, for the flag that does.
    package var leastAllowingPercent: Int { Int(percent.rounded(.up)) }
}
