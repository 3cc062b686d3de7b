// The script's JSON form, as another process sends it:
//
//     {"seed": 7, "rules": [
//         {"fault": "throttled", "retry_after": "seconds", "seconds": 3, "operations": ["create"], "next": 5},
//         {"fault": "reply_lost", "operations": ["create", "edit"], "probability": 0.05, "until_seconds": 600}]}
//
// Faults with a measure take it as `seconds`, as `value` (status, bytes, text or address) or as `key`.
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
        let name = script["fault"]?.string ?? "(none)"
        if let plain = Self.plain[name] {
            self = plain
        } else if name == "throttled" {
            self = .throttled(try RetryAfter(script: script))
        } else if let fault = Self.measured(name, script) {
            self = fault
        } else {
            throw .init(description: "fault: unknown fault \(name)")
        }
    }

    /// Faults without a measure of their own.
    private static let plain: [String: Fault] = Dictionary(
        uniqueKeysWithValues: [
            Fault.internalError, .forbidden, .badGateway, .notModifiable, .closedBeforeCommit, .connectionReset,
            .replyLost, .truncated, .extraFields, .nulls, .otherMessages,
        ].map { ($0.name, $0) }
    )

    private static func measured(_ name: String, _ script: APIValue) -> Fault? {
        let (seconds, value) = (script["seconds"]?.number ?? 5, script["value"])
        return switch name {
        case "gateway": .gateway(status: value?.integer ?? 503)
        case "redirect": .redirect(value?.string ?? "http://127.0.0.1:9/elsewhere")
        case "slow": .slow(seconds: seconds)
        case "slow_body": .slowBody(seconds: seconds)
        case "huge": .huge(bytes: value?.integer ?? 64 << 20)
        case "success_status": .successStatus(value?.integer ?? 204)
        case "unknown_status": .unknownStatus(value?.string ?? "status_of_tomorrow")
        case "ignored_setting": .ignoredSetting(script["key"]?.string ?? "min_tls_version")
        case "stale_reads": .staleReads(seconds: seconds)
        default: nil
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
