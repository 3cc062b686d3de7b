/// What goes wrong with a write although it is answered with success.
package struct WriteDistortion: Hashable, Sendable {
    /// A key of `ssl.settings` that does not take.
    package var ignoredSetting: String?
    /// For how many virtual seconds reads show the time before the write.
    package var staleSeconds: Double?

    /// By default nothing goes wrong.
    package init(ignoredSetting: String? = nil, staleSeconds: Double? = nil) {
        self.ignoredSetting = ignoredSetting
        self.staleSeconds = staleSeconds
    }
}

extension SimulatedZone {
    static let bodyKeys: Set = [
        "hostname", "ssl", "custom_metadata", "custom_origin_server", "custom_origin_sni",
    ]

    /// Above the allocated number each further hostname is charged for.
    private static let billingWarning: APIValue =
        "The zone is over its allocated custom hostname quota; additional hostnames are billed."

    /// POST custom_hostnames.
    package mutating func create(
        _ body: APIValue?,
        now: VirtualInstant,
        distortion: WriteDistortion = WriteDistortion()
    ) -> APIAnswer {
        .of { () throws(APIRefusal) in
            let hostname = try admitted(body, now: now, distortion: distortion)
            if let seconds = distortion.staleSeconds { showStale(nil, id: hostname.id, seconds: seconds, now: now) }
            hostnames.insert(hostname)
            let messages = hostnames.count > quota.allocated ? [Self.billingWarning] : []
            let status = semantics.writeStatus == .table ? 201 : 200
            return .success(wire(hostname, now: now), status: status, messages: messages, hostname: hostname.name)
        }
    }

    private mutating func admitted(
        _ body: APIValue?,
        now: VirtualInstant,
        distortion: WriteDistortion
    ) throws(APIRefusal) -> SimulatedHostname {
        guard quota.isAllocated else { throw .notEnabled(semantics) }
        guard let body, body.object != nil else { throw .undecodable }
        try body.checkKeys(Self.bodyKeys, semantics)
        let name = try HostnameName.checked(body.text("hostname") ?? "")
        var candidate = SimulatedHostname(name: name, now: now, dns: dns.fixture(of: name), random: &random)
        try apply(details: body, to: &candidate)
        candidate.certificate = try certificate(body, for: name, now: now, distortion: distortion)
        guard current(hostnames[name: name], now: now) == nil else { throw .duplicate }
        guard !semantics.namesTakenElsewhere.contains(name) else { throw .duplicate }
        guard hostnames.count < quota.hardCap else { throw .quotaExceeded }
        return candidate
    }

    private mutating func certificate(
        _ body: APIValue,
        for name: String,
        now: VirtualInstant,
        distortion: WriteDistortion
    ) throws(APIRefusal) -> SimulatedCertificate? {
        guard let given = body["ssl"], given != .null else {
            if name.hasPrefix("*.") { throw .wildcardNeedsCertificate }
            return nil
        }
        var request = try SSLRequest(given, semantics: semantics)
        guard request.type != nil, request.method != nil else { throw .typeAndMethodRequired }
        request = try entitled(request, hostname: name)
        if let key = distortion.ignoredSetting { request.settings?.restore(key: key, from: HostnameSettings()) }
        let configuration = try request.configuration(over: .init(), hostname: name, semantics: semantics, now: now)
        let secrets = SeededRandom(seed: random.next())
        return SimulatedCertificate(configuration, now: now, timings: timings, random: secrets)
    }

    func wire(_ hostname: SimulatedHostname, now: VirtualInstant) -> APIValue {
        hostname.wire(in: self, now: now)
    }
}
