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
            return .success(wire(hostname, now: now), status: 201, messages: messages, hostname: hostname.name)
        }
    }

    private mutating func admitted(
        _ body: APIValue?,
        now: VirtualInstant,
        distortion: WriteDistortion
    ) throws(APIRefusal) -> SimulatedHostname {
        guard quota.isAllocated else { throw .notEnabled }
        guard let body, body.object != nil else { throw .undecodable }
        try body.checkKeys(Self.bodyKeys, semantics)
        let name = try HostnameName.checked(body.text("hostname") ?? "")
        var candidate = SimulatedHostname(name: name, now: now, dns: dns.fixture(of: name), random: &random)
        try apply(details: body, to: &candidate)
        candidate.certificate = try certificate(body, for: name, now: now, distortion: distortion)
        guard current(hostnames[name: name], now: now) == nil else { throw .duplicate }
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
        try request.checkEntitlements(hostname: name, plan: plan)
        if let key = distortion.ignoredSetting { request.settings?.restore(key: key, from: HostnameSettings()) }
        let configuration = try request.configuration(over: .init(), hostname: name, semantics: semantics)
        let secrets = SeededRandom(seed: random.next())
        return SimulatedCertificate(configuration, now: now, timings: timings, random: secrets)
    }

    /// Takes over metadata and origin, where the body names them.
    ///
    /// - Throws: 1400, 1412, 1413 or 1415.
    func apply(details body: APIValue, to hostname: inout SimulatedHostname) throws(APIRefusal) {
        if let metadata = body["custom_metadata"], metadata != .null {
            guard let members = metadata.object else { throw .undecodable }
            guard plan.isEnterprise || members.isEmpty else { throw .metadataAccess }
            guard members.isEmpty || !hostname.name.hasPrefix("*.") else { throw .wildcardMetadata }
            hostname.metadata = members
        }
        if let origin = body["custom_origin_server"], origin != .null {
            guard let text = origin.string, text.utf8.count <= 255 else { throw .badOrigin }
            hostname.originServer = text.isEmpty ? nil : text
        }
        if body["custom_origin_sni"] != nil { hostname.originSNI = try body.text("custom_origin_sni") }
    }

    func wire(_ hostname: SimulatedHostname, now: VirtualInstant) -> APIValue {
        hostname.wire(now: now, hasFallbackOrigin: fallbackOrigin != nil)
    }
}
