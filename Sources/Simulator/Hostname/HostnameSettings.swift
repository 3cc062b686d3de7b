/// The settings explicitly set on one hostname; `nil` means that the zone's value applies.
package struct HostnameSettings: Hashable, Sendable, Codable {
    /// `1.0`, `1.1`, `1.2` or `1.3`.
    package var minimumTLS: String?
    /// OpenSSL names in the order given; never empty.
    package var ciphers: [String]?
    /// `on` or `off`.
    package var tls13: String?
    /// `on` or `off`.
    package var http2: String?
    /// `on` or `off`.
    package var earlyHints: String?

    /// Settings that name nothing unless told.
    package init(
        minimumTLS: String? = nil,
        ciphers: [String]? = nil,
        tls13: String? = nil,
        http2: String? = nil,
        earlyHints: String? = nil
    ) {
        self.minimumTLS = minimumTLS
        self.ciphers = ciphers
        self.tls13 = tls13
        self.http2 = http2
        self.earlyHints = earlyHints
    }

    private enum CodingKeys: String, CodingKey, CaseIterable {
        case minimumTLS = "min_tls_version"
        case ciphers
        case tls13 = "tls_1_3"
        case http2
        case earlyHints = "early_hints"
    }

    static let keys = Set(CodingKeys.allCases.map(\.rawValue))

    /// Only the keys that are set, as the provider returns them.
    package var wire: APIValue {
        .members([
            CodingKeys.minimumTLS.rawValue: minimumTLS.map(APIValue.string),
            CodingKeys.ciphers.rawValue: ciphers.map { .array($0.map(APIValue.string)) },
            CodingKeys.tls13.rawValue: tls13.map(APIValue.string),
            CodingKeys.http2.rawValue: http2.map(APIValue.string),
            CodingKeys.earlyHints.rawValue: earlyHints.map(APIValue.string),
        ])
    }

    /// Reads and checks `ssl.settings`; an empty cipher list clears the list.
    ///
    /// - Throws: 1400 for a wrong JSON type, 1422, 1424, 1425, 1434, 1442 or 1443 for a bad value.
    static func parse(
        _ value: APIValue,
        _ semantics: ProviderSemantics = ProviderSemantics()
    ) throws(APIRefusal) -> HostnameSettings {
        guard value.object != nil else { throw .undecodable }
        var settings = HostnameSettings()
        settings.minimumTLS = try value.choice(
            "min_tls_version",
            of: ["1.0", "1.1", "1.2", "1.3"],
            else: .badMinimumTLS
        )
        settings.tls13 = try value.choice("tls_1_3", of: ["on", "off"], else: .badTLS13)
        settings.http2 = try value.choice("http2", of: ["on", "off"], else: .badHTTP2)
        settings.earlyHints = try value.choice("early_hints", of: ["on", "off"], else: .badSSL)
        settings.ciphers = try ciphers(value["ciphers"], semantics)
        try settings.checkTogether()
        let isContradiction = settings.minimumTLS == "1.3" && settings.tls13 == "off"
        if isContradiction, semantics.contradiction == .refused { throw .badTLS13 }
        return settings
    }

    /// - Throws: 1443 if a cipher list stands beside a minimum of TLS 1.3.
    func checkTogether() throws(APIRefusal) {
        if minimumTLS == "1.3", ciphers != nil { throw .ciphersWithTLS13 }
    }

    private static func ciphers(_ value: APIValue?, _ semantics: ProviderSemantics) throws(APIRefusal) -> [String]? {
        guard let value, value != .null else { return nil }
        guard var names = value.strings else { throw .undecodable }
        if names.isEmpty, semantics.emptyCiphers == .refused { throw .badCiphers }
        if semantics.tls13Suites == .ignored { names.removeAll(where: SettableCiphers.isOfTLS13) }
        guard SettableCiphers.areAll(names) else { throw .badCiphers }
        return names.isEmpty ? nil : names
    }

    /// These settings with those of `newer` laid over them.
    func overlaid(with newer: HostnameSettings) -> HostnameSettings {
        HostnameSettings(
            minimumTLS: newer.minimumTLS ?? minimumTLS,
            ciphers: newer.ciphers ?? ciphers,
            tls13: newer.tls13 ?? tls13,
            http2: newer.http2 ?? http2,
            earlyHints: newer.earlyHints ?? earlyHints
        )
    }

    /// These settings as answers show them: ECDSA suites first, each kind in the order given.
    func shown(_ semantics: ProviderSemantics) -> HostnameSettings {
        guard semantics.sortsCiphers, let ciphers else { return self }
        var shown = self
        let isElliptic = { (name: String) in name.contains("ECDSA") }
        shown.ciphers = ciphers.filter(isElliptic) + ciphers.filter { !isElliptic($0) }
        return shown
    }

    /// Takes one key's value from `other`: how a setting that "did not take" comes about.
    mutating func restore(key: String, from other: HostnameSettings) {
        switch CodingKeys(rawValue: key) {
        case .minimumTLS: minimumTLS = other.minimumTLS
        case .ciphers: ciphers = other.ciphers
        case .tls13: tls13 = other.tls13
        case .http2: http2 = other.http2
        case .earlyHints: earlyHints = other.earlyHints
        case nil: break
        }
    }

    /// True if both mean the same; the order of ciphers carries no meaning, since the provider sorts by key type.
    func isEquivalent(to other: HostnameSettings) -> Bool {
        var (left, right) = (self, other)
        left.ciphers?.sort()
        right.ciphers?.sort()
        return left == right
    }
}

extension APIValue {
    /// A string member out of a closed list; absent, null and `""` are `nil`.
    func choice(
        _ key: String,
        of allowed: Set<String>,
        else refusal: APIRefusal
    ) throws(APIRefusal) -> String? {
        guard let value = try text(key) else { return nil }
        guard allowed.contains(value) else { throw refusal }
        return value
    }

    /// A string member; absent, null and `""` are `nil`.
    ///
    /// - Throws: 1400 if the member is no string.
    func text(_ key: String) throws(APIRefusal) -> String? {
        guard let value = self[key], value != .null else { return nil }
        guard let text = value.string else { throw .undecodable }
        return text.isEmpty ? nil : text
    }

    /// A member that is true or false; absent and null are `nil`.
    ///
    /// - Throws: 1400 if the member is neither.
    func flag(_ key: String) throws(APIRefusal) -> Bool? {
        guard let value = self[key], value != .null else { return nil }
        guard let flag = value.bool else { throw .undecodable }
        return flag
    }
}
