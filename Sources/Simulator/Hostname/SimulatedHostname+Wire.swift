extension SimulatedHostname {
    /// The hostname as the API's result object.
    func wire(in zone: SimulatedZone, now: VirtualInstant) -> APIValue {
        let errors = verificationErrors(now: now, hasFallbackOrigin: zone.fallbackOrigin != nil)
        let isHidden = status == .activeRedeploying && !zone.semantics.showsRedeployment
        return .members([
            "id": .string(id),
            "hostname": .string(name),
            "status": .string(isHidden ? Status.active.rawValue : status.rawValue),
            "created_at": .string(createdAt.rfc3339),
            "custom_metadata": metadata.isEmpty ? nil : .object(metadata),
            "custom_origin_server": originServer.map(APIValue.string),
            "custom_origin_sni": originSNI.map(APIValue.string),
            "verification_errors": errors.isEmpty ? nil : .array(errors.map(APIValue.string)),
            "ownership_verification": isValidated ? nil : ownershipRecord,
            "ownership_verification_http": isValidated ? nil : ownershipFile,
            "ssl": certificate?.wire(of: self, in: zone),
        ])
    }

    private var ownershipRecord: APIValue {
        ["type": "txt", "name": "_cf-custom-hostname.\(name)", "value": .string(ownershipToken)]
    }

    private var ownershipFile: APIValue {
        [
            "http_url": "http://\(name)/.well-known/cf-custom-hostname-challenge/\(id)",
            "http_body": .string(ownershipToken),
        ]
    }

    /// The provider's own texts (page on hostname validation).
    private func verificationErrors(now: VirtualInstant, hasFallbackOrigin: Bool) -> [String] {
        switch status {
        case .active, .activeRedeploying, .pendingDeletion, .deleted: []
        case .blocked:
            [
                "The hostname is associated with a held zone. Please contact the owner to have the hold removed."
            ]
        case .moved: ["custom hostname does not CNAME to this zone."]
        case .pending where !hasFallbackOrigin: ["Zone does not have a fallback origin set."]
        case .pending where dns.records(at: now).provesOwnership: []
        case .pending:
            [
                "custom hostname does not CNAME to this zone.",
                "None of the A or AAAA records are owned by this account and the pre-generated ownership "
                    + "verification token was not found.",
            ]
        }
    }
}
