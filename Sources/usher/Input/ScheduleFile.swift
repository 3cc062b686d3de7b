package import JobQueue

/// The recurring work of a schedule file (`jobs/schedule.yaml`, which explains its keys).
package struct ScheduleFile: Sendable {
    /// The entries without a problem, in file order; meant to be used only if ``problems`` is empty.
    package let entries: [ScheduleEntry]
    package let problems: InputProblems

    /// Reads a YAML file, or standard input for `-`.
    package static func read(_ path: String) -> ScheduleFile { ScheduleFile(ScheduleReader.reading(path)) }

    /// Reads the contents of a file; `file` is the name used in messages.
    package static func parse(_ bytes: [UInt8], file: String) -> ScheduleFile {
        ScheduleFile(ScheduleReader.parsing(bytes, file: file))
    }

    private init(_ reader: ScheduleReader) {
        entries = reader.entries
        problems = reader.fields.problems
    }
}

/// Reads the document of a schedule file.
private struct ScheduleReader: StrictDocument {
    var fields: FieldReader
    private(set) var entries: [ScheduleEntry] = []
    /// The zone of entries that name none.
    private var timezone = "UTC"

    init(file: String) {
        fields = FieldReader(problems: InputProblems(file: file))
    }

    mutating func read(_ root: InputValue) {
        guard let top = fields.table(root, field: "", keys: ["apiVersion", "timezone", "schedule"]) else { return }
        fields.apiVersion(top["apiVersion"], requiredAt: root.place)
        if let zone = fields.read(ScheduleKeys.timezone, in: top) { timezone = zone }
        guard let value = top["schedule"] else {
            fields.problems.report(at: root.place, field: "schedule", "missing; {} is a schedule without entries")
            return
        }
        for entry in fields.names(value, field: "schedule") { readEntry(entry) }
    }

    private mutating func readEntry(_ entry: InputValue.Entry) {
        let before = fields.problems.count
        let field = "schedule.\(entry.key)"
        let name = fields.name(InputValue(content: .string(entry.key), place: entry.keyPlace), field: field)
        guard let table = fields.table(entry.value, field: field, keys: ScheduleKeys.entries) else { return }
        let cron = fields.read(ScheduleKeys.cron, in: table)
        let zone = fields.read(ScheduleKeys.timezone, in: table) ?? timezone
        let work = work(table)
        let missed = missed(table)
        let isEnabled = fields.read(ScheduleKeys.enabled, in: table) ?? true
        guard fields.problems.count == before, let name, let cron, let work else { return }
        entries.append(
            ScheduleEntry(
                name: name,
                work: work,
                cron: cron,
                timezone: zone,
                missed: missed,
                isEnabled: isEnabled
            )
        )
    }

    private mutating func missed(_ table: FieldReader.Table) -> MissedRuns {
        let limit = fields.read(ScheduleKeys.missedLimit, in: table)
        let word = fields.read(ScheduleKeys.missed, in: table) ?? .once
        if let value = table[ScheduleKeys.missedLimit.name], word != .all {
            fields.reject(value, field: table.path + ScheduleKeys.missedLimit.name, "only with missed: all")
        }
        switch word {
        case .skip: return .skip
        case .once: return .once
        case .all: return .all(atMost: limit ?? ScheduleKeys.standardLimit)
        }
    }

    private mutating func work(_ table: FieldReader.Table) -> RecurringWork? {
        guard let word = fields.read(ScheduleKeys.work, in: table) else { return nil }
        for (key, owner) in ScheduleKeys.belonging where owner != word {
            guard let value = table[key] else { continue }
            fields.reject(value, field: table.path + key, "only with work: \(owner.rawValue)")
        }
        switch word {
        case .sweep: return .sweep
        case .retention: return .retention
        case .evidence: return .evidence(olderThanDays: fields.read(ScheduleKeys.age, in: table) ?? 7)
        case .enqueue:
            for key in [ScheduleKeys.kind.name, ScheduleKeys.tenant.name] where table[key] == nil {
                fields.problems.report(at: table.place, field: table.path + key, "missing")
            }
            guard let kind = fields.read(ScheduleKeys.kind, in: table),
                let tenant = fields.read(ScheduleKeys.tenant, in: table)
            else { return nil }
            let priority = fields.read(ScheduleKeys.priority, in: table) ?? 0
            let payload = fields.read(ScheduleKeys.payload, in: table) ?? [:]
            return .enqueue(RecurringJob(kind: kind, tenant: tenant, priority: priority, payload: payload))
        }
    }
}
