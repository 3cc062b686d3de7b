import Simulator

/// What `usher bench pacing` prints.
struct PacingReport: Report {
    /// Of what the limit leaves, used in the worst full window after the first, 0…1.
    let utilisation: Double
    /// Of our calls, answered with 429.
    let throttled: Int
    /// Lock-outs that the other program's calls brought about.
    let foreignBlocks: Int
    /// Our 429s beyond one for each of those.
    let throttledBeyondForeignBlocks: Int
    /// Most calls of all that any window held.
    let mostInAnyWindow: Int
    let calls: Int
    let foreignCalls: Int
    let worstWindow: Window?
    /// Of the last two windows, as the shared budget has it.
    let ledger: Ledger
    let conditions: Conditions

    struct Window: Encodable {
        let calls: Int
        let foreignCalls: Int
    }

    /// What the shared budget granted, and what it took to be spent by others.
    struct Ledger: Encodable {
        let granted: Int
        let chargedToOthers: Int
    }

    /// Under which these figures came about.
    struct Conditions: Encodable {
        let limitCalls: Int
        let windowSeconds: Double
        let lockoutSeconds: Double
        let timeScale: Double
        let windows: Int
        let workerProcesses: Int
        let slots: Int
        let hostnames: Int
        let foreignPercent: Double
    }

    init(
        _ entries: [RequestLog.Entry],
        start: VirtualInstant,
        length: Double,
        limit: RateLimits.Limit,
        ledger: Ledger,
        bench: PacingBench
    ) {
        self.ledger = ledger
        let isForeign = { (entry: RequestLog.Entry) in entry.operation == .quota }
        let admitted = entries.filter { $0.status != 429 }.map {
            CallWindows.Call(at: $0.at.seconds(since: start), isForeign: isForeign($0))
        }
        let windows = CallWindows(admitted, window: limit.windowSeconds, limit: limit.count)
        let worst = windows.worst(from: limit.windowSeconds, to: length)
        utilisation = ((worst?.utilisation ?? 0) * 10_000).rounded() / 10_000
        worstWindow = worst.map { Window(calls: $0.ours, foreignCalls: $0.foreign) }
        throttled = entries.count { $0.status == 429 && !isForeign($0) }
        foreignBlocks = Self.blocks(entries, limit, by: isForeign)
        throttledBeyondForeignBlocks = max(0, throttled - foreignBlocks)
        mostInAnyWindow = windows.most()
        calls = admitted.count { !$0.isForeign }
        foreignCalls = admitted.count { $0.isForeign }
        conditions = Conditions(
            limitCalls: limit.count,
            windowSeconds: limit.windowSeconds,
            lockoutSeconds: limit.lockoutSeconds,
            timeScale: bench.timeScale,
            windows: bench.windows,
            workerProcesses: bench.workers,
            slots: bench.slots,
            hostnames: bench.hostnames,
            foreignPercent: bench.foreign
        )
    }

    /// Lock-outs whose first refusal was a foreign call's.
    private static func blocks(
        _ entries: [RequestLog.Entry],
        _ limit: RateLimits.Limit,
        by isForeign: (RequestLog.Entry) -> Bool
    ) -> Int {
        var lockedUntil: VirtualInstant?
        var blocks = 0
        for entry in entries where entry.status == 429 {
            if let lockedUntil, entry.at < lockedUntil { continue }
            lockedUntil = entry.at.adding(seconds: limit.lockoutSeconds)
            if isForeign(entry) { blocks += 1 }
        }
        return blocks
    }

    func lines(on terminal: Terminal) -> [String] {
        var facts = FactList()
        facts.add("worst window", "\((utilisation * 100).withOneDecimal) % of what the limit leaves is used")
        facts.add("429s", "\(throttled), \(throttledBeyondForeignBlocks) beyond the other program's blocks")
        facts.add("most in a window", "\(mostInAnyWindow) of \(conditions.limitCalls)")
        facts.add("calls", "\(calls) ours, \(foreignCalls) of the other program")
        facts.add(
            "conditions",
            "\(conditions.workerProcesses) worker processes, \(conditions.windows) windows of "
                + "\(Int(conditions.windowSeconds)) s after the first, clock × \(conditions.timeScale.withOneDecimal), "
                + "\(conditions.hostnames) hostnames, \(conditions.foreignPercent.withOneDecimal) % foreign"
        )
        return facts.lines(on: terminal)
    }
}
