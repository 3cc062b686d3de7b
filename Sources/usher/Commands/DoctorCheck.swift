import Cloudflare
package import Foundation
package import JobQueue
import Postgres

/// One thing that was looked at, and what to do if it is not well.
package struct DoctorCheck: Hashable, Sendable, Encodable {
    /// How it stands.
    package enum Verdict: String, Hashable, Sendable, Encodable {
        case ok
        case warn
        case fail
    }

    package let name: String
    package let verdict: Verdict
    package let message: String
    /// What to do; `nil` if all is well.
    package let advice: String?

    package init(_ name: String, _ verdict: Verdict, _ message: String, _ advice: String? = nil) {
        self.name = name
        self.verdict = verdict
        self.message = message
        self.advice = advice
    }

    /// A check that could not be made.
    init(_ name: String, failed error: any Error) {
        let failure = Failure(describing: error)
        self.init(name, .fail, failure.message, failure.hint)
    }

    /// A count that should be zero.
    init(_ name: String, _ count: Int, _ verdict: Verdict, _ noun: String, _ advice: String) {
        self.init(name, count == 0 ? .ok : verdict, counted(count, noun), count == 0 ? nil : advice)
    }
}

extension DoctorCheck {
    /// Whether the database's schema is the one of the migrations folder.
    static func migrations(_ migrations: [MigrationStatus]) -> DoctorCheck {
        var wrong: [String] = []
        var pending = 0
        for migration in migrations {
            switch migration.state {
            case .applied: break
            case .pending: pending += 1
            case .edited, .missing, .outOfOrder: wrong.append("\(migration.version)_\(migration.name)")
            }
        }
        if !wrong.isEmpty {
            let message = "the folder does not explain the history: \(wrong.joined(separator: ", "))"
            return DoctorCheck("schema", .fail, message, "see usher migrate status; restore the files as they were")
        }
        if pending > 0 {
            return DoctorCheck("schema", .fail, "\(counted(pending, "migration")) pending", "run usher migrate up")
        }
        return DoctorCheck("schema", .ok, "\(counted(migrations.count, "migration")) applied")
    }

    /// What the queue's state tells.
    ///
    /// - Parameters:
    ///   - sent: Our clock before the server was asked.
    ///   - received: Our clock when it had answered.
    package static func queue(_ health: QueueHealth, sent: Date, received: Date) -> [DoctorCheck] {
        [
            server(health), clock(health, sent: sent, received: received),
            DoctorCheck(
                "jobs",
                health.misplacedJobs,
                .fail,
                "misplaced job",
                "of the newest \(Int(QueueHealth.checkedJobs).grouped); see usher job list --state misplaced"
            ),
            workers(health),
            DoctorCheck(
                "settlements",
                health.staleSettlements,
                .warn,
                "late settlement",
                "none was applied; workers stall or lose the database for longer than their lease"
            ),
            partitions(health),
        ] + health.limits.map(limit)
    }

    /// What the breaker and the budgets tell.
    package static func provider(_ status: ProviderStatus) -> [DoctorCheck] {
        let breaker = status.breaker
        let since = "since \(breaker.since.formatted(.iso8601))"
        let gate =
            switch breaker.state {
            case .closed: DoctorCheck("breaker", .ok, "closed \(since)")
            case .ramping:
                DoctorCheck("breaker", .ok, "closed \(since); \(Int(breaker.share * 100)) % of the rate is used yet")
            case .open, .halfOpen:
                DoctorCheck(
                    "breaker",
                    .warn,
                    "open \(since): \(breaker.reason ?? "no reason given")",
                    breaker.until == nil
                        ? "an operator opened it; usher provider breaker close --reason … has work go on"
                        : "nothing to do: work goes on by itself once the provider answers"
                )
            }
        let left = status.budgets.map { "\($0.left) of \($0.quota) \($0.name)" }.joined(separator: ", ")
        return [gate] + (left.isEmpty ? [] : [DoctorCheck("left", .ok, "\(left); see usher provider status")])
    }

    /// Whether the token may be used.
    static func token(_ token: TokenVerification) -> DoctorCheck {
        guard token.status.value == .active else {
            let advice = "make another and put it into \(Setting.providerToken.environmentName)"
            return DoctorCheck("token", .fail, "the provider says it is \(token.status.text)", advice)
        }
        let end = token.expiresOn.map { ", until \($0.formatted(.iso8601))" } ?? ""
        return DoctorCheck("token", .ok, "active\(end)")
    }

    /// Whether hostnames can still be created.
    static func quota(_ quota: HostnameQuota) -> DoctorCheck {
        let message = "\(quota.used) of \(quota.allocated) hostnames used"
        if let cap = quota.hardCap, quota.used >= cap {
            return DoctorCheck("quota", .fail, message + "; creation is refused", "ask the provider for more")
        }
        let advice = "creation goes on, and is billed"
        return DoctorCheck("quota", quota.exceeded ? .warn : .ok, message, quota.exceeded ? advice : nil)
    }
}

extension DoctorCheck {
    private static func server(_ health: QueueHealth) -> DoctorCheck {
        let version = "PostgreSQL \(health.serverVersion / 10_000).\(health.serverVersion % 10_000)"
        if health.serverVersion >= 150_000 { return DoctorCheck("server", .ok, version) }
        return DoctorCheck("server", .fail, version, "usher needs PostgreSQL 15 or newer")
    }

    /// The server's moment lies between our two if the clocks agree.
    private static func clock(_ health: QueueHealth, sent: Date, received: Date) -> DoctorCheck {
        let moment = health.serverTime.date
        let skew = max(0, moment.timeIntervalSince(received), sent.timeIntervalSince(moment))
        let message = "\(Int(skew * 1000)) ms between this clock and the database's"
        let advice = "the database's clock decides; times shown here are off by as much"
        return DoctorCheck("clock", skew > 2 ? .warn : .ok, message, skew > 2 ? advice : nil)
    }

    private static func workers(_ health: QueueHealth) -> DoctorCheck {
        let lost = health.workersLost == 0 ? "" : ", \(health.workersLost) lost in 24 hours"
        let depth = health.depth
        let about = depth.readyIsExact ? "" : "about "
        let message = "\(health.workersAlive) alive\(lost), \(about)\(counted(depth.ready, "job")) ready"
        if health.workersAlive == 0 && depth.ready > 0 {
            let advice = "start one: usher work; the first job has waited for \(depth.oldestReady_s) s"
            return DoctorCheck("workers", .fail, message, advice)
        }
        if health.workersOverdue > 0 {
            let advice = "\(counted(health.workersOverdue, "worker")) missed the heartbeat; another takes over the work"
            return DoctorCheck("workers", .warn, message, advice)
        }
        return DoctorCheck("workers", health.workersAlive == 0 ? .warn : .ok, message)
    }

    private static func partitions(_ health: QueueHealth) -> DoctorCheck {
        let message = "room for \(health.partitionRoom) more jobs"
        if health.hasStrayRows {
            let advice = "rows lie in a default partition: call usher.ensure_partitions(), which moves them"
            return DoctorCheck("partitions", .warn, message, advice)
        }
        if health.partitionRoom < 1_000_000 {
            return DoctorCheck(
                "partitions",
                .warn,
                message,
                "call usher.ensure_partitions(); workers do it as they run"
            )
        }
        return DoctorCheck("partitions", .ok, message)
    }

    private static func limit(_ limit: QueueHealth.Limit) -> DoctorCheck {
        let name = "budget \(limit.name)"
        let message = "\(limit.quota) in \(Int(limit.window / .seconds(1))) s"
        guard let until = limit.blockedUntil else { return DoctorCheck(name, .ok, message) }
        let reason = "stopped until \(until): \(limit.blockedReason ?? "no reason given")"
        return DoctorCheck(name, .warn, reason, "nothing to do: work goes on by itself after that")
    }
}

extension DoctorCheck.Verdict {
    var tone: Tone {
        switch self {
        case .ok: .good
        case .warn: .warning
        case .fail: .bad
        }
    }
}
