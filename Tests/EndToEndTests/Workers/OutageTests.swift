import Foundation
import JobQueue
import Onboarding
import Postgres
import Simulator
import TLSPolicy
import TestSupport
import Testing
import usher

/// The provider is down for 70 minutes of its time while the queue is full.
///
/// `USHER_OUTAGE_JOBS=10000` runs it at full size.
@Suite(.database, .timeLimit(.minutes(20)))
struct OutageTests {
    private let jobs = ProcessInfo.processInfo.environment["USHER_OUTAGE_JOBS"].flatMap(Int.init) ?? 300

    /// 70 minutes in 70 seconds: a faster clock would leave the breaker's windows shorter than our own round trips.
    static let timeScale = 60.0

    @Test func `an outage opens the breaker, spends no attempt, ends without a 429 and with everything enforced`()
        async throws
    {
        // The breaker opens at five signs; what is under way then, four calls at most, may fail too.
        try await WorkerWorld.with(
            limits: calls,
            logLevel: "warning",
            timeScale: Self.timeScale,
            slots: 2
        ) { world in
            try await world.prepare()
            try await world.enqueueOutageJobs(jobs)
            try await world.workers.start(1)
            try await world.workers.start(2)
            #expect(try await eventually { world.simulator.requests.totals[.create] ?? 0 >= min(20, jobs / 10) })

            let begin = world.simulator.clock.now
            let logged = world.simulator.requests.entries.count
            world.simulator.setFaults(
                FaultPlan(rules: [
                    .init(.badGateway, .probability(0.5, from: begin, until: begin.adding(seconds: 4200))),
                    .init(.internalError, .probability(1, from: begin, until: begin.adding(seconds: 4200))),
                ])
            )
            #expect(try await eventually { try await world.breaker().state != .closed })
            let failures = world.simulator.requests.entries.dropFirst(logged).count { $0.status ?? 0 >= 500 }
            #expect(failures <= 10, "\(failures) failures before the breaker was seen open")

            #expect(
                try await eventually(within: .seconds(900)) {
                    try await world.count("select count(*) from usher.hostname where standing = 'enforced'") == jobs
                }
            )
            let during = world.simulator.requests.entries.filter {
                $0.at >= begin && $0.at < begin.adding(seconds: 4200)
            }
            #expect(during.count <= 40, "\(during.count) calls in 70 minutes: the first failures, then probes")
            #expect(world.simulator.requests.statuses[429] == nil)
            let spent = try await world.count("select count(*) from usher.ended where attempts > 1")
            #expect(spent == 0, "\(spent) jobs have lost an attempt")
            #expect(try await world.historyIsSound(jobs: jobs))
        }
    }

    /// The provider's own limit of calls; certificates without one, or 10,000 would take 11 hours of its time.
    private var calls: RateLimits.Configuration {
        var limits = RateLimits.Configuration()
        limits.certificates = nil
        return limits
    }
}

extension WorkerWorld {
    /// Queues so many new hostnames of several tenants, whose certificates nobody limits.
    fileprivate func enqueueOutageJobs(_ count: Int) async throws {
        let time = ProviderTime(scale: OutageTests.timeScale)
        let admission = Admission(budgets: PostgresBudgetStore(pool: pool), time: time)
        try await admission.declare(in: time)
        _ = try await pool.session { db throws(PostgresError) in
            try db.execute("update usher.budget set quota = 1000000 where name = 'certificates'")
        }
        let rows = (0..<count).map { number in
            EnqueueRow(tenant: "t\(number % 5)", tier: "gold", hostname: "h\(number).t\(number % 5)-usher.com")
        }
        let answer = try await EnqueueStore(pool: pool).enqueue(rows, name: "outage", rule: .allOrNothing)
        try #require(answer.refused.isEmpty)
    }

    fileprivate func breaker() async throws -> ProviderStatus.Breaker {
        try await ProviderStatus.read(from: pool).breaker
    }
}
