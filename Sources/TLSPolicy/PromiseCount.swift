/// For how many hostnames the promise goes which way.
package struct PromiseCount: Hashable, Sendable {
    package private(set) var unchanged = 0
    package private(set) var stronger = 0
    package private(set) var weaker = 0
    package private(set) var incomparable = 0
    /// Of all of them, those that ask for something the new policy does not carry and the old one did.
    package private(set) var refused = 0

    package init() {}

    /// Counts hostnames with the same wish.
    package mutating func add(_ hostnames: Int, from before: EffectivePolicy, to after: EffectivePolicy) {
        switch before.promise(to: after) {
        case .unchanged: unchanged += hostnames
        case .stronger: stronger += hostnames
        case .weaker: weaker += hostnames
        case .incomparable: incomparable += hostnames
        }
        if before.findings.isEmpty && !after.findings.isEmpty { refused += hostnames }
    }

    package var total: Int { unchanged + stronger + weaker + incomparable }
}
