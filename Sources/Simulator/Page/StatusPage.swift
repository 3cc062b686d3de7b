/// The page at `/`, which shows a person the zone at a glance and needs no script.
struct StatusPage {
    let zone: SimulatedZone
    let log: RequestLog
    let now: VirtualInstant
    let limits: [LimitView]
    let faults: FaultPlan
    let notifications: Notifications
    /// Seconds after which the browser loads the page again; `nil` leaves that to the reader.
    let refreshSeconds: Int?
    private static let shownHostnames = 500
    private static let shownRequests = 50

    init(_ simulation: Simulation, now: VirtualInstant, refreshSeconds: Int? = nil) {
        self.zone = simulation.zone.advanced(to: now)
        self.log = simulation.log
        self.now = now
        self.limits = LimitView.all(of: simulation, now: now)
        self.faults = simulation.faults
        self.notifications = simulation.notifications
        self.refreshSeconds = refreshSeconds
    }

    var html: String {
        let refresh = refreshSeconds.map { "<meta http-equiv=\"refresh\" content=\"\($0)\">" } ?? ""
        return """
            <!DOCTYPE html>
            <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
            <meta name="color-scheme" content="light dark">\(refresh)
            <title>Simulated provider</title><style>\(Self.style)</style></head><body>
            <header><h1>Simulated provider</h1><p>\(subtitle)</p></header>
            <main>
            <section class="tiles">\(tiles)</section>
            <div class="columns">
            <section><h2>Limits</h2>\(limitList)</section>
            <section><h2>Zone settings</h2>\(zoneList)</section>
            <section><h2>Faults</h2>\(faultList)</section>
            </div>
            <section><h2>Hostnames <small>\(hostnameCaption)</small></h2>\(hostnameTable)</section>
            <section><h2>Last requests <small>of \(log.total)</small></h2>\(requestTable)</section>
            </main></body></html>
            """
    }

    private var subtitle: String {
        let links = refreshSeconds == nil ? "<a href=\"/?refresh=5\">keep fresh</a>" : "<a href=\"/\">hold still</a>"
        return "zone <code>\(escaped(zone.id))</code> · plan \(zone.plan.rawValue) · virtual time "
            + "<time>\(escaped(String(now.rfc3339.prefix(19)).replacing("T", with: " ")))</time> UTC · " + links
    }
}

// MARK: - Sections

extension StatusPage {
    private var tiles: String {
        let counters = zone.counters
        let ready = zone.hostnames.all.count(where: \.isReady)
        return [
            tile(zone.hostnames.count, "hostnames", "\(grouped(zone.quota.allocated)) included"),
            tile(ready, "ready", "active, and served at the edge"),
            tile(log.total, "requests", "\(grouped(log.statuses[429] ?? 0)) answered with 429"),
            tile(counters.equalPatches, "equal edits", "\(counters.validationRestarts) restarted a validation"),
            tile(counters.migrationsToManaged, "uploads lost", "to edits that did not bring them"),
            tile(notifications.delivered, "webhooks sent", notifications.lastTrouble ?? "none failed"),
        ]
        .joined()
    }

    private func tile(_ figure: Int, _ name: String, _ note: String) -> String {
        let note = escaped(String(note.prefix(80)))
        return "<div class=\"tile\"><b>\(grouped(figure))</b><span>\(name)</span><small>\(note)</small></div>"
    }

    /// Thousands apart, so that 50,000 is not taken for 500,000.
    private func grouped(_ number: Int) -> String {
        let digits = Array(String(number).reversed())
        let groups = stride(from: 0, to: digits.count, by: 3).map { String(digits[$0..<min($0 + 3, digits.count)]) }
        return String(groups.joined(separator: ",").reversed())
    }

    private var limitList: String {
        limits.map { limit in
            "<div class=\"limit\"><span>\(escaped(limit.name))</span><span>\(escaped(limit.text))</span>"
                + "<meter min=\"0\" max=\"1\" low=\"0.2\" optimum=\"1\" value=\"\(limit.left)\"></meter></div>"
        }
        .joined(separator: "\n")
    }

    private var zoneList: String {
        list([
            ("minimum TLS", zone.settings.minimumTLS),
            ("TLS 1.3", zone.settings.tls13),
            (
                "ciphers",
                zone.settings.ciphers.isEmpty ? "provider's default" : zone.settings.ciphers.joined(separator: " ")
            ),
            ("fallback origin", zone.fallbackOrigin?.name ?? "none: nothing becomes active"),
            ("delegation id", zone.delegationID),
            ("hard cap", "\(grouped(zone.quota.hardCap)) hostnames"),
        ])
    }

    private var faultList: String {
        guard !faults.rules.isEmpty else { return "<p class=\"quiet\">none: every call goes as documented</p>" }
        return list(faults.rules.map { ($0.fault.name, $0.words) })
    }

    private func list(_ facts: [(String, String)]) -> String {
        "<dl>" + facts.map { "<dt>\(escaped($0.0))</dt><dd>\(escaped($0.1))</dd>" }.joined() + "</dl>"
    }

    private var hostnameCaption: String {
        let count = zone.hostnames.count
        return count > Self.shownHostnames ? "the newest \(Self.shownHostnames) of \(count)" : "\(count)"
    }

    private var hostnameTable: String {
        let rows = zone.hostnames.all.suffix(Self.shownHostnames).reversed().map { hostname in
            let certificate = hostname.certificate
            return [
                "<b>\(escaped(hostname.name))</b>",
                badge(hostname.status.rawValue),
                badge(certificate?.status.rawValue ?? "none"),
                escaped(certificate?.sourceWords ?? ""),
                settings(certificate?.configuration.settings),
                escaped(hostname.dns.fixture.words),
            ]
        }
        return table(
            ["hostname", "status", "certificate", "from", "settings", "tenant's DNS"],
            rows,
            empty: "none yet"
        )
    }

    private func settings(_ settings: HostnameSettings?) -> String {
        guard let settings else { return "" }
        let pairs = (settings.wire.object ?? [:]).sorted { $0.key < $1.key }
        guard !pairs.isEmpty else { return "<span class=\"quiet\">zone's</span>" }
        return pairs.map { key, value in
            let text = value.string ?? "\(value.array?.count ?? 0) suites"
            let names = (value.strings ?? []).joined(separator: " ")
            return "<code title=\"\(escaped(names))\">\(escaped(key)) \(escaped(text))</code>"
        }
        .joined(separator: " · ")
    }

    private var requestTable: String {
        let rows = log.entries.suffix(Self.shownRequests).reversed().map { entry in
            [
                "\(entry.number)",
                "<time>\(escaped(String(entry.at.rfc3339.dropFirst(11).prefix(12))))</time>",
                "\(escaped(entry.method)) \(escaped(entry.operation.rawValue))",
                escaped(entry.hostname ?? ""),
                answer(entry),
                escaped(entry.fault?.name ?? (entry.isEqualPatch ? "equal edit" : "")),
                "<code>\(escaped(entry.ray))</code>",
            ]
        }
        return table(["#", "time", "call", "hostname", "answer", "special", "cf-ray"], rows, empty: "none yet")
    }

    private func answer(_ entry: RequestLog.Entry) -> String {
        guard let status = entry.status else { return "<span class=\"badge bad\">no answer</span>" }
        let tone = status < 300 ? "good" : status < 500 ? "wait" : "bad"
        let code = entry.code.map { " · \($0)" } ?? ""
        return "<span class=\"badge \(tone)\">\(status)\(code)</span>"
    }

    private func badge(_ status: String) -> String {
        let tone =
            switch status {
            case "active", "active_redeploying": "good"
            case "moved", "blocked", "deleted", "expired", "none": "bad"
            default: status.hasSuffix("timed_out") ? "bad" : "wait"
            }
        return "<span class=\"badge \(tone)\">\(escaped(status))</span>"
    }

    private func table(_ heads: [String], _ rows: [[String]], empty: String) -> String {
        guard !rows.isEmpty else { return "<p class=\"quiet\">\(empty)</p>" }
        let head = heads.map { "<th scope=\"col\">\($0)</th>" }.joined()
        let body = rows.map { "<tr>" + $0.map { "<td>\($0)</td>" }.joined() + "</tr>" }
        return "<div class=\"scroll\"><table><thead><tr>\(head)</tr></thead><tbody>\n"
            + body.joined(separator: "\n") + "\n</tbody></table></div>"
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
