/// The `ssl` object of a create or edit call, read and checked as far as that needs no stored state.
struct SSLRequest {
    /// A certificate and key as sent; the key is checked and dropped with this value.
    struct Pair {
        var certificate: String
        var key: String
    }

    var type: String?
    var method: String?
    var bundleMethod: String?
    var authority: String?
    var wildcard: Bool?
    /// The provider's own name goes first into the certificate, so that the hostname may be long.
    var isBranded = false
    /// `nil` if the call named no settings.
    var settings: HostnameSettings?
    /// True if the call named an empty cipher list, which clears the list where settings are merged too.
    var clearsCiphers = false
    var pairs: [Pair] = []
    var signingRequest: String?

    private static let keys: Set = [
        "type", "method", "bundle_method", "certificate_authority", "wildcard", "settings", "custom_certificate",
        "custom_key", "custom_csr_id", "custom_cert_bundle", "cloudflare_branding",
    ]

    /// Reads the object.
    ///
    /// - Throws: 1400, 1422, 1424, 1425, 1427, 1428, 1430, 1432 to 1434, 1442, 1443 or 1449.
    init(_ value: APIValue, semantics: ProviderSemantics) throws(APIRefusal) {
        guard value.object != nil else { throw .undecodable }
        try value.checkKeys(Self.keys, semantics)
        type = try value.choice("type", of: ["dv"], else: .badType)
        method = try value.choice("method", of: ["http", "txt", "email"], else: .badMethod)
        let bundleMethods: Set = ["ubiquitous", "optimal", "force"]
        bundleMethod = try value.choice("bundle_method", of: bundleMethods, else: .badBundleMethod)
        let authorities: Set = ["google", "lets_encrypt", "ssl_com", "digicert"]
        authority = try value.choice("certificate_authority", of: authorities, else: .badSSL)
        wildcard = try value.flag("wildcard")
        isBranded = try value.flag("cloudflare_branding") ?? false
        if let given = value["settings"], given != .null {
            settings = try HostnameSettings.parse(given, semantics)
            clearsCiphers = given["ciphers"]?.array?.isEmpty == true
            try given.checkKeys(HostnameSettings.keys, semantics)
        }
        signingRequest = try value.text("custom_csr_id")
        pairs = try Self.pairs(value, bySigningRequest: signingRequest != nil)
    }

    /// True if a certificate comes with the call.
    var bringsCertificate: Bool { !pairs.isEmpty || signingRequest != nil }

    private static func pairs(_ value: APIValue, bySigningRequest: Bool) throws(APIRefusal) -> [Pair] {
        if let bundle = value["custom_cert_bundle"], bundle != .null {
            guard let items = bundle.array else { throw .undecodable }
            guard (1...2).contains(items.count) else { throw .badSSL }
            var pairs: [Pair] = []
            for item in items { pairs.append(try pair(item)) }
            return pairs
        }
        let named = try (value.text("custom_certificate"), value.text("custom_key"))
        return named == (nil, nil) || bySigningRequest ? [] : [try pair(value)]
    }

    static func pair(_ value: APIValue) throws(APIRefusal) -> Pair {
        guard let certificate = try value.text("custom_certificate") else { throw .certificateEmpty }
        guard let key = try value.text("custom_key") else { throw .keyUnparsable }
        return Pair(certificate: certificate, key: key)
    }
}

extension SSLRequest {
    /// The certificates that came with the call, checked for the hostname.
    ///
    /// - Throws: 1426 to 1431, 1434, 1441 or 1444 to 1447.
    func uploads(
        hostname: String,
        semantics: ProviderSemantics,
        now: VirtualInstant
    ) throws(APIRefusal) -> [UploadedCertificate] {
        if let signingRequest {
            guard signingRequest.isUUID else { throw .badSigningRequestIdentifier }
            throw .signingRequestNotFound
        }
        var uploads: [UploadedCertificate] = []
        for pair in pairs {
            uploads.append(
                try UploadedCertificate(
                    chain: pair.certificate,
                    key: pair.key,
                    for: hostname,
                    bundleMethod: bundleMethod ?? "ubiquitous",
                    semantics: semantics,
                    now: now
                )
            )
        }
        if Set(uploads.map(\.facts.isECDSA)).count < uploads.count { throw .badSSL }
        return uploads
    }

    /// The configuration that results from laying this call over `current`.
    ///
    /// - Throws: what `uploads(hostname:semantics:now:)` throws, and 1443 for a merge of ciphers and TLS 1.3.
    func configuration(
        over current: SimulatedCertificate.Configuration,
        hostname: String,
        semantics: ProviderSemantics,
        now: VirtualInstant
    ) throws(APIRefusal) -> SimulatedCertificate.Configuration {
        var result = current
        result.type = type ?? current.type
        result.method = method ?? current.method
        result.bundleMethod = bundleMethod ?? current.bundleMethod
        result.authority = authority ?? current.authority
        result.wildcard = wildcard ?? current.wildcard
        let named = settings ?? HostnameSettings()
        result.settings = semantics.settings == .merged ? current.settings.overlaid(with: named) : named
        if clearsCiphers { result.settings.ciphers = nil }
        try result.settings.checkTogether()
        result.uploads = try uploads(hostname: hostname, semantics: semantics, now: now)
        return result
    }
}

extension APIValue {
    /// - Throws: 1400 if the object has other members and the provider is told to be strict.
    func checkKeys(_ known: Set<String>, _ semantics: ProviderSemantics) throws(APIRefusal) {
        let unknown = (object ?? [:]).keys.filter { !known.contains($0) }
        if semantics.unknownKeys == .refused, !unknown.isEmpty { throw .unknownKeys(unknown.sorted()) }
    }
}

extension String {
    /// True for the 36 characters of a UUID (RFC 9562 section 4).
    var isUUID: Bool {
        let groups = split(separator: "-", omittingEmptySubsequences: false)
        return groups.map(\.utf8.count) == [8, 4, 4, 4, 12] && groups.allSatisfy { $0.allSatisfy(\.isHexDigit) }
    }
}
