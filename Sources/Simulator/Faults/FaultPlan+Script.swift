// The script's JSON form, as another process sends it:
//
//     {"seed": 7, "rules": [
//         {"fault": "throttled", "retry_after": "seconds", "seconds": 3, "operations": ["create"], "next": 5},
//         {"fault": "reply_lost", "operations": ["create", "edit"], "probability": 0.05, "until_seconds": 600}]}
//
// `from_seconds` and `until_seconds` count virtual seconds from the moment the script is set.

extension FaultPlan {
    /// Why a script cannot be used; the text names the rule and the key.
    package struct ScriptError: Error, Hashable, Sendable, CustomStringConvertible {
        package let description: String
    }

    /// Reads a script.
    package init(script: APIValue, now: VirtualInstant) throws(ScriptError) {
        guard script.object != nil else { throw ScriptError(description: "a fault script is an object") }
        let seed = UInt64(exactly: script["seed"]?.number ?? 0) ?? 0
        var rules: [Rule] = []
        for (index, rule) in (script["rules"]?.array ?? []).enumerated() {
            do {
                rules.append(try Rule(script: rule, now: now))
            } catch {
                throw ScriptError(description: "rules[\(index)]: \(error.description)")
            }
        }
        self.init(seed: seed, rules: rules)
    }
}

extension FaultPlan.Rule {
    fileprivate init(script: APIValue, now: VirtualInstant) throws(FaultPlan.ScriptError) {
        var operations: Set<APIOperation> = []
        for name in script["operations"]?.array ?? [] {
            guard let operation = name.string.flatMap(APIOperation.init(rawValue:)) else {
                throw .init(description: "operations: unknown operation \(name.text)")
            }
            operations.insert(operation)
        }
        self.init(
            try Fault(script: script),
            try FaultPlan.Trigger(script: script, now: now),
            operations: operations,
            hostname: script["hostname"]?.string
        )
    }
}

extension FaultPlan.Trigger {
    fileprivate init(script: APIValue, now: VirtualInstant) throws(FaultPlan.ScriptError) {
        if let count = script["next"]?.integer {
            self = .next(count)
        } else if let ordinal = script["nth"]?.integer {
            self = .nth(ordinal)
        } else if let probability = script["probability"]?.number {
            self = .probability(
                probability,
                from: script["from_seconds"]?.number.map(now.adding(seconds:)),
                until: script["until_seconds"]?.number.map(now.adding(seconds:))
            )
        } else {
            throw .init(description: "one of next, nth and probability is needed")
        }
    }
}

extension Fault {
    fileprivate init(script: APIValue) throws(FaultPlan.ScriptError) {
        let seconds = script["seconds"]?.number
        switch script["fault"]?.string {
        case "throttled": self = .throttled(try RetryAfter(script: script))
        case "internal_error": self = .internalError
        case "bad_gateway": self = .badGateway
        case "not_modifiable": self = .notModifiable
        case "closed_before_commit": self = .closedBeforeCommit
        case "reply_lost": self = .replyLost
        case "slow": self = .slow(seconds: seconds ?? 5)
        case "stale_reads": self = .staleReads(seconds: seconds ?? 5)
        case "unknown_status": self = .unknownStatus(script["value"]?.string ?? "status_of_tomorrow")
        case "ignored_setting": self = .ignoredSetting(script["key"]?.string ?? "min_tls_version")
        case let name: throw .init(description: "fault: unknown fault \(name ?? "(none)")")
        }
    }
}

extension Fault.RetryAfter {
    fileprivate init(script: APIValue) throws(FaultPlan.ScriptError) {
        let seconds = script["seconds"]?.integer ?? 1
        switch script["retry_after"]?.string {
        case nil, "absent": self = .absent
        case "seconds": self = .seconds(seconds)
        case "date": self = .date(inSeconds: seconds)
        case let form?: throw .init(description: "retry_after: \(form) is none of absent, seconds, date")
        }
    }
}
