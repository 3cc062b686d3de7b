extension SimulatedCertificate {
    /// The certificate as the `ssl` object.
    func wire(of hostname: SimulatedHostname, in zone: SimulatedZone) -> APIValue {
        let semantics = zone.semantics
        let isHidden = status == .pendingDeployment && inForce != nil && !semantics.showsRedeployment
        var ssl: APIValue = [
            "id": .string(id),
            "status": .string(isHidden ? Status.active.rawValue : status.rawValue),
            "settings": configuration.settings.shown(semantics).wire,
            "bundle_method": .string(configuration.bundleMethod),
            "wildcard": .bool(configuration.wildcard),
            "hosts": .array(hosts(hostname.name).map(APIValue.string)),
        ]
        if isManaged || semantics.showsMethodOfUploads {
            ssl["type"] = .string(configuration.type)
            ssl["method"] = .string(configuration.method)
        }
        for (key, text) in texts(semantics) { ssl[key] = semantics.absentText.value(text) }
        let certificates = shownCertificates
        if !certificates.isEmpty { ssl["certificates"] = .array(certificates) }
        addValidation(to: &ssl, of: hostname, in: zone)
        return ssl
    }

    /// Texts that may be absent.
    private func texts(_ semantics: ProviderSemantics) -> [(String, String?)] {
        let upload = configuration.uploads.first
        return [
            ("certificate_authority", isManaged ? configuration.authority : nil),
            ("custom_certificate", semantics.showsUploads ? upload?.chain : nil),
            // The key goes in and never comes out.
            ("custom_key", nil),
            ("issuer", upload?.facts.issuer ?? issued.map { _ in Self.issuer(configuration.authority) }),
            ("serial_number", upload?.facts.serialNumber ?? issued?.serialNumber),
            ("signature", upload?.facts.signature ?? issued.map { _ in "ECDSAWithSHA256" }),
            ("uploaded_on", (uploadedAt ?? issued?.issuedAt)?.rfc3339),
            ("expires_on", (upload?.facts.notAfter ?? issued?.expiresAt)?.rfc3339),
        ]
    }

    private static func issuer(_ authority: String) -> String {
        switch authority {
        case "lets_encrypt": "LetsEncrypt"
        case "ssl_com": "SSLCorporation"
        case "digicert": "DigiCertInc"
        default: "GoogleTrustServices"
        }
    }

    private func hosts(_ hostname: String) -> [String] {
        configuration.wildcard ? [hostname, "*." + hostname] : [hostname]
    }

    private func addValidation(to ssl: inout APIValue, of hostname: SimulatedHostname, in zone: SimulatedZone) {
        if showsRecords { ssl["validation_records"] = .array(records(hostname.name, semantics: zone.semantics)) }
        if status == .pendingValidation, configuration.method != "email" {
            ssl["dcv_delegation_records"] = .array([zone.delegationRecord(of: hostname.name)])
        }
        if let message = validationError(hostname.dns.fixture.records.trouble) {
            ssl["validation_errors"] = [["message": .string(message)]]
        }
    }

    private func validationError(_ trouble: IssuanceTrouble?) -> String? {
        switch status {
        case .pendingValidation: failedTries > 0 ? trouble?.message : nil
        case .validationTimedOut: trouble?.message ?? "The certificate's validation timed out."
        default: nil
        }
    }

    /// A wildcard certificate is validated by two TXT records of one name; HTTP cannot prove it.
    private func records(_ hostname: String, semantics: ProviderSemantics) -> [APIValue] {
        let place = semantics.challengePath == .acme ? "acme-challenge/\(tokens[0])" : "pki-validation/\(tokens[0]).txt"
        let bare = hostname.hasPrefix("*.") ? String(hostname.dropFirst(2)) : hostname
        return switch configuration.method {
        case "http" where !configuration.wildcard:
            [
                [
                    "status": "pending",
                    "http_url": "http://\(bare)/.well-known/\(place)",
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

extension ProviderSemantics.AbsentText {
    /// A text, or what stands for one that is not there; `nil` leaves the key out.
    func value(_ text: String?) -> APIValue? {
        if let text { return .string(text) }
        return switch self {
        case .empty: ""
        case .null: .null
        case .omitted: nil
        }
    }
}
