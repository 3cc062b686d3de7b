import Cloudflare
import JobQueue
import Onboarding
import Postgres
import TestSupport
import Testing

/// What the shared budget and the breaker hear of calls.
@Suite(.database)
struct AdmissionTests {
    private let pool = PostgresPool(TestDatabase.current.settings, size: 4, logger: .quiet)

    /// The breaker after so many calls failed like this, each for its hostname and tenant, and what the last one threw.
    private func breaker(
        after count: Int,
        _ fault: CloudflareFault,
        tenant: (Int) -> String = { _ in "acme" },
        hostname: (Int) -> Int = { $0 }
    ) async throws -> (state: BreakerState, isOutage: Bool) {
        let admission = Admission(budgets: PostgresBudgetStore(pool: pool))
        try await admission.declare(in: .real)
        var isOutage = false
        for number in 0..<count {
            // As if the one before had been long ago: the breaker's own stop is not what is looked at here.
            let unit = try await Admission(budgets: PostgresBudgetStore(pool: pool), interactive: true).admit(.call)
            let job = ClaimedJob(
                jobID: Int64(number + 1),
                attemptID: Int64(number + 1),
                kind: "onboard",
                lane: tenant(number),
                subjectID: Int64(hostname(number))
            )
            do {
                _ = try await admission.perform(unit, for: job) { () async throws(CloudflareError) -> Answer<Int> in
                    throw CloudflareError(call: .editHostname, fault: fault)
                }
            } catch {
                isOutage = error is OutageError
            }
        }
        return (try await ProviderStatus.read(from: pool).breaker.state, isOutage)
    }

    private func refused(_ status: Int, _ code: Int) -> CloudflareFault {
        .refused(status: status, errors: [ProviderMessage(code: code, message: "no")])
    }

    @Test func `a 403 about one hostname stops nobody`() async throws {
        let (state, isOutage) = try await breaker(after: 9, refused(403, 10_000), hostname: { _ in 1 })
        #expect(state == .closed && !isOutage)
        let status = try await ProviderStatus.read(from: pool)
        #expect(status.budgets.allSatisfy { $0.blockedUntil == nil })
        #expect(status.errors.map(\.errorClass) == ["credentials"])
        #expect(status.errors.first?.count == 9)
    }

    @Test func `a 403 about one tenant stops nobody, about several it opens the breaker`() async throws {
        #expect(try await breaker(after: 9, refused(403, 10_000)).state == .closed)
        let (state, isOutage) = try await breaker(after: 5, refused(403, 10_000), tenant: { "tenant-\($0)" })
        #expect(state == .open && isOutage)
    }

    @Test(arguments: [
        CloudflareFault.refused(status: 401, errors: [ProviderMessage(code: 10_000, message: "no")]),
        .refused(status: 400, errors: [ProviderMessage(code: 6_003, message: "no")]),
        .refused(status: 502, errors: []), .refused(status: 500, errors: [ProviderMessage(code: 1_500, message: "no")]),
        .transport(.timedOut, detail: ""), .transport(.unreachable, detail: ""),
    ])
    func `a revoked token and an outage open it for one tenant's hostnames too`(_ fault: CloudflareFault) async throws {
        #expect(try await breaker(after: 4, fault).state == .closed)
        let (state, isOutage) = try await breaker(after: 1, fault)
        #expect(state == .open && isOutage)
        let opened = try await pool.session { db throws(PostgresError) in
            try db.one("select count(*) from usher.provider_event", as: Int.self)
        }
        #expect(opened == 1)
    }

    @Test func `a refusal that is the request's own fault is a good answer of the provider`() async throws {
        #expect(try await breaker(after: 12, refused(400, 1_442)).state == .closed)
        #expect(try await ProviderStatus.read(from: pool).breaker.signs == 0)
    }

    @Test func `what an answer's headers say reaches the budget with the next request`() async throws {
        let admission = Admission(budgets: PostgresBudgetStore(pool: pool))
        try await admission.declare(in: .real)
        let pacing = Pacing(
            remaining: [.init(name: "default", calls: 2399, resetSeconds: 300)],
            policies: [.init(name: "burst", calls: 2400, windowSeconds: 300)]
        )
        _ = try await admission.perform(try await admission.admit(.call), for: nil) {
            () async throws(CloudflareError) in Answer(value: 1, pacing: pacing)
        }
        _ = try await admission.admit(.call)
        let calls = try await ProviderStatus.read(from: pool).budgets.first { $0.name == "calls" }
        #expect(calls?.quota == 2400)
        #expect(calls?.toldLeft == 2399)
    }
}
