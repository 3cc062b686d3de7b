/// What decides how an edge answers handshakes for one name, whoever has set it.
package struct EdgeSettings: Hashable, Sendable {
    /// The lowest version the edge accepts.
    package var minimumTLS: TLSVersion
    /// What the edge offers at TLS 1.2 and below.
    package var suites: [CipherSuite]
    /// Whether anybody has chosen the suites; the provider's default is nobody's promise.
    package var hasList: Bool
    /// `nil` if nobody has promised anything about TLS 1.3.
    package var tls13: Switch?

    package init(minimumTLS: TLSVersion, suites: [CipherSuite], hasList: Bool = true, tls13: Switch?) {
        self.minimumTLS = minimumTLS
        self.suites = suites
        self.hasList = hasList
        self.tls13 = tls13
    }
}

extension EdgeSettings {
    /// What a policy has the edge do.
    ///
    /// An inherited TLS 1.3 is the zone's to turn on and off at any time.
    package init(_ effective: EffectivePolicy) {
        self.init(
            minimumTLS: effective.effectiveMinimumTLS,
            suites: effective.offeredSuites,
            hasList: effective.ciphers.explicit != nil || !effective.zone.ciphers.isEmpty,
            tls13: effective.tls13.explicit
        )
    }

    /// What the children of a wildcard get.
    package init(_ zone: ZoneSettings) {
        self.init(
            minimumTLS: zone.minimumTLS,
            suites: zone.offeredSuites,
            hasList: !zone.ciphers.isEmpty,
            tls13: nil
        )
    }

    /// The same with these keys as they stand on the hostname.
    func keeping(_ keys: Set<SettingKey>, of standing: ExplicitSettings) -> EdgeSettings {
        var settings = self
        if keys.contains(.minimumTLS), let minimum = standing.minimumTLS { settings.minimumTLS = minimum }
        if keys.contains(.ciphers), !standing.ciphers.isEmpty {
            settings.suites = standing.ciphers.compactMap(CipherSuite.named)
            settings.hasList = true
        }
        if keys.contains(.tls13) { settings.tls13 = standing.tls13 }
        return settings
    }
}
