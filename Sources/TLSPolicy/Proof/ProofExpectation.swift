/// What handshakes for one name must show: versions, suites, the certificate.
package struct ProofExpectation: Hashable, Sendable, Codable {
    /// The name asked for in the handshake (SNI), which the certificate must cover.
    package let name: String
    /// One for each version, the oldest first.
    package let versions: [Version]
    /// SHA-256 of the only leaf that may be served, in lower-case hexadecimal; `nil` if the provider issues it.
    package let leaf: String?

    /// What must be seen at one version.
    package struct Version: Hashable, Sendable, Codable {
        package let version: TLSVersion
        package let demand: Demand
        /// Must each be accepted; none at TLS 1.3, whose suites cannot be chosen, nor where nobody has chosen a list.
        package let suites: [CipherSuite]
        /// May be accepted: `suites`, and what no served key can use; every other suite must be refused.
        package let allowed: [CipherSuite]

        /// Whether any suite will do, so that one is enough to see.
        var isOpen: Bool {
            suites.isEmpty && CipherSuite.settable.allSatisfy { !$0.isUsable(at: version) || allowed.contains($0) }
        }
    }

    /// What is to become of a client that has only this version.
    package enum Demand: String, Hashable, Sendable, Codable {
        case accepted
        case refused
        /// Nobody promised either.
        case either
    }
}

extension ProofExpectation {
    /// Works out what must be seen.
    ///
    /// - Parameters:
    ///   - keys: The kinds of key the edge has a certificate for.
    ///   - leaf: The fingerprint of the only leaf that may be served.
    package init(name: String, settings: EdgeSettings, keys: Set<CipherSuite.Authentication>, leaf: String? = nil) {
        self.init(name: name, versions: TLSVersion.allCases.map { Version($0, settings, keys) }, leaf: leaf)
    }

    /// What must be seen at a version.
    package subscript(version: TLSVersion) -> Version? {
        versions.first { $0.version == version }
    }
}

extension ProofExpectation.Version {
    fileprivate init(_ version: TLSVersion, _ settings: EdgeSettings, _ keys: Set<CipherSuite.Authentication>) {
        let isAllowed = version >= settings.minimumTLS && version < .v1_3
        let allowed = isAllowed ? settings.suites.filter { $0.isUsable(at: version) } : []
        let servable = allowed.filter { keys.contains($0.authentication) }
        self.init(
            version: version,
            demand: version == .v1_3
                ? Self.demand13(settings)
                : allowed.isEmpty ? .refused : servable.isEmpty ? .either : .accepted,
            suites: settings.hasList ? servable : [],
            allowed: allowed
        )
    }

    private static func demand13(_ settings: EdgeSettings) -> ProofExpectation.Demand {
        switch settings.tls13 {
        case .on: .accepted
        case .off: .refused
        // A hostname that accepts nothing below it must accept it.
        case nil: settings.minimumTLS == .v1_3 ? .accepted : .either
        }
    }
}

extension EffectivePolicy {
    /// What handshakes must show of a hostname: of its own name, and for a wildcard of one name below it, which takes
    /// the zone's settings.
    ///
    /// - Parameters:
    ///   - standing: What the provider shows: a stronger value that was left standing is what must be seen.
    ///   - certificates: The tenant's, if the hostname serves them.
    package func expectations(
        of name: String,
        standing: ObservedHostname,
        certificates: [CertificateFacts]
    ) -> [ProofExpectation] {
        let served = servesCustomCertificate ? certificates : []
        let keys = Set(served.isEmpty ? CipherSuite.Authentication.allCases : served.compactMap(\.key.authentication))
        let leaf = served.count == 1 ? served[0].fingerprint : nil
        let changes = plan(self, observed: standing, certificates: certificates).changes
        let kept = Set(changes.filter { $0.kind == .weaken }.map(\.key))
        let direct = EdgeSettings(self).keeping(kept, of: standing.settings)
        var expectations = [ProofExpectation(name: name, settings: direct, keys: keys, leaf: leaf)]
        let child = "\(Self.childLabel).\(name)"
        if isWildcard && child.utf8.count <= 253 {
            expectations.append(ProofExpectation(name: child, settings: EdgeSettings(zone), keys: keys, leaf: leaf))
        }
        return expectations
    }

    /// The label put before a wildcard's name to see what its children get.
    private static let childLabel = "usher-proof"
}
