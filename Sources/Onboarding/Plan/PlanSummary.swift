/// A plan in numbers.
package struct PlanSummary: Hashable, Sendable, Codable {
    package private(set) var create = 0
    package private(set) var change = 0
    package private(set) var approve = 0
    package private(set) var refuse = 0
    package private(set) var wait = 0
    package private(set) var unchanged = 0
    /// Of all of them, those for which a part of the promise cannot be kept.
    package private(set) var partial = 0
    /// Hostnames claimed at this moment, selected or not.
    package var population = 0

    package init(population: Int = 0) {
        self.population = population
    }

    /// Counts one more hostname.
    package mutating func count(_ row: PlanRow) {
        switch row.action {
        case .create: create += 1
        case .change: change += 1
        case .approve: approve += 1
        case .refuse: refuse += 1
        case .wait: wait += 1
        case .unchanged: unchanged += 1
        }
        if row.partial != nil { partial += 1 }
    }

    package var selected: Int { create + change + approve + refuse + wait + unchanged }

    /// Whether there is anything to be carried out or approved.
    package var hasChanges: Bool { create + change + approve > 0 }

    package var cost: PlanCost { PlanCost(creations: create, edits: change, population: population) }

    /// What of all hostnames is changed; those to be created were never served.
    package var share: ChangeShare { ChangeShare(changed: change, population: population) }
}
