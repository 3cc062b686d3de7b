import Foundation
import Onboarding
import Postgres
import Simulator
import Synchronization
import TLSPolicy
import TestSupport

/// Queues hostnames without end, as a platform's backend would, and keeps what it was promised.
final class SteadyEnqueuer: Sendable {
    private struct State {
        var random: SeededRandom
        var number = 0
        var committed: Set<Int64> = []
        var refusals = 0
    }

    private let store: EnqueueStore
    private let tenants: [String]
    private let state: Mutex<State>

    /// Jobs whose enqueuing was answered.
    var committed: Set<Int64> { state.withLock(\.committed) }
    /// Calls that ended in an error, and so promised nothing.
    var refusals: Int { state.withLock(\.refusals) }

    init(pool: PostgresPool, tenants: [String], seed: UInt64) {
        store = EnqueueStore(pool: pool)
        self.tenants = tenants
        state = Mutex(State(random: SeededRandom(seed: seed)))
    }

    /// Until cancelled; never more than so many jobs are waiting.
    func run(atMost limit: Int, waiting: @Sendable () async throws -> Int) async {
        while !Task.isCancelled {
            do {
                if try await eventually({ try await waiting() < limit }) { try await queueOne() }
            } catch {
                state.withLock { $0.refusals += 1 }
            }
        }
    }

    private func queueOne() async throws {
        let (tenant, hostname, wish, isBatch) = state.withLock { state in
            state.number += 1
            let tenant = tenants.randomElement(using: &state.random) ?? tenants[0]
            // Every fourth asks again for a hostname it has asked for before: a wish that grows, often while it runs.
            let isAgain = state.number > 8 && Int.random(in: 0..<4, using: &state.random) == 0
            let number = isAgain ? Int.random(in: state.number - 6..<state.number, using: &state.random) : state.number
            let wish = HostnameWish(minimumTLS: isAgain ? .v1_3 : nil)
            return (tenant, "h\(number)", wish, !isAgain && state.number.isMultiple(of: 10))
        }
        if isBatch {
            let rows = (0..<5).map { row in
                EnqueueRow(tenant: tenant, tier: "chaos", hostname: "\(hostname)-\(row).\(tenant)-usher.com")
            }
            _ = try await store.enqueue(rows, name: "batch \(hostname)", rule: .allOrNothing)
        } else {
            let name = "\(hostname).\(tenant)-usher.com"
            let answer = try await store.enqueue(tenant: tenant, hostname: name, wish: wish)
            state.withLock { _ = $0.committed.insert(answer.jobID) }
        }
    }
}
