import Foundation
import Onboarding
import Postgres
import Simulator
import TLSPolicy
import TestSupport
import Testing
import usher

/// Workers that die at the worst moment: after the provider has done what was asked, before anybody recorded it.
@Suite(.database, .serialized)
struct KillTests {
    /// More rounds on request: `USHER_KILLS=50 swift test --filter KillTests`.
    private static let rounds = Int(ProcessInfo.processInfo.environment["USHER_KILLS"] ?? "") ?? 4

    @Test func `a creation that was accepted and not recorded is found, not repeated`() async throws {
        try await WorkerWorld.with { world in
            try await world.prepare()
            for round in 0..<Self.rounds {
                let name = "h\(round).acme-usher.com"
                try await killWorker(round, at: .create, of: name, in: world) {
                    try await world.enqueue(name)
                }
            }
            try await world.workers.start(Self.rounds)
            #expect(try await eventually { try await world.enforced() == Self.rounds })
            let zone = world.simulator.snapshot()
            #expect(zone.hostnames.count == Self.rounds)
            #expect(world.simulator.requests.totals[.create] == Self.rounds, "no second creation")
            #expect(zone.counters.equalPatches == 0)
            #expect(try await eventually { try await world.historyIsSound(jobs: Self.rounds) })
        }
    }

    @Test func `an edit that was accepted and not recorded is not sent again`() async throws {
        try await WorkerWorld.with { world in
            try await world.prepare()
            let names = (0..<Self.rounds).map { "h\($0).acme-usher.com" }
            for name in names { try await world.enqueue(name) }
            try await world.workers.start(1000)
            #expect(try await eventually { try await world.enforced() == Self.rounds })
            await world.workers.kill(1000)
            for (round, name) in names.enumerated() {
                try await killWorker(round, at: .edit, of: name, in: world) {
                    try await world.enqueue(name, HostnameWish(minimumTLS: .v1_3))
                }
            }
            try await world.workers.start(Self.rounds)
            #expect(
                try await eventually {
                    try await world.count(
                        "select count(*) from usher.hostname where standing = 'enforced' and observed_generation = 2"
                    ) == Self.rounds
                }
            )
            let zone = world.simulator.snapshot()
            #expect(world.simulator.requests.totals[.edit] == Self.rounds, "no second edit")
            #expect(zone.counters.equalPatches == 0)
            #expect(zone.hostnames.all.allSatisfy { $0.certificate?.inForce?.settings.minimumTLS == "1.3" })
            #expect(try await eventually { try await world.historyIsSound(jobs: 2 * Self.rounds) })
        }
    }

    @Test func `a worker that was stopped beyond its lease cannot record when it wakes up`() async throws {
        try await WorkerWorld.with { world in
            try await world.prepare()
            let name = "zombie.acme-usher.com"
            world.simulator.setFaults(delay(.create, of: name, seconds: 1200))
            try await world.workers.start(1)
            try await world.enqueue(name)
            #expect(try await eventually { world.isAccepted(.create, of: name) })
            world.workers.suspend(1, true)
            try await world.workers.start(2)
            #expect(try await eventually { try await world.enforced() == 1 })
            world.workers.suspend(1, false)
            #expect(
                try await eventually { try await world.count("select count(*) from usher.stale_settlement") == 1 }
            )
            #expect(try await world.enforced() == 1)
            #expect(try await world.historyIsSound(jobs: 1))
        }
    }

    /// Starts a worker, lets it get as far as the provider's acceptance, and kills it before it hears of it.
    private func killWorker(
        _ number: Int,
        at operation: APIOperation,
        of name: String,
        in world: WorkerWorld,
        after ask: () async throws -> Void
    ) async throws {
        world.simulator.setFaults(delay(operation, of: name, seconds: 14_400))
        try await world.workers.start(number)
        try await ask()
        #expect(try await eventually { world.isAccepted(operation, of: name) }, "round \(number)")
        await world.workers.kill(number)
        world.simulator.setFaults(FaultPlan())
    }

    /// The answer comes so late that only a live worker would hear it.
    private func delay(_ operation: APIOperation, of name: String, seconds: Double) -> FaultPlan {
        FaultPlan(rules: [.init(.slow(seconds: seconds), .next(1), operations: [operation], hostname: name)])
    }
}

extension WorkerWorld {
    fileprivate func isAccepted(_ operation: APIOperation, of name: String) -> Bool {
        simulator.requests.count(operation, hostname: name) > 0
    }
}
