import ArgumentParser
import Cloudflare
import Foundation
import Onboarding
import Postgres
import Simulator

/// The command `usher bench pacing`: how much of the provider's limit three worker processes use, and whether they
/// ever run into it.
struct PacingBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pacing",
        abstract: "How much of the provider's call limit workers use, and how often they are told to stop.",
        discussion: """
            A backlog of edits that lasts, the provider's real limit (1,200 calls in 300 s, a breach blocks for 300 s)
            on a clock that runs faster, and worker processes that share the budget through PostgreSQL only. The
            provider's own log decides: the worst window of any phase that begins after the first. Nothing is proved by
            handshakes, which are no calls. Six minutes; a faster clock is for machines that have nothing else to do.

            EXAMPLES:
              usher bench pacing --json
              usher bench pacing --foreign 30 --json      another program burns 30 % of the limit
            """
    )

    @Option(name: .customLong("time-scale"), help: "Provider seconds that pass in one of ours.") var timeScale = 3.0
    @Option(help: "Full windows that are looked at after the first.") var windows = 2
    @Option(help: "Per cent of the limit that another program burns.") var foreign = 0.0
    @Option(help: "Hostnames whose policy changes again and again.") var hostnames = 1200
    @Option(help: "Worker processes.") var workers = 3
    @Option(help: "Jobs each of them runs at once.") var slots = 6
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard (1...100).contains(timeScale) else { throw ValidationError("--time-scale is 1 to 100") }
        guard (1...10).contains(windows) else { throw ValidationError("--windows is 1 to 10") }
        guard (0...90).contains(foreign) else { throw ValidationError("--foreign is 0 to 90") }
        guard (1...8).contains(workers) else { throw ValidationError("--workers is 1 to 8") }
        guard (1...100).contains(slots) else { throw ValidationError("--slots is 1 to 100") }
        guard (100...20_000).contains(hostnames) else { throw ValidationError("--hostnames is 100 to 20000") }
    }

    func run() async throws {
        let output = output.output
        let options = BenchWorld.Options(timeScale: timeScale, workers: workers, slots: slots)
        let report = try await BenchWorld.with(options) { world in
            try await measure(world, output)
        }
        try output.show(report)
    }

    private func measure(_ world: BenchWorld, _ output: Output) async throws -> PacingReport {
        try await seed(world, output)
        let limit = RateLimits.Configuration().calls ?? .init(count: 1200, windowSeconds: 300, lockoutSeconds: 300)
        let rate = Double(limit.count) * foreign / 100 / limit.windowSeconds
        try await world.setLimits(calls: limit.count, certificates: nil)
        let before = world.simulator.requests.entries.count
        let start = world.simulator.clock.now
        let length = limit.windowSeconds * Double(windows + 1)
        output.note("measuring for \(Int(length / timeScale)) s: \(windows + 1) windows of the provider's time")
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await world.keepBacklog(hostnames, until: start.adding(seconds: length)) }
            if rate > 0 { tasks.addTask { await world.burn(callsPerSecond: rate) } }
            _ = try await tasks.next()
            tasks.cancelAll()
        }
        let entries = world.simulator.requests.entries.dropFirst(before).map { $0 }
        let ledger = PacingReport.Ledger(
            granted: try await world.count("select coalesce(sum(units), 0) from usher.budget_use where name = 'calls'"),
            chargedToOthers: try await world.count(
                "select coalesce(sum(foreign_units), 0) from usher.budget_use where name = 'calls'"
            )
        )
        return PacingReport(entries, start: start, length: length, limit: limit, ledger: ledger, bench: self)
    }

    /// Onboards the hostnames without limits.
    private func seed(_ world: BenchWorld, _ output: Output) async throws {
        output.note("onboarding \(hostnames) hostnames without limits")
        try await world.adopt(0)
        try await world.declareBudgets()
        try await world.setLimits(calls: 1_000_000, certificates: nil)
        try await world.enqueue(hostnames)
        try await world.startWorkers()
        try await world.wait(for: "the hostnames", limit: .seconds(240)) {
            try await world.enforced(revision: 1) == hostnames
        }
    }
}

extension BenchWorld {
    /// Moves every hostname from policy to policy while there is little left to do, until the time has come.
    fileprivate func keepBacklog(_ hostnames: Int, until end: VirtualInstant) async throws {
        var number = 0
        while simulator.clock.now < end {
            let ready = try await count("select count(*) from usher.ready")
            if ready < hostnames / 4 && number + 1 < Self.policies.count {
                number += 1
                try await adopt(number)
                try await enqueue(hostnames)
            } else if ready == 0 {
                throw Failure("the backlog ran out", hint: "pass more --hostnames or fewer --windows")
            }
            try await Task.sleep(for: .milliseconds(200))
        }
    }

    /// Another program that calls at a steady pace with the same token, polite enough to heed no answer.
    fileprivate func burn(callsPerSecond: Double) async {
        let pause = time.local(.seconds(1 / callsPerSecond))
        var next = ContinuousClock.now
        while !Task.isCancelled {
            next += pause
            try? await Task.sleep(until: next, clock: .continuous)
            _ = try? await client.quota()
        }
    }
}
