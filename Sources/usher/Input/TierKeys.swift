import TLSPolicy

/// The keys of one tier of a tier file.
enum TierKeys {
    static let profile = FieldKey("profile", .text, "A named bundle of min_tls, ciphers and tls_1_3")
    static let http2 = FieldKey<Switch>("http2", .word, "Whether HTTP/2 is offered; not managed if left out")
    static let earlyHints = FieldKey<Switch>("early_hints", .word, "Whether 103 answers are sent")
    static let customCertificate = FieldKey<CustomCertificateRule>(
        "custom_certificate",
        .word,
        "Whether a tenant brings its own certificate"
    )
    static let mutualTLS = FieldKey("mtls", .flag, "Whether a tenant may ask for client certificates")
    static let wildcard = FieldKey("wildcard", .wildcard, "What is done about wildcard hostnames")
    static let authority = FieldKey<IssuingAuthority>(
        "certificate_authority",
        .word,
        "Who issues the provider's certificates; the provider's Enterprise plan only"
    )
    static let limits = FieldKey("limits", LimitKeys.kind, "What each tenant may have at once")
    static let weight = FieldKey("weight", .whole(1...100), "Share of the provider's calls while tenants compete")
    static let alerts = FieldKey("alerts", AlertKeys.kind, "When somebody is told of what is to come")
    static let minimumDays = FieldKey(
        "min_certificate_days",
        .whole(TierPolicy.providersMinimumCertificateDays...398),
        "Days that must be left of a tenant's own certificate"
    )

    static let entries =
        [profile.entry] + EdgeKeys.entries + [
            http2.entry, earlyHints.entry, customCertificate.entry, mutualTLS.entry, wildcard.entry, authority.entry,
            limits.entry, weight.entry, alerts.entry, minimumDays.entry,
        ] + OperationKeys.entries
}

/// The keys of a tier's limits.
enum LimitKeys {
    static let hostnames = FieldKey("hostnames", .whole(1...1_000_000), "Hostnames claimed; null is no limit")
    static let pending = FieldKey("pending", .whole(1...1_000_000), "Jobs not yet ended; null is no limit")
    static let running = FieldKey("running", .whole(1...1_000), "Jobs running")

    static let entries = [hostnames.entry, pending.entry, running.entry]

    static let kind = FieldKind<TierLimits>(shape: .table(entries)) { fields, value, field in
        guard let table = fields.table(value, field: field, keys: entries) else { return nil }
        var limits = TierLimits(
            hostnames: fields.read(hostnames, in: table),
            pending: fields.read(pending, in: table)
        )
        if let running = fields.read(running, in: table) { limits.running = running }
        if let most = limits.pending, limits.running > most, let value = table[pending.name] {
            let rule = "below running (\(limits.running)), which counts in it"
            fields.reject(value, field: table.path + pending.name, rule)
        }
        return limits
    }
}

/// The keys of a tier's alerts.
enum AlertKeys {
    static let expiryDays = FieldKey(
        "cert_expiry_days",
        .list(of: .whole(1...398), "a list of days, such as [30, 14, 7, 1]"),
        "Days before a certificate's end"
    )

    /// The days, longest first.
    static let kind = FieldKind<[Int]>(shape: .table([expiryDays.entry])) { fields, value, field in
        guard let table = fields.table(value, field: field, keys: [expiryDays.entry]) else { return nil }
        return fields.read(expiryDays, in: table)?.sorted(by: >)
    }
}

extension FieldKind<WildcardRule> {
    private enum Word: String, CaseIterable {
        case reject
        case directOnly = "direct_only"
    }

    static var wildcard: FieldKind {
        let zoneMinimum = FieldKey<TLSVersion>(
            "require_zone_min",
            .word,
            isRequired: true,
            "The lowest minimum of the zone with which wildcards are taken"
        )
        let table = FieldShape.table([zoneMinimum.entry])
        return FieldKind(shape: .oneOf([FieldKind<Word>.word.shape, table])) { fields, value, field in
            switch value.text.flatMap(Word.init) {
            case .reject: return .reject
            case .directOnly: return .directOnly
            case nil: break
            }
            guard case .table = value.content else {
                fields.reject(value, field: field, "must be reject, direct_only or {require_zone_min: \"1.2\"}")
                return nil
            }
            guard let table = fields.table(value, field: field, keys: [zoneMinimum.entry]) else { return nil }
            return fields.read(zoneMinimum, in: table).map(WildcardRule.requireZoneMinimum)
        }
    }
}
