import JobQueue

/// The keys of one entry of a schedule.
enum ScheduleKeys {
    /// The words for what becomes of times at which no worker was there.
    enum Missed: String, CaseIterable, Sendable {
        case skip
        case once
        case all
    }

    static let standardLimit = 24

    static let cron = FieldKey("cron", .cron, isRequired: true, "When, in five fields: minute hour day month weekday")
    static let timezone = FieldKey("timezone", .timezone, "Whose clock counts, as Europe/London")
    static let work = FieldKey<RecurringWork.Word>("work", .word, isRequired: true, "What is done")
    static let missed = FieldKey<Missed>("missed", .word, "What becomes of times at which no worker was there")
    static let missedLimit = FieldKey("missed_at_most", .whole(1...1000), "How many of them are run at most")
    static let enabled = FieldKey("enabled", .flag, "Whether it runs")
    static let age = FieldKey("older_than_days", .whole(1...365), "Evidence older than this is taken anew")
    static let kind = FieldKey(
        "kind",
        .pattern("[a-z][a-z0-9_]{0,62}", "a kind such as monthly_report"),
        "Kind of the job"
    )
    static let tenant = FieldKey(
        "tenant",
        .pattern("[a-z0-9][a-z0-9_-]{0,62}", "a tenant's name"),
        "Whose queue the job goes into"
    )
    static let priority = FieldKey("priority", .whole(0...9), "9 goes first")
    static let payload = FieldKey("payload", .payload, "What the job is handed")

    static let entries = [
        cron.entry, timezone.entry, work.entry, missed.entry, missedLimit.entry, enabled.entry, age.entry, kind.entry,
        tenant.entry, priority.entry, payload.entry,
    ]

    /// Keys that mean something to one kind of work only.
    static let belonging: [(key: String, work: RecurringWork.Word)] =
        [(age.name, .evidence)]
        + [kind.name, tenant.name, priority.name, payload.name].map { ($0, .enqueue) }
}

extension FieldKind<CronExpression> {
    static var cron: FieldKind {
        FieldKind(shape: .text) { fields, value, field in
            guard let text = fields.text(value, field: field) else { return nil }
            do throws(CronProblem) {
                return try CronExpression(text)
            } catch {
                fields.reject(value, field: field, error.description)
                return nil
            }
        }
    }
}

extension FieldKind<String> {
    /// Text that a regular expression matches as a whole.
    static func pattern(_ pattern: String, _ title: String) -> FieldKind {
        FieldKind(shape: .pattern(pattern)) { fields, value, field in
            if let text = value.text, text.matches(pattern) { return text }
            fields.reject(value, field: field, "must be \(title)")
            return nil
        }
    }
}

extension FieldKind<[String: RecurringJob.Value]> {
    /// Names with texts, whole numbers or true and false.
    static var payload: FieldKind {
        FieldKind(shape: .table([])) { fields, value, field in
            var payload: [String: RecurringJob.Value] = [:]
            for entry in fields.names(value, field: field) {
                payload[entry.key] = fields.payloadValue(entry.value, field: "\(field).\(entry.key)")
            }
            return payload
        }
    }
}

extension FieldReader {
    fileprivate mutating func payloadValue(_ value: InputValue, field: String) -> RecurringJob.Value? {
        switch value.content {
        case .string(let text): return .text(text)
        case .flag(let flag): return .flag(flag)
        case .plain("true"): return .flag(true)
        case .plain("false"): return .flag(false)
        case .plain(let text), .number(let text):
            if let number = Int(text), String(number) == text { return .number(number) }
            return .text(text)
        case .null, .list, .table:
            reject(value, field: field, "must be text, a whole number, true or false")
            return nil
        }
    }
}
