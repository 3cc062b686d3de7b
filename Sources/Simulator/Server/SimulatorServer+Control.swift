extension SimulatorServer {
    /// Answers a call that steers the simulator from another process.
    ///
    ///     GET  /simulator/state
    ///     GET  /simulator/root        the root certificate of the edge's own certificates
    ///     GET  /simulator/requests?operation=create&hostname=a.b.com&limit=100
    ///     POST /simulator/faults      a fault script
    ///     POST /simulator/dns         {"hostname": "a.b.com", "fixture": "points_here", "after_seconds": 5}
    ///                                 or a file of fixtures: {"standard": …, "hostnames": …}
    ///     POST /simulator/edit        {"hostname": "a.b.com", "settings": {"min_tls_version": "1.2"}}
    ///     POST /simulator/hand        {"hostname": "a.b.com", "action": "delete"}: delete, move, block or refresh
    ///     POST /simulator/limits      {"second_writer": 0.3}
    ///     POST /simulator/semantics   {"absent_text": "omitted", "settings": "merged"}: switches by name
    ///     POST /simulator/clock/step  {"seconds": 60}
    ///     POST /simulator/save        to the file the simulator was started with
    func control(_ call: APIRequest) -> APIAnswer {
        let body = APIValue(parsing: call.body) ?? .null
        return switch (call.method, call.path) {
        case ("GET", "/simulator/state"): .plain(state)
        case ("GET", "/simulator/root"): .plain(["pem": .stringOrEmpty(try? rootPEM)])
        case ("GET", "/simulator/requests"): .plain(requests(call.query))
        case ("POST", "/simulator/faults"): setFaults(script: body)
        case ("POST", "/simulator/dns"): setDNS(body)
        case ("POST", "/simulator/edit"): edit(body)
        case ("POST", "/simulator/hand"): apply(hand: body)
        case ("POST", "/simulator/limits"): setLimits(body)
        case ("POST", "/simulator/semantics"): setSemantics(body)
        case ("POST", "/simulator/clock/step"): step(body)
        case ("POST", "/simulator/save"): save()
        default: .plain(["error": .string("no such control: \(call.method) \(call.path)")], status: 404)
        }
    }

    private var state: APIValue {
        withSimulation { simulation, now in
            let zone = simulation.zone.advanced(to: now)
            let counters = zone.counters
            return [
                "now": .string(now.rfc3339),
                "zone": .string(zone.id),
                "plan": .string(zone.plan.rawValue),
                "counters": [
                    "equal_patches": .integer(counters.equalPatches),
                    "validation_restarts": .integer(counters.validationRestarts),
                    "migrations_to_managed": .integer(counters.migrationsToManaged),
                ],
                "hostnames": .array(zone.hostnames.all.map { zone.wire($0, now: now) }),
            ]
        }
    }

    private func requests(_ query: [String: String]) -> APIValue {
        let log = requests
        let (operation, hostname) = (query["operation"].flatMap(APIOperation.init(rawValue:)), query["hostname"])
        let matches = log.entries.filter { entry in
            (operation == nil || entry.operation == operation) && (hostname == nil || entry.hostname == hostname)
        }
        let shown = matches.suffix(query["limit"].flatMap(Int.init).map { max(0, $0) } ?? 1_000)
        let totals = log.totals.map { ($0.key.rawValue, APIValue.integer($0.value)) }
        let statuses = log.statuses.map { (String($0.key), APIValue.integer($0.value)) }
        return [
            "total": .integer(log.total),
            "totals": .object(Dictionary(uniqueKeysWithValues: totals)),
            "statuses": .object(Dictionary(uniqueKeysWithValues: statuses)),
            "matches": .integer(matches.count),
            "requests": .array(shown.map(\.wire)),
        ]
    }

    private func setFaults(script: APIValue) -> APIAnswer {
        do throws(FaultPlan.ScriptError) {
            let plan = try FaultPlan(script: script, now: clock.now)
            setFaults(plan)
            return .plain(["rules": .integer(plan.rules.count)])
        } catch {
            return .misused(error.description)
        }
    }

    private func setDNS(_ body: APIValue) -> APIAnswer {
        do throws(DNSScriptError) {
            if body["standard"] != nil || body["hostnames"] != nil {
                setDNS(try DNSTable(script: body))
            } else if let hostname = body["hostname"]?.string {
                setDNS(try DNSFixture(script: body, at: hostname), of: hostname)
            } else {
                let standard = try DNSFixture(script: body, at: "standard")
                setDNS(DNSTable(standard: standard, exceptions: snapshot().dns.exceptions))
            }
            return .plain(["set": true])
        } catch {
            return .misused(error.description)
        }
    }

    private func edit(_ body: APIValue) -> APIAnswer {
        do throws(APIRefusal) {
            let settings = try HostnameSettings.parse(body["settings"] ?? [:])
            guard edit(body["hostname"]?.string ?? "", settings) else { throw .notFound }
            return .plain(["edited": true])
        } catch {
            return .misused(error.message)
        }
    }

    private func apply(hand body: APIValue) -> APIAnswer {
        guard let hand = body["action"]?.string.flatMap(SimulatedZone.Hand.init(rawValue:)) else {
            let actions = SimulatedZone.Hand.allCases.map(\.rawValue).joined(separator: ", ")
            return .misused("action: one of \(actions) is needed")
        }
        let isFound = apply(hand, to: body["hostname"]?.string ?? "")
        return isFound ? .plain(["done": .string(hand.rawValue)]) : .misused(APIRefusal.notFound.message)
    }

    private func setLimits(_ body: APIValue) -> APIAnswer {
        guard let share = body["second_writer"]?.number, (0...1).contains(share) else {
            return .misused("second_writer: a share from 0 to 1 is needed")
        }
        withSimulation { simulation, _ in simulation.limits.configuration.foreignShare = share }
        return .plain(["second_writer": .number(share)])
    }

    private func setSemantics(_ body: APIValue) -> APIAnswer {
        let semantics = withSimulation { simulation, _ in
            let changed = ProviderSemantics(script: body, over: simulation.zone.semantics)
            if let changed { simulation.zone.semantics = changed }
            return changed
        }
        return semantics == nil
            ? .misused("switches by name are needed, each with one of its values") : .plain(["set": true])
    }

    private func step(_ body: APIValue) -> APIAnswer {
        guard let seconds = body["seconds"]?.number, seconds >= 0 else {
            return .misused("seconds: a number that is not negative is needed")
        }
        clock.step(seconds: seconds)
        return .plain(["now": .string(clock.now.rfc3339)])
    }

    private func save() -> APIAnswer {
        guard let stateFile else { return .misused("the simulator was started without --state") }
        do {
            try savedState.write(to: stateFile)
            return .plain(["saved": .string(stateFile)])
        } catch {
            return .misused("\(stateFile): \(error)")
        }
    }
}

extension APIAnswer {
    fileprivate static func plain(_ value: APIValue, status: Int = 200) -> APIAnswer {
        APIAnswer(status: status, body: .json(value))
    }

    fileprivate static func misused(_ reason: String) -> APIAnswer {
        .plain(["error": .string(reason)], status: 400)
    }
}
