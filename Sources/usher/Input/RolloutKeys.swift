import TLSPolicy

/// The keys of a rollout.
enum RolloutKeys {
    static let steps = FieldKey(
        "steps",
        .list(of: .rolloutStep, "a list of steps, such as [25, 10%, 100%]", atLeast: 1),
        isRequired: true,
        "Up to how many hostnames, or what share, each step goes; the last is 100%"
    )
    static let soak = FieldKey("soak_minutes", .whole(0...10_080), "Minutes that each step is watched")
    static let haltOn = FieldKey("halt_on", HaltKeys.kind, "When a rollout stops by itself")
    static let onHalt = FieldKey<RolloutSteps.HaltAction>("on_halt", .word, "What happens to one that stopped")

    static let entries = [steps.entry, soak.entry, haltOn.entry, onHalt.entry]

    static let kind = FieldKind<RolloutSteps>(shape: .table(entries)) { fields, value, field in
        guard let table = fields.table(value, field: field, keys: entries) else { return nil }
        let found = fields.read(steps, in: table) ?? []
        if let value = table[steps.name] { check(found, value, &fields, table.path + steps.name) }
        var rollout = RolloutSteps(steps: found)
        if let minutes = fields.read(soak, in: table) { rollout.soakMinutes = minutes }
        let halt = fields.read(haltOn, in: table)
        if let action = fields.read(onHalt, in: table) { rollout.onHalt = action }
        rollout.haltOn = (halt ?? HaltKeys.Given()).completed(for: found.first)
        if case .hostnames(let canary) = found.first, rollout.haltOn.minimumSample > canary,
            let value = table[haltOn.name]
        {
            let rule = "min_sample is above the first step (\(canary)), which could then not halt; lower it"
            fields.reject(value, field: table.path + haltOn.name, rule)
        }
        return rollout
    }

    /// Each step goes further than the one before, and the last to the end.
    private static func check(
        _ steps: [RolloutSteps.Step],
        _ value: InputValue,
        _ fields: inout FieldReader,
        _ field: String
    ) {
        // Of a list with a value that was reported the order says nothing.
        guard case .list(let items) = value.content, items.count == steps.count, let last = steps.last else { return }
        for (place, step) in steps.enumerated().dropFirst() {
            let before = steps[place - 1]
            if step.follows(before) || steps[..<place].contains(step) { continue }
            let rule =
                if case (.percent, .hostnames) = (before, step) {
                    "a number of hostnames cannot follow a percentage (\(before)); put numbers first"
                } else {
                    "not above the step before (\(before)); steps must rise"
                }
            fields.reject(items[place], field: field, rule)
        }
        if last != .percent(100), let item = items.last {
            fields.reject(item, field: field, "the last step must be 100%, else some hostnames never follow")
        }
    }
}

/// The keys of the rule that halts a rollout.
enum HaltKeys {
    static let failed = FieldKey("failed", .percentage(from: 1), "Share of the hostnames touched that failed")
    static let handshakes = FieldKey(
        "handshake_failed",
        .whole(1...1_000_000),
        "Hostnames that no longer shake hands"
    )
    static let sample = FieldKey("min_sample", .whole(1...1_000_000), "Hostnames touched before a share counts")

    static let entries = [failed.entry, handshakes.entry, sample.entry]

    /// What a file says; the rest depends on the steps.
    struct Given: Sendable {
        var failedPercent: Int?
        var failedHandshakes: Int?
        var minimumSample: Int?

        /// A sample that is not given is never above the first step, which could then not halt.
        func completed(for canary: RolloutSteps.Step?) -> RolloutSteps.Halt {
            var halt = RolloutSteps.Halt()
            if case .hostnames(let count) = canary { halt.minimumSample = min(halt.minimumSample, count) }
            if let failedPercent { halt.failedPercent = failedPercent }
            if let failedHandshakes { halt.failedHandshakes = failedHandshakes }
            if let minimumSample { halt.minimumSample = minimumSample }
            return halt
        }
    }

    static let kind = FieldKind<Given>(shape: .table(entries)) { fields, value, field in
        guard let table = fields.table(value, field: field, keys: entries) else { return nil }
        return Given(
            failedPercent: fields.read(failed, in: table),
            failedHandshakes: fields.read(handshakes, in: table),
            minimumSample: fields.read(sample, in: table)
        )
    }
}

extension FieldKind<RolloutSteps.Step> {
    static var rolloutStep: FieldKind {
        let count = FieldKind<Int>.whole(1...1_000_000)
        let percent = FieldKind<Int>.percentage(from: 1)
        return FieldKind(shape: .oneOf([count.shape, percent.shape])) { fields, value, field in
            if let text = value.text, text.hasSuffix("%") {
                return percent.read(&fields, value, field).map(RolloutSteps.Step.percent)
            }
            return count.read(&fields, value, field).map(RolloutSteps.Step.hostnames)
        }
    }
}
