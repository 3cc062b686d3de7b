package import JobQueue

extension DoctorCheck {
    /// What recurring work, clocks, pauses and replays tell.
    package static func upkeep(_ health: UpkeepHealth) -> [DoctorCheck] {
        [
            schedule(health), retention(health), skew(health), wakeUps(health),
            list("pauses", health.paused, "nothing is paused", "see usher resume"),
            list(
                "replays",
                health.haltedReplays.map { "replay \($0) has halted" },
                "none has halted",
                "look at what failed, then have it go on or cancel it; see usher replay"
            ),
        ]
    }

    /// Things that somebody has stopped, and is to remember.
    private static func list(_ name: String, _ items: [String], _ none: String, _ advice: String) -> DoctorCheck {
        items.isEmpty
            ? DoctorCheck(name, .ok, none) : DoctorCheck(name, .warn, items.joined(separator: "; "), advice)
    }

    private static func schedule(_ health: UpkeepHealth) -> DoctorCheck {
        let name = "schedule"
        if health.entries == 0 {
            return DoctorCheck(name, .warn, "nothing recurs", "run usher schedule apply jobs/schedule.yaml --reason …")
        }
        let message = counted(health.entries, "recurring task")
        if health.late_s > 120 {
            let advice = "workers fire it: see that one runs, and that it knows the entry's time zone"
            return DoctorCheck(name, .warn, "\(message), one is \(health.late_s) s late", advice)
        }
        if !health.failedEntries.isEmpty {
            let failed = health.failedEntries.joined(separator: ", ")
            return DoctorCheck(name, .warn, "\(message); failed: \(failed)", "see usher schedule list")
        }
        return DoctorCheck(name, .ok, message)
    }

    private static func retention(_ health: UpkeepHealth) -> DoctorCheck {
        let name = "retention"
        if !health.hasRetention {
            return DoctorCheck(
                name,
                .warn,
                "not scheduled: tables only grow",
                "see work: retention in jobs/schedule.yaml"
            )
        }
        let advice = "see usher retention log; replay or dismiss what is kept, or lower the rule"
        return list(name, health.waiting, "scheduled; nothing waits", advice)
    }

    private static func skew(_ health: UpkeepHealth) -> DoctorCheck {
        guard let worst = health.skewed.max(by: { abs($0.ahead_ms) < abs($1.ahead_ms) }) else {
            return DoctorCheck("skew", .ok, "workers' clocks agree with the database's")
        }
        let direction = worst.ahead_ms > 0 ? "ahead" : "behind"
        let others = health.skewed.count > 1 ? ", and \(health.skewed.count - 1) more" : ""
        return DoctorCheck(
            "skew",
            .warn,
            "the clock of \(worst.worker) is \(abs(worst.ahead_ms) / 1000) s \(direction)\(others)",
            "set its clock (NTP); only the database's clock decides, but the times in its log are wrong"
        )
    }

    private static func wakeUps(_ health: UpkeepHealth) -> DoctorCheck {
        let lost = health.lostWakeUps
        if lost == 0 { return DoctorCheck("wake-ups", .ok, "none was lost") }
        let message = "the sweeper found \(counted(lost, "lane")) that nobody had woken"
        return DoctorCheck("wake-ups", .warn, message, "jobs ran late, none is lost; please report it")
    }
}
