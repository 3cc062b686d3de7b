/// What each tenant got of the queue, claim by claim, beside the share that was due to it.
///
/// The share is that of an ideal queue which splits jobs at will (generalised processor sharing): each claim gives
/// every tenant whose share is not all it has queued its weight over the weights of all those. How far a tenant is
/// behind is largest just before it is served, so that moment is enough to look at.
package struct FairShares: Sendable {
    /// A tenant at the start, when all its jobs are queued.
    package struct Tenant: Sendable {
        package var weight: Double
        package var jobs: Int

        package init(weight: Double = 1, jobs: Int) {
            self.weight = weight
            self.jobs = jobs
        }

        /// The level at which its share is all it has.
        fileprivate var brim: Double { Double(jobs) / weight }
    }

    private let tenants: [Tenant]
    private var served: [Int]
    /// What is due to a tenant of weight 1 that has no end of jobs, up to now.
    private var level = 0.0
    /// The weights of those whose share still grows, and the others to come, the first to be full last.
    private var growing: Double
    private var brims: [(level: Double, weight: Double)]
    private var competitors: Int
    private var last: (tenant: Int, run: Int)?

    package private(set) var claims = 0
    /// The most that a tenant with work was behind its share at any moment, in jobs.
    package private(set) var worstLag = 0.0
    /// The most jobs that one tenant got in a row while at least half of all had work: the quantum that was in use.
    package private(set) var longestRun = 0
    /// At which claim each tenant got its last job; `nil` if it has not.
    package private(set) var finishedAt: [Int?]

    package init(_ tenants: [Tenant]) {
        self.tenants = tenants
        served = tenants.map { _ in 0 }
        finishedAt = tenants.map { _ in nil }
        growing = tenants.reduce(0) { $0 + $1.weight }
        brims = tenants.map { ($0.brim, $0.weight) }.sorted { $0.level > $1.level }
        competitors = tenants.count
    }

    /// A tenant, by its place in the list, got a job.
    package mutating func claim(_ tenant: Int) {
        worstLag = max(worstLag, lag(of: tenant))
        let run = last?.tenant == tenant ? (last?.run ?? 0) + 1 : 1
        last = (tenant, run)
        if competitors * 2 >= tenants.count { longestRun = max(longestRun, run) }

        claims += 1
        pour()
        served[tenant] += 1
        guard served[tenant] == tenants[tenant].jobs else { return }
        finishedAt[tenant] = claims
        competitors -= 1
    }

    /// One job's worth goes to those whose share still grows.
    private mutating func pour() {
        var left = 1.0
        while left > 0, let next = brims.last {
            let room = (next.level - level) * growing
            if room > left {
                level += left / growing
                return
            }
            left -= room
            level = next.level
            growing -= next.weight
            brims.removeLast()
        }
    }

    /// The history is over: those who still have work may be behind, too.
    package mutating func finish() {
        for tenant in tenants.indices where finishedAt[tenant] == nil { worstLag = max(worstLag, lag(of: tenant)) }
    }

    /// Jain's index over what each got for its weight: 1 if all got the same, 1/n if one got all.
    package var jainIndex: Double {
        let rates = zip(served, tenants).map { Double($0) / $1.weight }
        let sum = rates.reduce(0, +)
        let squares = rates.reduce(0) { $0 + $1 * $1 }
        return squares == 0 ? 1 : sum * sum / (Double(rates.count) * squares)
    }

    /// The largest deviation of what a tenant got from its share by weight, 0.03 for three per cent.
    ///
    /// It means something as long as all have work.
    package var shareError: Double {
        let weights = tenants.reduce(0) { $0 + $1.weight }
        return zip(served, tenants).reduce(0) { worst, tenant in
            let share = Double(claims) * tenant.1.weight / weights
            return max(worst, share == 0 ? 0 : abs(Double(tenant.0) / share - 1))
        }
    }

    /// What each has got up to now.
    package var jobsServed: [Int] { served }

    private func lag(of tenant: Int) -> Double {
        tenants[tenant].weight * min(level, tenants[tenant].brim) - Double(served[tenant])
    }
}
