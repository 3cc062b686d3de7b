/// The page at `/`: what a person wants to see of the zone at a glance.
struct StatusPage {
    private let zone: SimulatedZone
    private let log: RequestLog
    private let now: VirtualInstant
    private let allowances: [(name: String, text: String)]
    private static let shownHostnames = 500
    private static let shownRequests = 50

    init(_ simulation: Simulation, now: VirtualInstant) {
        var limits = simulation.limits
        self.zone = simulation.zone.advanced(to: now)
        self.log = simulation.log
        self.now = now
        self.allowances = simulation.tokenIDs.map { id in
            let allowance = limits.allowance(token: id, now: now)
            return ("calls left to token \(id)", "\(allowance.remaining) of \(allowance.limit.count)")
        }
    }

    var html: String {
        """
        <!DOCTYPE html>
        <html lang="en"><head><meta charset="utf-8"><title>Simulated provider</title><style>
        body { font: 14px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 75rem; padding: 0 1rem; }
        table { border-collapse: collapse; margin: 0.5rem 0 1.5rem; width: 100%; }
        th, td { border-bottom: 1px solid #ccc; padding: 0.2rem 0.6rem; text-align: left; vertical-align: top; }
        </style></head><body>
        <h1>Simulated provider</h1>
        \(table(["", ""], facts))
        <h2>Hostnames (\(zone.hostnames.count))</h2>
        \(table(["hostname", "status", "certificate", "source", "settings"], hostnames))
        <h2>Last requests (of \(log.total))</h2>
        \(table(["#", "time", "operation", "hostname", "status", "fault"], requests))
        </body></html>
        """
    }

    private var facts: [[String]] {
        let counters = zone.counters
        let settings = zone.settings
        return [
            ["virtual time", now.rfc3339],
            ["zone", "\(zone.id), plan \(zone.plan.rawValue)"],
            ["zone settings", "min TLS \(settings.minimumTLS), TLS 1.3 \(settings.tls13)"],
            ["zone ciphers", settings.ciphers.isEmpty ? "default" : settings.ciphers.joined(separator: " ")],
            ["fallback origin", zone.fallbackOrigin?.name ?? "none: nothing becomes active"],
            ["equal edits", "\(counters.equalPatches), validations restarted \(counters.validationRestarts)"],
            ["custom certificates lost", "\(counters.migrationsToManaged)"],
        ] + allowances.map { [$0.name, $0.text] }
    }

    private var hostnames: [[String]] {
        zone.hostnames.all.prefix(Self.shownHostnames).map { hostname in
            let configuration = hostname.certificate?.configuration
            return [
                hostname.name,
                hostname.status.rawValue,
                hostname.certificate?.status.rawValue ?? "none",
                configuration.map { $0.uploads.isEmpty ? "provider" : "uploaded" } ?? "",
                configuration?.settings.wire.text ?? "",
            ]
        }
    }

    private var requests: [[String]] {
        log.entries.suffix(Self.shownRequests).reversed().map { entry in
            [
                "\(entry.number)",
                entry.at.rfc3339,
                entry.operation.rawValue,
                entry.hostname ?? "",
                [entry.status.map(String.init) ?? "no answer", entry.code.map { "(\($0))" } ?? ""].joined(
                    separator: " "
                ),
                entry.fault?.name ?? "",
            ]
        }
    }

    private func table(_ heads: [String], _ rows: [[String]]) -> String {
        let head = heads.map { "<th>\(escaped($0))</th>" }.joined()
        let body = rows.map { row in
            "<tr>" + row.map { "<td>\(escaped($0))</td>" }.joined() + "</tr>"
        }
        return "<table><tr>\(head)</tr>\n\(body.joined(separator: "\n"))\n</table>"
    }

    /// Names come from clients: nothing of theirs may become markup.
    private func escaped(_ text: String) -> String {
        text.reduce(into: "") { result, character in
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            default: result.append(character)
            }
        }
    }
}
