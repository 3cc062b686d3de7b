package import JobQueue
import Postgres

extension DoctorCheck {
    /// What the server's settings, roles and snapshots tell.
    package static func server(_ health: ServerHealth) -> [DoctorCheck] {
        [library, settings(health), connections(health), roles(health), horizon(health), bloat(health)]
    }

    private static var library: DoctorCheck {
        let version = PostgresLibrary.version
        let message = "libpq \(version / 10_000).\(version % 10_000)"
        if version >= 150_000 { return DoctorCheck("library", .ok, message) }
        return DoctorCheck("library", .fail, message, "usher needs libpq 15 or newer")
    }

    /// Each setting with what goes wrong without it.
    private static let wanted: [(name: String, loss: String)] = [
        ("fsync", "a crash of the machine loses or breaks what was kept"),
        ("full_page_writes", "a crash of the machine may break pages"),
        ("autovacuum", "dead rows are never removed and the queue slows down"),
        ("track_counts", "autovacuum does not know what to do"),
    ]

    private static func settings(_ health: ServerHealth) -> DoctorCheck {
        let name = "settings"
        for setting in wanted where health.settings[setting.name] != "on" {
            let advice = "turn it on in postgresql.conf: \(setting.loss)"
            return DoctorCheck(name, .warn, "\(setting.name) is \(health.settings[setting.name] ?? "unknown")", advice)
        }
        let commit = health.settings["synchronous_commit"] ?? "unknown"
        if commit == "off" {
            let advice = "what was reported as done may be lost in a crash, and done again; set it to on"
            return DoctorCheck(name, .warn, "synchronous_commit is off", advice)
        }
        return DoctorCheck(name, .ok, "durable, autovacuum on, synchronous_commit \(commit)")
    }

    private static func connections(_ health: ServerHealth) -> DoctorCheck {
        let message = "\(health.connections) of \(health.connectionLimit) connections used"
        let advice = "raise max_connections, or put PgBouncer in between; a worker uses up to seven"
        let isTight = health.connections * 5 > health.connectionLimit * 4
        return DoctorCheck("connections", isTight ? .warn : .ok, message, isTight ? advice : nil)
    }

    private static func roles(_ health: ServerHealth) -> DoctorCheck {
        let login = "logged in as \(health.login)" + (health.isSuperuser ? ", a superuser" : "")
        guard !health.missingRoles.isEmpty else { return DoctorCheck("roles", .ok, login) }
        let missing = health.missingRoles.joined(separator: ", ")
        let advice = "have a superuser make them, then run usher migrate up; rights cannot be told apart without"
        return DoctorCheck("roles", .warn, "\(login); missing: \(missing)", advice)
    }

    private static func horizon(_ health: ServerHealth) -> DoctorCheck {
        guard let horizon = health.horizon else { return DoctorCheck("transactions", .ok, "none is open for long") }
        let message = "the oldest has run for \(horizon.age_s) s: \(horizon.holder)"
        guard horizon.age_s > 600 else { return DoctorCheck("transactions", .ok, message) }
        let advice = "it keeps dead rows from being removed: end it, or drop the slot; see pg_stat_activity"
        return DoctorCheck("transactions", .warn, message, advice)
    }

    private static func bloat(_ health: ServerHealth) -> DoctorCheck {
        guard let worst = health.bloated.first else { return DoctorCheck("dead rows", .ok, "few in every table") }
        let message = "\(worst.table) has \(worst.dead.grouped) dead rows beside \(worst.live.grouped) living ones"
        let advice = "autovacuum does not keep up: look for the oldest transaction, then vacuum usher.\(worst.table)"
        return DoctorCheck("dead rows", .warn, message, advice)
    }
}
