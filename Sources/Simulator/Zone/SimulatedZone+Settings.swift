/// A zone setting that custom hostnames inherit.
enum ZoneSetting: String {
    case minimumTLS = "min_tls_version"
    case ciphers
    case tls13 = "tls_1_3"
}

extension SimulatedZone {
    /// GET settings/{name}.
    package func setting(_ name: String) -> APIAnswer {
        guard let setting = ZoneSetting(rawValue: name) else { return .refusal(.noRoute("settings/\(name)")) }
        return .success(wire(setting))
    }

    /// PATCH settings/{name} with `{"value": …}`.
    package mutating func editSetting(_ name: String, _ body: APIValue?, now: VirtualInstant) -> APIAnswer {
        .of { () throws(APIRefusal) in
            guard let setting = ZoneSetting(rawValue: name) else { throw .noRoute("settings/\(name)") }
            guard let body, body.object != nil else { throw .undecodable }
            switch setting {
            case .minimumTLS: settings.minimumTLS = try value(body, setting, of: ["1.0", "1.1", "1.2", "1.3"])
            case .tls13: settings.tls13 = try value(body, setting, of: ["on", "off"])
            case .ciphers:
                guard semantics.hasAdvancedCertificates else { throw .advancedCertificatesNeeded }
                guard let names = body["value"]?.strings, SettableCiphers.areAll(names) else {
                    throw .badZoneSetting(name)
                }
                settings.ciphers = names
            }
            settingsModified[name] = now
            return .success(wire(setting))
        }
    }

    private func value(
        _ body: APIValue,
        _ setting: ZoneSetting,
        of allowed: Set<String>
    ) throws(APIRefusal) -> String {
        guard let value = body["value"]?.string, allowed.contains(value) else {
            throw .badZoneSetting(setting.rawValue)
        }
        return value
    }

    private func wire(_ setting: ZoneSetting) -> APIValue {
        let value: APIValue =
            switch setting {
            case .minimumTLS: .string(settings.minimumTLS)
            case .ciphers: .array(settings.ciphers.map(APIValue.string))
            case .tls13: .string(settings.tls13)
            }
        return [
            "id": .string(setting.rawValue),
            "value": value,
            "editable": true,
            "modified_on": settingsModified[setting.rawValue].map { .string($0.rfc3339) } ?? .null,
        ]
    }
}

// MARK: - Fallback origin

extension SimulatedZone {
    /// GET custom_hostnames/fallback_origin.
    package func fallbackOriginAnswer(now: VirtualInstant) -> APIAnswer {
        guard let fallbackOrigin else { return .refusal(.noFallbackOrigin) }
        let isActive = now.seconds(since: fallbackOrigin.updatedAt) >= timings.fallbackOrigin
        return .success(wire(fallbackOrigin, status: isActive ? "active" : "initializing"))
    }

    /// PUT custom_hostnames/fallback_origin with `{"origin": …}`.
    package mutating func putFallbackOrigin(_ body: APIValue?, now: VirtualInstant) -> APIAnswer {
        guard let name = body?["origin"]?.string, !name.isEmpty else { return .refusal(.badOrigin) }
        advance(to: now)
        let created = fallbackOrigin?.createdAt ?? now
        fallbackOrigin = FallbackOrigin(name: name, createdAt: created, updatedAt: now)
        return fallbackOriginAnswer(now: now)
    }

    /// DELETE custom_hostnames/fallback_origin; from then on no further hostname becomes active.
    package mutating func deleteFallbackOrigin(now: VirtualInstant) -> APIAnswer {
        guard let removed = fallbackOrigin else { return .refusal(.noFallbackOrigin) }
        advance(to: now)
        fallbackOrigin = nil
        return .success(wire(removed, status: "pending_deletion"))
    }

    private func wire(_ origin: FallbackOrigin, status: String) -> APIValue {
        [
            "origin": .string(origin.name),
            "status": .string(status),
            "errors": [],
            "created_at": .string(origin.createdAt.rfc3339),
            "updated_at": .string(origin.updatedAt.rfc3339),
        ]
    }
}
