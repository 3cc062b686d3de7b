import ArgumentParser
import Foundation
import Onboarding
import Postgres
import Simulator
import TLSPolicy

/// The command `usher bench calls`: how many provider calls a hostname costs.
struct CallsBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "calls",
        abstract: "How many provider calls a new, a changed and an unchanged hostname cost.",
        discussion: """
            New hostnames are onboarded at the provider's real limits on a fast clock until all are enforced, which
            handshakes with the simulator's edge must have shown; then the policy changes for half of them and all are
            queued again. Every call counts: creations, edits, looks, list pages and readings of the zone's settings.

            EXAMPLE:
              usher bench calls --json
            """
    )

    @Option(name: .customLong("time-scale"), help: "Provider seconds that pass in one of ours.") var timeScale = 25.0
    @Option(help: "Hostnames.") var hostnames = 1000
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard (1...200).contains(timeScale) else { throw ValidationError("--time-scale is 1 to 200") }
        guard (10...20_000).contains(hostnames) else { throw ValidationError("--hostnames is 10 to 20000") }
    }

    func run() async throws {
        let output = output.output
        let report = try await BenchWorld.with(.init(timeScale: timeScale, proves: true)) { world in
            try await measure(world, output)
        }
        try output.show(report)
    }

    /// Half of them ask for more than any policy here but the last, so a change before that leaves them as they are.
    private func measure(_ world: BenchWorld, _ output: Output) async throws -> CallsReport {
        let wish = { (number: Int) in HostnameWish(minimumTLS: number.isMultiple(of: 2) ? .v1_2 : nil) }
        try await world.adopt(0)
        try await world.declareBudgets()
        try await world.setLimits(calls: 1200, certificates: 15)
        try await world.enqueue(hostnames, wish: wish)
        try await world.startWorkers()
        output.note("onboarding \(hostnames) hostnames at 15 a minute of the provider's time")
        try await world.wait(for: "all to be enforced", limit: .seconds(400)) {
            try await world.enforced(revision: 1) == hostnames
        }
        let new = world.simulator.requests
        output.note("changing the policy of half of them")
        // The stored readings are too old to write upon, as they are on any day but the first.
        try await world.age(seconds: 3600)
        try await world.adopt(1)
        try await world.enqueue(hostnames, wish: wish)
        try await world.wait(for: "the change to be enforced", limit: .seconds(300)) {
            try await world.enforced(revision: 2) == hostnames
        }
        return CallsReport(new: new, all: world.simulator.requests, bench: self)
    }
}

extension BenchWorld {
    /// Every stored reading grows older by so many seconds of the provider's time.
    fileprivate func age(seconds: Double) async throws {
        let span = time.local(.seconds(seconds))
        try await pool.session { db throws(PostgresError) in
            _ = try db.execute(
                """
                update usher.hostname set observed_at = observed_at - \(span), applied_at = applied_at - \(span)
                """
            )
        }
    }
}

/// What `usher bench calls` prints.
struct CallsReport: Report {
    let callsPerNewHostname: Double
    let callsPerChangedHostname: Double
    /// Beside the list pages and readings of the zone that serve all.
    let callsPerUnchangedHostname: Double
    let new: Calls
    let change: Calls
    let conditions: Conditions

    /// Calls by what they do.
    struct Calls: Encodable {
        let creations: Int
        let edits: Int
        let looks: Int
        let listPages: Int
        let zoneSettings: Int
        let total: Int
    }

    /// Under which these figures came about.
    struct Conditions: Encodable {
        let hostnames: Int
        let changed: Int
        let timeScale: Double
        let limitCalls: Int
        let limitCertificates: Int
    }

    init(new before: RequestLog, all: RequestLog, bench: CallsBench) {
        new = Calls(before.totals)
        change = Calls(all.totals, after: before.totals)
        let changed = bench.hostnames - (bench.hostnames + 1) / 2
        conditions = Conditions(
            hostnames: bench.hostnames,
            changed: changed,
            timeScale: bench.timeScale,
            limitCalls: 1200,
            limitCertificates: 15
        )
        let rounded = { (value: Double) in (value * 1000).rounded() / 1000 }
        callsPerNewHostname = rounded(Double(new.total) / Double(bench.hostnames))
        callsPerChangedHostname = rounded(Double(change.total) / Double(changed))
        // Whatever is neither shared nor the one edit of a changed hostname.
        let excess = max(0, change.edits - changed) + change.looks + change.creations
        callsPerUnchangedHostname = rounded(Double(excess) / Double(bench.hostnames - changed))
    }

    func lines(on terminal: Terminal) -> [String] {
        var table = TextTable(
            ["HOSTNAMES", "CALLS EACH", "CREATIONS", "EDITS", "LOOKS", "LIST PAGES", "ZONE"],
            rightAligned: ["CALLS EACH", "CREATIONS", "EDITS", "LOOKS", "LIST PAGES", "ZONE"]
        )
        for (name, each, calls) in [("new", callsPerNewHostname, new), ("changed", callsPerChangedHostname, change)] {
            let numbers = [calls.creations, calls.edits, calls.looks, calls.listPages, calls.zoneSettings]
            table.append([.init(name), .init("\(each)")] + numbers.map { .init("\($0)") })
        }
        return table.lines(on: terminal) + [
            "unchanged: \(callsPerUnchangedHostname) calls each beside the shared ones",
            "\(conditions.hostnames) hostnames, \(conditions.changed) of them changed; provider's clock × "
                + "\(conditions.timeScale.withOneDecimal), its real limits",
        ]
    }
}

extension CallsReport.Calls {
    fileprivate init(_ totals: [APIOperation: Int], after before: [APIOperation: Int] = [:]) {
        let count = { (operation: APIOperation) in (totals[operation] ?? 0) - (before[operation] ?? 0) }
        creations = count(.create)
        edits = count(.edit)
        looks = count(.get)
        listPages = count(.list)
        zoneSettings = count(.settingGet)
        total = creations + edits + looks + listPages + zoneSettings
    }
}
