import Foundation
import TLSPolicy

/// The keys that a tier and a whole tier file have in common: how one promise becomes another.
enum OperationKeys {
    static let downgrade = FieldKey("downgrade", DowngradeKeys.kind, "What a tenant keeps on moving to this tier")
    static let rollout = FieldKey("rollout", RolloutKeys.kind, "How a new revision is moved over the hostnames")
    static let guards = FieldKey("guards", GuardKeys.kind, "How much one order may do to all hostnames")
    static let windows = FieldKey("windows", WindowKeys.listKind, "When such work may be done; [] is at any time")

    static let entries = [downgrade.entry, rollout.entry, guards.entry, windows.entry]
}

/// The keys of a downgrade plan.
enum DowngradeKeys {
    static let grace = FieldKey("grace_days", .whole(0...365), "Days from the move until anything ends")
    static let notices = FieldKey(
        "notify_days",
        .list(of: .whole(0...365), "a list of days, such as [0, 7, 13]"),
        "Days after the move at which the tenant is told"
    )
    static let certificate = FieldKey<DowngradePlan.CertificateEnd>(
        "custom_certificate",
        .word,
        "What becomes of a tenant's own certificate"
    )
    static let mutualTLS = FieldKey<DowngradePlan.CapabilityEnd>(
        "mtls",
        .word,
        "What becomes of client certificates, which are never silently off"
    )
    static let minimumTLS = FieldKey<DowngradePlan.SettingEnd>("min_tls", .word, "What becomes of a higher minimum")
    static let ciphers = FieldKey<DowngradePlan.SettingEnd>("ciphers", .word, "What becomes of a narrower list")
    static let wildcard = FieldKey<DowngradePlan.CapabilityEnd>("wildcard", .word, "What becomes of a wildcard")

    static let entries = [
        grace.entry, notices.entry, certificate.entry, mutualTLS.entry, minimumTLS.entry, ciphers.entry,
        wildcard.entry,
    ]

    static let kind = FieldKind<DowngradePlan>(shape: .table(entries)) { fields, value, field in
        guard let table = fields.table(value, field: field, keys: entries) else { return nil }
        let plan = DowngradePlan(
            graceDays: fields.read(grace, in: table) ?? DowngradePlan.standardGraceDays,
            notifyDays: fields.read(notices, in: table)?.sorted() ?? [],
            customCertificate: fields.read(certificate, in: table) ?? .keep,
            mutualTLS: fields.read(mutualTLS, in: table) ?? .keep,
            minimumTLS: fields.read(minimumTLS, in: table) ?? .keep,
            ciphers: fields.read(ciphers, in: table) ?? .keep,
            wildcard: fields.read(wildcard, in: table) ?? .keep
        )
        if let late = plan.notifyDays.last, late > plan.graceDays, let value = table[notices.name] {
            let rule = "day \(late) is beyond the grace of \(plan.graceDays) days, when all is over"
            fields.reject(value, field: table.path + notices.name, rule)
        }
        return plan
    }
}

/// The keys of the guards.
enum GuardKeys {
    static let change = FieldKey("max_change", .percentage(from: 0), "Share of all hostnames that may be changed")
    static let delete = FieldKey("max_delete", .percentage(from: 0), "Share of all hostnames that may be deleted")
    static let population = FieldKey(
        "min_population",
        .whole(1...1_000_000),
        "Below so many hostnames a share says nothing"
    )

    static let entries = [change.entry, delete.entry, population.entry]

    static let kind = FieldKind<Guards>(shape: .table(entries)) { fields, value, field in
        guard let table = fields.table(value, field: field, keys: entries) else { return nil }
        var guards = Guards()
        if let percent = fields.read(change, in: table) { guards.maximumChangePercent = percent }
        if let percent = fields.read(delete, in: table) { guards.maximumDeletePercent = percent }
        if let least = fields.read(population, in: table) { guards.minimumPopulation = least }
        return guards
    }
}

/// The keys of one maintenance window.
enum WindowKeys {
    static let days = FieldKey<[MaintenanceWindow.Weekday]>(
        "days",
        .list(of: .word, "a list of days, such as [mon, tue]", atLeast: 1),
        isRequired: true,
        "The days it begins on"
    )
    static let start = FieldKey("start", .timeOfDay, isRequired: true, "When it begins, as hh:mm")
    static let duration = FieldKey("duration_minutes", .whole(1...1440), isRequired: true, "How long it is open")
    static let timezone = FieldKey("timezone", .timezone, isRequired: true, "Whose clock counts, as Europe/London")
    static let work = FieldKey<[MaintenanceWindow.Work]>(
        "applies_to",
        .list(of: .word, "a list of kinds of work", atLeast: 1),
        "The work it is for; all of it if left out"
    )

    static let entries = [days.entry, start.entry, duration.entry, timezone.entry, work.entry]

    /// A window; days and kinds of work in one order, whatever the file's.
    static let kind = FieldKind<MaintenanceWindow>(shape: .table(entries)) { fields, value, field in
        guard let table = fields.table(value, field: field, keys: entries) else { return nil }
        let days = fields.read(days, in: table)
        let start = fields.read(start, in: table)
        let duration = fields.read(duration, in: table)
        let timezone = fields.read(timezone, in: table)
        let work = fields.read(work, in: table) ?? MaintenanceWindow.Work.allCases
        guard let days, let start, let duration, let timezone else { return nil }
        return MaintenanceWindow(
            days: MaintenanceWindow.Weekday.allCases.filter(days.contains),
            start: start,
            durationMinutes: duration,
            timezone: timezone,
            appliesTo: MaintenanceWindow.Work.allCases.filter(work.contains)
        )
    }

    /// The windows in one order, whatever the file's; two that overlap are one that was not meant.
    static let listKind = FieldKind<[MaintenanceWindow]>(shape: .list(kind.shape)) { fields, value, field in
        guard case .list(let items) = value.content else {
            fields.reject(value, field: field, "must be a list of windows")
            return nil
        }
        var windows: [MaintenanceWindow] = []
        for item in items {
            guard let window = kind.read(&fields, item, field) else { continue }
            if windows.contains(window) {
                fields.reject(item, field: field, "given twice")
            } else if let other = windows.first(where: window.overlaps) {
                fields.reject(item, field: field, "overlaps \(other); make them one")
            }
            windows.append(window)
        }
        return windows.sorted { $0.description < $1.description }
    }
}

extension FieldKind<MaintenanceWindow.TimeOfDay> {
    static var timeOfDay: FieldKind {
        let pattern = "([01][0-9]|2[0-3]):[0-5][0-9]"
        return FieldKind(shape: .pattern(pattern)) { fields, value, field in
            if let text = value.text, text.matches(pattern) { return MaintenanceWindow.TimeOfDay(text) }
            fields.reject(value, field: field, "must be a time from 00:00 to 23:59")
            return nil
        }
    }
}

extension FieldKind<String> {
    /// A name of the IANA time zone database, older names included; offsets and abbreviations, which know nothing of
    /// summer time, have no slash.
    static var timezone: FieldKind {
        FieldKind(shape: .text) { fields, value, field in
            guard let name = fields.text(value, field: field) else { return nil }
            if name == "UTC" || (name.contains("/") && TimeZone(identifier: name) != nil) { return name }
            let near = suggestion(for: name, among: TimeZone.knownTimeZoneIdentifiers).map { "did you mean \($0)?" }
            fields.reject(value, field: field, "unknown time zone; " + (near ?? "name one as Europe/London, or UTC"))
            return nil
        }
    }
}
