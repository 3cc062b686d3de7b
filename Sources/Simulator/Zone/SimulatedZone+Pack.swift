extension SimulatedZone {
    /// PUT custom_hostnames/{id}/certificate_pack/{pack}/certificates/{certificate}: a newer one of the same algorithm.
    package mutating func replaceCertificate(
        _ place: CertificatePlace,
        _ body: APIValue?,
        now: VirtualInstant
    ) -> APIAnswer {
        .of { () throws(APIRefusal) in
            var (hostname, certificate, index) = try found(place, now: now)
            guard let body, body.object != nil else { throw .undecodable }
            let pair = try SSLRequest.pair(body)
            let upload = try UploadedCertificate(
                chain: pair.certificate,
                key: pair.key,
                for: hostname.name,
                bundleMethod: certificate.configuration.bundleMethod,
                semantics: semantics,
                now: now
            )
            guard upload.facts.isECDSA == certificate.configuration.uploads[index].facts.isECDSA else {
                throw .otherKeyType
            }
            certificate.configuration.uploads[index] = upload
            certificate.obtainAnew(now: now, timings: timings)
            hostname.certificate = certificate
            hostnames.replace(hostname)
            return .success(wire(hostname, now: now), hostname: hostname.name)
        }
    }

    /// DELETE of the same place: not the last one.
    package mutating func deleteCertificate(_ place: CertificatePlace, now: VirtualInstant) -> APIAnswer {
        .of { () throws(APIRefusal) in
            var (hostname, certificate, index) = try found(place, now: now)
            guard certificate.configuration.uploads.count > 1 else { throw .lastCertificate }
            certificate.configuration.uploads.remove(at: index)
            certificate.redeploy(now: now, timings: timings)
            hostname.certificate = certificate
            hostnames.replace(hostname)
            return deleted(id: hostname.id, hostname: hostname.name)
        }
    }

    private mutating func found(
        _ place: CertificatePlace,
        now: VirtualInstant
    ) throws(APIRefusal) -> (SimulatedHostname, SimulatedCertificate, Int) {
        let hostname = try stored(id: place.hostname, now: now)
        guard hostname.status != .pendingDeletion else { throw .notModifiable }
        guard let certificate = hostname.certificate, certificate.id == place.pack.lowercased() else {
            throw .packNotFound
        }
        let ids = certificate.configuration.uploads.map(certificate.identifier)
        guard let index = ids.firstIndex(of: place.certificate.lowercased()) else { throw .packNotFound }
        return (hostname, certificate, index)
    }
}

/// Which certificate of which pack of which hostname; all three are UUIDs.
package struct CertificatePlace: Hashable, Sendable {
    package var hostname: String
    package var pack: String
    package var certificate: String
}

// MARK: - Delegated validation

extension SimulatedZone {
    /// GET dcv_delegation/uuid.
    package func delegationAnswer() -> APIAnswer {
        .success(["uuid": .string(delegationID)])
    }

    /// The one record by which a tenant delegates all later validations.
    func delegationRecord(of hostname: String) -> APIValue {
        let bare = hostname.hasPrefix("*.") ? String(hostname.dropFirst(2)) : hostname
        return [
            "cname": "_acme-challenge.\(bare)",
            "cname_target": "\(bare).\(delegationID).dcv.cloudflare.com",
        ]
    }
}
