/// A script of faults that follows wholly from its rules, its seed and the calls that come.
package struct FaultPlan: Sendable, Codable {
    /// When a rule's fault happens.
    package enum Trigger: Hashable, Sendable, Codable {
        /// With each of the next calls that match, so many times.
        case next(Int)
        /// With the nth call of the operation since the plan was set, counted from 1.
        case nth(Int)
        /// With this probability, while virtual time lies in the window; a missing end is open.
        case probability(Double, from: VirtualInstant? = nil, until: VirtualInstant? = nil)
    }

    /// One fault, the calls it may happen to, and when it does.
    package struct Rule: Hashable, Sendable, Codable {
        package var fault: Fault
        package var trigger: Trigger
        /// Empty is every operation.
        package var operations: Set<APIOperation>
        /// `nil` is every hostname.
        package var hostname: String?

        /// A rule for those operations and that hostname, by default for all.
        package init(
            _ fault: Fault,
            _ trigger: Trigger,
            operations: Set<APIOperation> = [],
            hostname: String? = nil
        ) {
            self.fault = fault
            self.trigger = trigger
            self.operations = operations
            self.hostname = hostname
        }
    }

    package let seed: UInt64
    package private(set) var rules: [Rule]
    private var calls: [APIOperation: Int] = [:]

    /// A plan; of several rules that fit a call, the first happens.
    package init(seed: UInt64 = 0, rules: [Rule] = []) {
        self.seed = seed
        self.rules = rules
    }

    /// The fault that happens to the next call of an operation, if one does.
    package mutating func decide(_ operation: APIOperation, hostname: String?, now: VirtualInstant) -> Fault? {
        let ordinal = (calls[operation] ?? 0) + 1
        calls[operation] = ordinal
        for index in rules.indices where matches(rules[index], operation, hostname) {
            if fires(ruleAt: index, operation, ordinal, now) { return rules[index].fault }
        }
        return nil
    }

    private func matches(_ rule: Rule, _ operation: APIOperation, _ hostname: String?) -> Bool {
        guard rule.operations.isEmpty || rule.operations.contains(operation) else { return false }
        guard rule.hostname == nil || rule.hostname == hostname else { return false }
        return operation.isWrite || rule.fault.appliesToReads
    }

    private mutating func fires(
        ruleAt index: Int,
        _ operation: APIOperation,
        _ ordinal: Int,
        _ now: VirtualInstant
    ) -> Bool {
        switch rules[index].trigger {
        case .next(let left):
            rules[index].trigger = .next(max(0, left - 1))
            return left > 0
        case .nth(let wanted):
            return ordinal == wanted
        case .probability(let probability, let from, let until):
            if let from, now < from { return false }
            if let until, now >= until { return false }
            return draw(rule: index, operation, ordinal) < probability
        }
    }

    /// A number in 0..<1 that depends on nothing but seed, rule, operation and ordinal.
    ///
    /// One running generator instead would let a call of one kind change the fate of another kind.
    private func draw(rule: Int, _ operation: APIOperation, _ ordinal: Int) -> Double {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in operation.rawValue.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        let place = UInt64(rule) &* 0x1_0000_0001 &+ UInt64(ordinal)
        var random = SeededRandom(seed: seed ^ hash ^ (place &* 0x9E37_79B9_7F4A_7C15))
        return Double.random(in: 0..<1, using: &random)
    }
}
