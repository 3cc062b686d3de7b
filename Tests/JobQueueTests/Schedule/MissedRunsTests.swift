import JobQueue
import Postgres
import Testing

/// An entry that is due each full hour, which is here each 3600 seconds.
struct MissedRunsTests {
    private func at(_ second: Double) -> Timestamp { Timestamp(epochSeconds: second) }

    private func due(_ policy: MissedRuns, since first: Double, now: Double) -> DueRuns {
        policy.due(since: at(first), now: at(now)) { moment in
            at((moment.epochSeconds / 3600).rounded(.down) * 3600 + 3600)
        }
    }

    @Test(arguments: [MissedRuns.skip, .once, .all(atMost: 3)])
    func `what is on time runs, whatever the rule`(policy: MissedRuns) {
        let due = due(policy, since: 3600, now: 3601)
        #expect(due == DueRuns(runs: [at(3600)], skippedFrom: nil, next: at(7200)))
    }

    @Test func `what was missed is left out, and what is on time runs`() {
        #expect(due(.skip, since: 3600, now: 9000) == DueRuns(runs: [], skippedFrom: at(3600), next: at(10_800)))
        #expect(
            due(.skip, since: 3600, now: 7210) == DueRuns(runs: [at(7200)], skippedFrom: at(3600), next: at(10_800))
        )
    }

    @Test func `one run makes good for all`() {
        #expect(due(.once, since: 3600, now: 40_000) == DueRuns(runs: [at(3600)], skippedFrom: nil, next: at(43_200)))
        #expect(due(.once, since: 3600, now: 7201) == DueRuns(runs: [at(7200)], skippedFrom: nil, next: at(10_800)))
    }

    @Test func `all are run, the oldest first, up to the limit`() {
        #expect(
            due(.all(atMost: 5), since: 3600, now: 11_000)
                == DueRuns(runs: [at(3600), at(7200), at(10_800)], skippedFrom: nil, next: at(14_400))
        )
        #expect(
            due(.all(atMost: 2), since: 3600, now: 3_600_000)
                == DueRuns(runs: [at(3600), at(7200)], skippedFrom: at(10_800), next: at(3_603_600))
        )
    }
}
