/// What to do about one hostname: at most one write.
package enum HostnamePlan: Hashable, Sendable {
    /// The provider has no such hostname.
    case create(DesiredHostname)
    /// The provider's record is dead: create again, with new validation tokens, if the claim still lives.
    case recreate(DesiredHostname)
    /// Something differs.
    case edit(Edit)
    /// The provider gave up on validation: one write, even if nothing differs, starts it again and keeps the tokens.
    case revive(Edit)
    /// All is as decided, and served. Any write would restart the validation of the certificate.
    case nothing
    /// Nothing to write now; somebody else must move. The reason is a sentence without its full stop.
    case wait(PolicyActor, reason: String)
    /// Not to be written to unless somebody decides so.
    case refuse(PolicyActor, reason: String)

    /// Whether carrying it out takes away something that is promised or lets in something that was kept out.
    package var weakens: Bool { changes.contains { $0.kind == .weaken } }

    /// What differs, in the order of ``SettingKey``.
    package var changes: [Change] {
        switch self {
        case .edit(let edit), .revive(let edit): edit.changes
        case .create, .recreate, .nothing, .wait, .refuse: []
        }
    }
}

/// A hostname as it is to be created.
package struct DesiredHostname: Hashable, Sendable {
    package let settings: ExplicitSettings
    package let wildcard: Bool
    /// If custom, certificate and key travel with the request.
    package let certificate: CertificateSource
    /// `nil` leaves the choice to the provider.
    package let authority: IssuingAuthority?

    init(_ effective: EffectivePolicy) {
        settings = effective.explicitSettings
        wildcard = effective.isWildcard
        certificate = effective.certificate.value ?? .managed
        authority = effective.authority.explicit
    }
}

extension HostnamePlan {
    /// The one write that carries all changes.
    package struct Edit: Hashable, Sendable {
        package let changes: [Change]
        /// The whole settings object, which the provider replaces: what was read, with the changes made.
        package let settings: ExplicitSettings
        /// The write to make first at a provider that merges; `nil` if one write does there too.
        ///
        /// Where settings are merged, a list that is left out stays and contradicts a minimum of TLS 1.3 (code 1443).
        /// An empty one clears it; until the second write the zone's suites are offered. Not the first choice for that
        /// reason, and because the provider's staff say that it replaces.
        package let clearingFirst: ExplicitSettings?
        package let wildcard: Bool
        /// If custom, certificate and key travel with the request: without them the hostname would become managed.
        package let certificate: CertificateSource
        /// Sent only where it differs: off Enterprise even the one just read is refused (provider code 1459).
        package let authority: IssuingAuthority?
        /// `ssl.type` and `ssl.method` as just read, which must accompany the settings (provider codes 1434, 1440).
        package let type: String
        /// A wildcard's certificate cannot be validated by `http`.
        package let method: String

        init(_ effective: EffectivePolicy, _ observed: ObservedHostname, _ difference: Difference) {
            changes = difference.changes
            settings = difference.settings
            clearingFirst = Self.clearing(observed.settings, before: difference.settings)
            wildcard = effective.isWildcard
            certificate = effective.certificate.value ?? .managed
            authority = difference.changes.authority
            type = observed.type ?? "dv"
            let method = observed.method ?? "http"
            self.method = effective.isWildcard && method == "http" ? "txt" : method
        }

        private static func clearing(_ read: ExplicitSettings, before wanted: ExplicitSettings) -> ExplicitSettings? {
            guard wanted.minimumTLS == .v1_3, wanted.ciphers.isEmpty, !read.ciphers.isEmpty else { return nil }
            var cleared = read
            cleared.ciphers = []
            return cleared
        }
    }
}

extension [Change] {
    /// The authority that one of the changes names.
    package var authority: IssuingAuthority? {
        first { $0.key == .authority }?.after.flatMap(IssuingAuthority.init)
    }
}
