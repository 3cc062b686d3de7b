extension SimulatedHostname {
    /// The hostname as the API's result object.
    func wire(now: VirtualInstant, hasFallbackOrigin: Bool) -> APIValue {
        let errors = verificationErrors(now: now, hasFallbackOrigin: hasFallbackOrigin)
        return .members([
            "id": .string(id),
            "hostname": .string(name),
            "status": .string(status.rawValue),
            "created_at": .string(createdAt.rfc3339),
            "custom_metadata": metadata.isEmpty ? nil : .object(metadata),
            "custom_origin_server": originServer.map(APIValue.string),
            "custom_origin_sni": originSNI.map(APIValue.string),
            "verification_errors": errors.isEmpty ? nil : .array(errors.map(APIValue.string)),
            "ownership_verification": isValidated ? nil : ownershipRecord,
            "ownership_verification_http": isValidated ? nil : ownershipFile,
            "ssl": certificate?.wire(hostname: name),
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
        case .blocked: ["The hostname is associated with a held zone."]
        case .moved: ["custom hostname does not CNAME to this zone."]
        case .pending where !hasFallbackOrigin: ["Zone does not have a fallback origin set."]
        case .pending where dns.pointsHereAt.map { $0 <= now } ?? false: []
        case .pending:
            [
                "custom hostname does not CNAME to this zone.",
                "None of the A or AAAA records are owned by this account and the pre-generated ownership "
                    + "verification token was not found.",
            ]
        }
    }
}

extension SimulatedCertificate {
    /// The certificate as the `ssl` object; what is absent is `""` where the provider's samples have it so.
    func wire(hostname: String) -> APIValue {
        let upload = configuration.uploads.first
        var ssl: APIValue = [
            "id": .string(id),
            "type": .string(configuration.type),
            "method": .string(configuration.method),
            "status": .string(status.rawValue),
            "settings": configuration.settings.wire,
            "bundle_method": .string(configuration.bundleMethod),
            "wildcard": .bool(configuration.wildcard),
            "certificate_authority": .string(isManaged ? configuration.authority : ""),
            "hosts": .array(hosts(hostname).map(APIValue.string)),
            "custom_certificate": .stringOrEmpty(upload?.chain),
            // The key goes in and never comes out.
            "custom_key": "",
            "issuer": .stringOrEmpty(upload?.facts.issuer ?? issued.map { _ in "GoogleTrustServices" }),
            "serial_number": .stringOrEmpty(upload?.facts.serialNumber ?? issued?.serialNumber),
            "signature": .stringOrEmpty(upload?.facts.signature ?? issued.map { _ in "ECDSAWithSHA256" }),
            "uploaded_on": .stringOrEmpty((uploadedAt ?? issued?.issuedAt)?.rfc3339),
            "expires_on": .stringOrEmpty((upload?.facts.notAfter ?? issued?.expiresAt)?.rfc3339),
        ]
        if showsRecords { ssl["validation_records"] = .array(records(hostname)) }
        if status == .validationTimedOut {
            ssl["validation_errors"] = [["message": "The certificate's validation timed out."]]
        }
        return ssl
    }

    private func hosts(_ hostname: String) -> [String] {
        configuration.wildcard ? [hostname, "*." + hostname] : [hostname]
    }

    /// A wildcard certificate is validated by two TXT records of one name; HTTP cannot prove it.
    private func records(_ hostname: String) -> [APIValue] {
        let bare = hostname.hasPrefix("*.") ? String(hostname.dropFirst(2)) : hostname
        return switch configuration.method {
        case "http" where !configuration.wildcard:
            [
                [
                    "status": "pending",
                    "http_url": "http://\(bare)/.well-known/acme-challenge/\(tokens[0])",
                    "http_body": "\(tokens[0]).\(tokens[1])",
                ]
            ]
        case "email":
            [["status": "pending", "emails": ["administrator@\(bare)", "webmaster@\(bare)"]]]
        default:
            tokens.prefix(configuration.wildcard ? 2 : 1).map {
                ["status": "pending", "txt_name": "_acme-challenge.\(bare)", "txt_value": .string($0)]
            }
        }
    }
}
