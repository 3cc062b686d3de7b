/// What is decided compared with what a hostname shows, and the settings that would make them equal.
struct Difference {
    private(set) var changes: [Change] = []
    /// What was read, with the changes made and everything else kept.
    private(set) var settings: ExplicitSettings
    private let effective: EffectivePolicy
    private let observed: ObservedHostname

    init(_ effective: EffectivePolicy, _ observed: ObservedHostname, _ certificates: [CertificateFacts]) {
        self.effective = effective
        self.observed = observed
        settings = observed.settings
        compareMinimumTLS()
        compareCiphers()
        compareTLS13()
        compareSwitch(.http2, effective.http2, \.http2)
        compareSwitch(.earlyHints, effective.earlyHints, \.earlyHints)
        compareCertificate(certificates)
        compareAuthority()
        compareWildcard()
    }

    private var minimumBefore: TLSVersion { observed.settings.minimumTLS ?? effective.zone.minimumTLS }

    private mutating func compareMinimumTLS() {
        let standing = observed.settings.minimumTLS
        guard case .put(let value) = write(.minimumTLS, effective.minimumTLS.setting, over: standing) else { return }
        settings.minimumTLS = value
        let after = effective.effectiveMinimumTLS
        let kind: ChangeClass =
            after > minimumBefore ? .strengthen : after < minimumBefore ? .weaken : .neutral
        record(.minimumTLS, standing?.rawValue, value?.rawValue, kind)
    }

    private mutating func compareCiphers() {
        let standing = observed.settings.ciphers.isEmpty ? nil : observed.settings.ciphers
        let zone = effective.zone.ciphersOffered
        let wanted: Setting<[String]> =
            switch effective.ciphers.setting {
            case .explicit(let suites): .explicit(suites.map(\.name))
            // The zone's names, known to us or not: a hostname that lists them all inherits nothing else.
            case .inherited: .inherited(zone)
            case .absent: .absent
            case .foreign: .foreign
            }
        let write = write(.ciphers, wanted, over: standing) { $0 == $1 || Set($0) == Set($1) }
        guard case .put(let value) = write else { return }
        settings.ciphers = value ?? []
        // Where the minimum is TLS 1.3, before or after, a list decides nothing; the minimum's own change is classed.
        let decides = minimumBefore < .v1_3 && effective.effectiveMinimumTLS < .v1_3
        let kind = decides ? CipherSuite.change(from: Set(standing ?? zone), to: Set(value ?? zone)) : .neutral
        record(.ciphers, Self.text(observed.settings.ciphers), Self.text(settings.ciphers), kind)
    }

    private mutating func compareTLS13() {
        let standing = observed.settings.tls13
        guard case .put(let value) = write(.tls13, effective.tls13.setting, over: standing) else { return }
        settings.tls13 = value
        let kind: ChangeClass =
            switch (standing ?? effective.zone.tls13, effective.effectiveTLS13) {
            case (.off, .on): .strengthen
            case (.on, .off): .weaken
            case (.on, .on), (.off, .off): .neutral
            }
        record(.tls13, standing?.rawValue, value?.rawValue, kind)
    }

    private mutating func compareSwitch(
        _ key: SettingKey,
        _ resolved: Resolved<Switch>,
        _ path: WritableKeyPath<ExplicitSettings, Switch?>
    ) {
        let standing = observed.settings[keyPath: path]
        guard case .put(let value) = write(key, resolved.setting, over: standing) else { return }
        settings[keyPath: path] = value
        record(key, standing?.rawValue, value?.rawValue, .neutral)
    }

    /// Without evidence that another certificate is served nothing changes: a guess would upload it again for ever.
    private mutating func compareCertificate(_ certificates: [CertificateFacts]) {
        let wanted = effective.certificate.value ?? .managed
        let shown = observed.certificates
        switch (wanted, observed.certificateSource) {
        case (.managed, .custom):
            // The tenant's own certificate is taken away.
            record(.certificate, CertificateSource.custom.rawValue, wanted.rawValue, .weaken)
        case (.custom, .managed):
            record(.certificate, CertificateSource.managed.rawValue, wanted.rawValue, .reissue)
        case (.custom, _):
            let other = certificates.filter { leaf in !shown.isEmpty && !shown.contains { $0.mayBe(leaf) } }
            // Of a pair, some answers show one only: that one is no evidence against the other.
            guard other.count > max(0, certificates.count - max(1, shown.count)) else { return }
            let before = shown.compactMap { $0.serial ?? $0.fingerprint }.joined(separator: " ")
            record(.certificate, before, other.map(\.serial).joined(separator: " "), .reissue)
        case (.managed, _): break
        }
    }

    /// An answer that names no authority is no evidence of another, unless there was none to name.
    private mutating func compareAuthority() {
        guard let wanted = effective.authority.explicit else { return }
        let replacesCustom = observed.certificateSource == .custom
        let standing = replacesCustom ? nil : observed.authority
        guard standing.map({ $0 != wanted.rawValue }) ?? replacesCustom else { return }
        record(.authority, standing, wanted.rawValue, .reissue)
    }

    private mutating func compareWildcard() {
        guard observed.wildcard != effective.isWildcard else { return }
        // Without its wildcard the children are served no longer.
        let kind: ChangeClass = effective.isWildcard ? .reissue : .weaken
        record(.wildcard, observed.wildcard ? "true" : "false", effective.isWildcard ? "true" : "false", kind)
    }

    private mutating func record(_ key: SettingKey, _ before: String?, _ after: String?, _ kind: ChangeClass) {
        let unreadable = settings.foreign.removeValue(forKey: key.rawValue)
        // What cannot be read cannot be called weaker than what replaces it.
        changes.append(
            Change(key: key, before: unreadable ?? before, after: after, kind: unreadable == nil ? kind : .weaken)
        )
    }

    private static func text(_ ciphers: [String]) -> String? {
        ciphers.isEmpty ? nil : ciphers.joined(separator: " ")
    }
}

extension Difference {
    /// What happens to one key.
    private enum Write<Value> {
        case keep
        /// The new value; `nil` takes the key off.
        case put(Value?)
    }

    /// An explicit value that equals the zone's does for an inherited one: some answers spell defaults out, and a write
    /// that takes them off would be answered the same, for ever.
    private func write<Value>(
        _ key: SettingKey,
        _ setting: Setting<Value>,
        over standing: Value?,
        areEqual: (Value, Value) -> Bool = { $0 == $1 }
    ) -> Write<Value> {
        let isReadable = observed.settings.foreign[key.rawValue] == nil
        switch setting {
        case .foreign: return .keep
        case .explicit(let value):
            return isReadable && standing.map { areEqual($0, value) } ?? false ? .keep : .put(value)
        case .inherited(let value):
            return isReadable && standing.map { areEqual($0, value) } ?? true ? .keep : .put(nil)
        case .absent: return isReadable && standing == nil ? .keep : .put(nil)
        }
    }
}
