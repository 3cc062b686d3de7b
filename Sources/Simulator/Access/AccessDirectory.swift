/// Access as far as it has to do with client certificates: authorities, their hostnames, applications and policies.
///
/// The account's and the zone's paths lead to the same state: there is one zone.
/// Codes: 12130, 12132, 12135 and 12036 are reported by third parties; the first also stands for whatever is wrong with
/// a body, for which no code is known.
package struct AccessDirectory: Sendable, Codable {
    /// What may be set for one hostname beside its authorities.
    struct HostnameSettings: Hashable, Sendable, Codable {
        var chinaNetwork = false
        var forwardsCertificate = false
    }

    private(set) var certificates: [AccessCertificate] = []
    var applications: [AccessApplication] = []
    private var settings: [String: HostnameSettings] = [:]
    private var settingsBusyUntil: VirtualInstant?
    var random: SeededRandom
    private let timings: Timings

    /// The provider's limits (page on account limits).
    static let mostCertificates = 50
    static let mostApplications = 500
    static let mostDomains = 5

    /// Virtual seconds of the steps that the provider's clients report as slow.
    package struct Timings: Hashable, Sendable, Codable {
        /// From the update that detaches a hostname until everybody has heard of it.
        package var detachment: Double = 10
        /// From an update of the settings until the next is taken.
        package var settings: Double = 5

        /// A few seconds each.
        package init() {}
    }

    init(seed: UInt64, timings: Timings) {
        // Another sequence than the zone's, so that neither disturbs the other.
        self.random = SeededRandom(seed: ~seed)
        self.timings = timings
    }

    /// The answer to a call below `access/`; `nil` if there is no such call.
    ///
    /// - Parameter isKnown: Whether a hostname belongs to the zone.
    mutating func answer(
        _ method: String,
        _ path: [String],
        _ body: APIValue?,
        now: VirtualInstant,
        isKnown: (String) -> Bool
    ) -> APIAnswer? {
        switch (path.first, path.count) {
        case ("apps", _): applicationAnswer(method, Array(path.dropFirst()), body, now: now, isKnown: isKnown)
        case ("certificates", 1): certificatesAnswer(method, body, now: now, isKnown: isKnown)
        case ("certificates", 2) where path[1] == "settings": settingsAnswer(method, body, now: now, isKnown: isKnown)
        case ("certificates", 2): certificateAnswer(method, path[1], body, now: now, isKnown: isKnown)
        default: nil
        }
    }
}

// MARK: - Certificates

extension AccessDirectory {
    private mutating func certificatesAnswer(
        _ method: String,
        _ body: APIValue?,
        now: VirtualInstant,
        isKnown: (String) -> Bool
    ) -> APIAnswer? {
        switch method {
        case "GET":
            return .page(certificates.map { $0.wire(now: now) })
        case "POST":
            return .of { () throws(APIRefusal) in
                guard let body, body.object != nil else { throw .badAccess("the body is no object") }
                let hostnames = try Self.hostnames(body, isKnown: isKnown) ?? []
                let name = try body.text("name") ?? ""
                let pem = try body.text("certificate") ?? ""
                guard certificates.count < Self.mostCertificates else { throw .tooMany("certificates") }
                let id = random.uuid()
                let made = try AccessCertificate(id: id, name: name, pem: pem, hostnames: hostnames, now: now)
                certificates.append(made)
                return .success(made.wire(now: now), status: 201)
            }
        default:
            return nil
        }
    }

    private mutating func certificateAnswer(
        _ method: String,
        _ id: String,
        _ body: APIValue?,
        now: VirtualInstant,
        isKnown: (String) -> Bool
    ) -> APIAnswer? {
        guard ["GET", "PUT", "DELETE"].contains(method) else { return nil }
        return .of { () throws(APIRefusal) in
            guard let place = certificates.firstIndex(where: { $0.id == id }) else { throw .noAccessObject }
            switch method {
            case "PUT":
                guard let body, let hostnames = try Self.hostnames(body, isKnown: isKnown) else {
                    throw .badAccess("associated_hostnames is needed, whole")
                }
                let delay = timings.detachment
                certificates[place].associate(hostnames, now: now, detachmentSeconds: delay)
                if let name = try body.text("name") { certificates[place].name = name }
            case "DELETE":
                guard certificates[place].associations(now: now).isEmpty else { throw .activeAssociations }
                certificates.remove(at: place)
                return .success(["id": .string(id)])
            default: break
            }
            return .success(certificates[place].wire(now: now))
        }
    }

    /// `associated_hostnames`; `nil` if the body does not name them.
    ///
    /// - Throws: 12036 for a hostname that is not the zone's, 12130 for a wildcard or another type.
    private static func hostnames(_ body: APIValue, isKnown: (String) -> Bool) throws(APIRefusal) -> [String]? {
        guard let given = body["associated_hostnames"], given != .null else { return nil }
        guard let names = given.strings else { throw .badAccess("associated_hostnames is no list of names") }
        var hostnames: [String] = []
        for name in names.map({ $0.lowercased() }) {
            if name.contains("*") { throw .badAccess("associated_hostnames: \(name): wildcards are not supported") }
            guard isKnown(name) else { throw .foreignHostname(name) }
            if !hostnames.contains(name) { hostnames.append(name) }
        }
        return hostnames
    }
}

// MARK: - Settings of hostnames

extension AccessDirectory {
    private mutating func settingsAnswer(
        _ method: String,
        _ body: APIValue?,
        now: VirtualInstant,
        isKnown: (String) -> Bool
    ) -> APIAnswer? {
        switch method {
        case "GET": return .success(settingsWire)
        case "PUT":
            return .of { () throws(APIRefusal) in
                if let busy = settingsBusyUntil, now < busy { throw .settingsBusy }
                settings = try Self.settings(body, isKnown: isKnown)
                settingsBusyUntil = now.adding(seconds: timings.settings)
                return .success(settingsWire, status: 202)
            }
        default: return nil
        }
    }

    private static func settings(
        _ body: APIValue?,
        isKnown: (String) -> Bool
    ) throws(APIRefusal) -> [String: HostnameSettings] {
        guard let rows = body?["settings"]?.array else { throw .badAccess("settings is no list") }
        var settings: [String: HostnameSettings] = [:]
        for row in rows {
            guard let name = row["hostname"]?.string?.lowercased() else { throw .badAccess("settings: no hostname") }
            guard isKnown(name) else { throw .foreignHostname(name) }
            settings[name] = HostnameSettings(
                chinaNetwork: try row.flag("china_network") ?? false,
                forwardsCertificate: try row.flag("client_certificate_forwarding") ?? false
            )
        }
        return settings
    }

    private var settingsWire: APIValue {
        .array(
            settings.sorted { $0.key < $1.key }.map { hostname, settings in
                [
                    "hostname": .string(hostname),
                    "china_network": .bool(settings.chinaNetwork),
                    "client_certificate_forwarding": .bool(settings.forwardsCertificate),
                ]
            }
        )
    }
}

extension APIAnswer {
    /// All rows as one page.
    static func page(_ rows: [APIValue]) -> APIAnswer {
        let count = APIValue.integer(rows.count)
        let info: APIValue = [
            "count": count, "page": 1, "per_page": .integer(max(rows.count, 1_000)), "total_count": count,
            "total_pages": rows.isEmpty ? 0 : 1,
        ]
        return .success(.array(rows), resultInfo: info)
    }
}

extension APIRefusal {
    static func badAccess(_ reason: String) -> APIRefusal {
        APIRefusal(400, 12_130, "access.api.error.invalid_request: \(reason)")
    }
    static func tooMany(_ what: String) -> APIRefusal {
        APIRefusal(400, 12_130, "access.api.error.invalid_request: too many \(what)")
    }
    static let settingsBusy = APIRefusal(
        409,
        12_132,
        "access.api.error.conflict: previous certificate settings still being updated"
    )
    static let noAccessObject = APIRefusal(404, 12_135, "access.api.error.not_found")
    static func foreignHostname(_ name: String) -> APIRefusal {
        APIRefusal(400, 12_036, "access.api.error.invalid_request: \(name) does not belong to your zone")
    }
    /// Told by this text only; the code is the one of other conflicts.
    static let activeAssociations = APIRefusal(409, 12_132, "access.api.error.certificate_has_active_associations")
}
