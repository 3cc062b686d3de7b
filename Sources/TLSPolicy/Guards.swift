/// How much one order may do to all hostnames at once; more takes a person who says so.
package struct Guards: Hashable, Sendable, Codable {
    /// Percentage of all claimed hostnames that may be changed.
    package var maximumChangePercent: Int
    /// Percentage of all claimed hostnames that may be deleted.
    package var maximumDeletePercent: Int
    /// Below so many claimed hostnames a share says nothing, and any is fine.
    package var minimumPopulation: Int

    /// The defaults hold for every tier that has no guards of its own.
    package init(maximumChangePercent: Int = 10, maximumDeletePercent: Int = 1, minimumPopulation: Int = 10) {
        self.maximumChangePercent = maximumChangePercent
        self.maximumDeletePercent = maximumDeletePercent
        self.minimumPopulation = minimumPopulation
    }

    private enum CodingKeys: String, CodingKey {
        case maximumChangePercent = "max_change"
        case maximumDeletePercent = "max_delete"
        case minimumPopulation = "min_population"
    }
}

extension Guards {
    /// What an order over the hostnames of several tiers must keep to: the lowest of each number.
    package static func strictest(of policies: some Sequence<TierPolicy>) -> Guards {
        let all = policies.map { $0.guards ?? Guards() }
        guard let first = all.first else { return Guards() }
        return all.dropFirst().reduce(first) { strictest, guards in
            Guards(
                maximumChangePercent: min(strictest.maximumChangePercent, guards.maximumChangePercent),
                maximumDeletePercent: min(strictest.maximumDeletePercent, guards.maximumDeletePercent),
                minimumPopulation: min(strictest.minimumPopulation, guards.minimumPopulation)
            )
        }
    }
}
