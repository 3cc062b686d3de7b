extension SimulatedZone {
    /// PATCH custom_hostnames/{id}.
    package mutating func edit(
        id: String,
        _ body: APIValue?,
        now: VirtualInstant,
        distortion: WriteDistortion = WriteDistortion()
    ) -> APIAnswer {
        .of { () throws(APIRefusal) in
            let before = try stored(id: id, now: now)
            guard before.status != .pendingDeletion else { throw .notModifiable }
            guard let body, let members = body.object else { throw .undecodable }
            if members.isEmpty, semantics.emptyEdit == .refused { throw .undecodable }
            try body.checkKeys(Self.bodyKeys.subtracting(["hostname"]), semantics)
            var after = before
            try apply(details: body, to: &after)
            try apply(ssl: body, to: &after, now: now, distortion: distortion)
            let isEqual = distortion.ignoredSetting == nil && asksForNothing(body, before, after)
            if isEqual { counters.equalPatches += 1 }
            if isEqual, after.certificate != nil, restarts(body) {
                counters.validationRestarts += 1
                after.validateAgain(now: now)
                after.certificate?.validateAgain(now: now, timings: timings)
            }
            if let seconds = distortion.staleSeconds { showStale(before, id: id, seconds: seconds, now: now) }
            hostnames.replace(after)
            let status = semantics.writeStatus == .table ? 202 : 200
            var answer = APIAnswer.success(wire(after, now: now), status: status, hostname: after.name)
            answer.isEqualPatch = isEqual
            answer.countsAsCertificate = semantics.editsCountAsCertificates && members["ssl"]?.object != nil
            return answer
        }
    }

    /// - Throws: 1404, 1435 or 1436.
    mutating func stored(id: String, now: VirtualInstant) throws(APIRefusal) -> SimulatedHostname {
        guard quota.isAllocated else { throw .notEnabled(semantics) }
        guard id.isUUID else { throw .badIdentifier }
        guard let hostname = current(hostnames[id: id.lowercased()], now: now) else { throw .notFound }
        return hostname
    }

    /// True if the edit changed nothing; one that was silently ignored had asked for something.
    private func asksForNothing(_ body: APIValue, _ before: SimulatedHostname, _ after: SimulatedHostname) -> Bool {
        guard !isIgnored(ssl: body["ssl"]) else { return false }
        guard before.metadata == after.metadata, before.originServer == after.originServer else { return false }
        guard before.originSNI == after.originSNI else { return false }
        guard let old = before.certificate?.configuration, let new = after.certificate?.configuration else {
            return before.certificate == nil && after.certificate == nil
        }
        return new.isEquivalent(to: old)
    }

    /// An `ssl` like the present one starts validation again; so does an empty body, by one reading of the documents.
    private func restarts(_ body: APIValue) -> Bool {
        body["ssl"]?.object != nil || body.object?.isEmpty == true
    }
}

// MARK: - The ssl object

extension SimulatedZone {
    private func isIgnored(ssl: APIValue?) -> Bool {
        guard semantics.settingsAlone == .ignored, let ssl, ssl.object != nil else { return false }
        return ssl["type"] == nil && ssl["method"] == nil && ssl["custom_certificate"] == nil
            && ssl["custom_cert_bundle"] == nil
    }

    private mutating func apply(
        ssl body: APIValue,
        to hostname: inout SimulatedHostname,
        now: VirtualInstant,
        distortion: WriteDistortion
    ) throws(APIRefusal) {
        guard let given = body["ssl"], given != .null, !isIgnored(ssl: given) else { return }
        let sent = try SSLRequest(given, semantics: semantics)
        try checkTypeAndMethod(sent)
        let request = try entitled(sent, hostname: hostname.name)
        let current = hostname.certificate?.configuration ?? .init()
        var wanted = try request.configuration(over: current, hostname: hostname.name, semantics: semantics, now: now)
        if let key = distortion.ignoredSetting { wanted.settings.restore(key: key, from: current.settings) }
        bring(wanted, to: &hostname, now: now)
    }

    private func checkTypeAndMethod(_ request: SSLRequest) throws(APIRefusal) {
        guard request.type == nil || request.method == nil else { return }
        let lacksBoth = request.type == nil && request.method == nil && !request.bringsCertificate
        switch semantics.incompleteSSL {
        case .split: throw lacksBoth ? .badSSL : .typeAndMethodRequired
        case .attribute: throw .badSSL
        case .typeAndMethod: throw .typeAndMethodRequired
        }
    }

    private mutating func bring(
        _ wanted: SimulatedCertificate.Configuration,
        to hostname: inout SimulatedHostname,
        now: VirtualInstant
    ) {
        guard var certificate = hostname.certificate else {
            let secrets = SeededRandom(seed: random.next())
            hostname.certificate = SimulatedCertificate(wanted, now: now, timings: timings, random: secrets)
            return
        }
        let current = certificate.configuration
        guard !wanted.isEquivalent(to: current) else { return }
        certificate.configuration = wanted
        if needsAnotherCertificate(current, wanted) {
            if wanted.uploads.isEmpty, !current.uploads.isEmpty { counters.migrationsToManaged += 1 }
            certificate.obtainAnew(now: now, timings: timings)
        } else {
            certificate.redeploy(now: now, timings: timings)
            hostname.redeploy(now: now)
        }
        hostname.certificate = certificate
        if [.moved, .blocked, .deleted].contains(hostname.status) { hostname.validateAgain(now: now) }
    }

    private func needsAnotherCertificate(
        _ current: SimulatedCertificate.Configuration,
        _ wanted: SimulatedCertificate.Configuration
    ) -> Bool {
        wanted.uploads != current.uploads || wanted.authority != current.authority
            || wanted.wildcard != current.wildcard
    }
}
