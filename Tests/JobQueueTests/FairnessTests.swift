import JobQueue
import Postgres
import TestSupport
import Testing

@Suite(.database)
struct FairnessTests {
    @Test func `a tenant that came first with many jobs does not keep the others waiting`() async throws {
        let queue = QueueFixture()
        try await queue.fill("big", jobs: 300)
        for number in 1...9 { try await queue.fill("small-\(number)", jobs: 10) }
        let worker = try await queue.register()
        var served: [String: Int] = [:]
        for _ in 0..<30 {
            for job in try await queue.claim(worker, 6) {
                served[job.lane, default: 0] += 1
                try await queue.settle(worker, job, .done(result: "ok"))
            }
        }
        #expect(served.values.reduce(0, +) == 180)
        for number in 1...9 { #expect(served["small-\(number)"] == 10, "small-\(number)") }
    }

    @Test func `weights give shares`() async throws {
        let queue = QueueFixture()
        for (lane, weight) in [("one", 1), ("four", 4), ("ten", 10)] {
            try await queue.fill(lane, jobs: 400, weight: weight)
        }
        let worker = try await queue.register()
        var served: [String: Int] = [:]
        for _ in 0..<300 {
            for job in try await queue.claim(worker, 1) {
                served[job.lane, default: 0] += 1
                try await queue.settle(worker, job, .done(result: "ok"))
            }
        }
        #expect(abs((served["one"] ?? 0) - 20) <= 2, "\(served)")
        #expect(abs((served["four"] ?? 0) - 80) <= 3, "\(served)")
        #expect(abs((served["ten"] ?? 0) - 200) <= 4, "\(served)")
    }

    @Test func `a tenant's limit holds while many workers claim at once, and every job is claimed once`() async throws {
        let queue = QueueFixture()
        for number in 1...5 { try await queue.fill("t\(number)", jobs: 20, running: 2) }
        let claimed = try await withThrowingTaskGroup(of: [Int64].self) { tasks in
            for number in 0..<6 {
                tasks.addTask {
                    let worker = try await queue.register("w\(number)")
                    var jobs: [Int64] = []
                    while true {
                        let batch = try await queue.claim(worker, 4)
                        let most = try await queue.count(
                            "select coalesce(max(n), 0) from (select count(*) n from usher.lease group by lane_id) t"
                        )
                        #expect(most <= 2)
                        for job in batch { try await queue.settle(worker, job, .done(result: "ok")) }
                        jobs += batch.map(\.jobID)
                        let left = try await queue.count(
                            "select (select count(*) from usher.ready) + (select count(*) from usher.lease)"
                        )
                        if left == 0 { return jobs }
                    }
                }
            }
            return try await tasks.reduce(into: []) { $0 += $1 }
        }
        #expect(claimed.count == 100)
        #expect(Set(claimed).count == 100)
    }
}
