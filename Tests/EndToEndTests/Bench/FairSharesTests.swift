import Testing
import usher

struct FairSharesTests {
    private func served(_ claims: [Int], _ tenants: [FairShares.Tenant]) -> FairShares {
        var shares = FairShares(tenants)
        for tenant in claims { shares.claim(tenant) }
        shares.finish()
        return shares
    }

    @Test func `in turn, nobody is ever a whole job behind`() {
        let shares = served((0..<40).map { $0 % 4 }, Array(repeating: .init(jobs: 10), count: 4))
        #expect(shares.worstLag == 0.75)
        #expect(shares.jainIndex == 1)
        #expect(shares.longestRun == 1)
        #expect(shares.finishedAt == [37, 38, 39, 40])
    }

    @Test func `a quantum of four leaves the last in turn a whole round behind`() {
        let claims = (0..<40).map { $0 / 4 % 4 }
        let shares = served(claims, Array(repeating: .init(jobs: 20), count: 4))
        #expect(shares.longestRun == 4)
        #expect(shares.worstLag == 3)
    }

    @Test func `first come first served leaves the others as far behind as the first is long`() {
        let shares = served(Array(repeating: 0, count: 90), [.init(jobs: 90), .init(jobs: 40), .init(jobs: 40)])
        #expect(abs(shares.worstLag - 30) < 1e-9, "the others are behind at the end, though they were never served")
        #expect(abs(shares.jainIndex - 1.0 / 3) < 1e-9)
        #expect(shares.finishedAt == [90, nil, nil])
    }

    @Test func `what a small tenant does not need is the others' share`() {
        // The last has one job only: from the third claim on, what flows goes to the first two.
        let tenants: [FairShares.Tenant] = [.init(jobs: 5), .init(jobs: 5), .init(jobs: 1)]
        let fair = served([2, 0, 1] + (0..<8).map { $0 % 2 }, tenants)
        #expect(fair.worstLag < 1)
        #expect(fair.jobsServed == [5, 5, 1])
        // Half of the last four were due to the second.
        #expect(abs(served([2, 0, 1, 0, 0, 0, 0], tenants).worstLag - 2) < 1e-9)
    }

    @Test func `a share is by weight`() {
        let round = [0] + Array(repeating: 1, count: 4) + Array(repeating: 2, count: 10)
        let tenants = [1, 4, 10].map { FairShares.Tenant(weight: $0, jobs: 1000) }
        #expect(served(Array(repeating: round, count: 20).flatMap { $0 }, tenants).shareError < 1e-9)
        let more = served(Array(repeating: round, count: 20).flatMap { $0 } + [0, 0], tenants)
        #expect(abs(more.shareError - (22.0 / (302.0 / 15) - 1)) < 1e-9)
    }
}
