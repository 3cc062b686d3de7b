/// What an operator decided for one hostname: by whom, why, and until when.
///
/// Unlike a tenant's wish it may be weaker than the tier: it is the person's decision, and its end is part of it.
package struct HostnameOverride: Hashable, Sendable, Codable {
    package var minimumTLS: TLSVersion?
    /// Provider spellings, not yet checked against the catalogue: the verdict names a bad one.
    package var ciphers: [String]?
    package var tls13: Switch?
    package var author: String
    package var reason: String
    /// The first moment at which it holds no longer, in seconds since 1970.
    package var until: Int64

    package init(
        minimumTLS: TLSVersion? = nil,
        ciphers: [String]? = nil,
        tls13: Switch? = nil,
        author: String,
        reason: String,
        until: Int64
    ) {
        self.minimumTLS = minimumTLS
        self.ciphers = ciphers
        self.tls13 = tls13
        self.author = author
        self.reason = reason
        self.until = until
    }

    private enum CodingKeys: String, CodingKey {
        case minimumTLS = "min_tls"
        case ciphers
        case tls13 = "tls_1_3"
        case author
        case reason
        case until
    }
}

extension HostnameOverride {
    /// The longest time ahead at which an override may end: whoever needs it for longer decides again.
    package static let longestDays = 366

    /// The keys it decides.
    package var keys: Set<SettingKey> {
        var keys: Set<SettingKey> = []
        if minimumTLS != nil { keys.insert(.minimumTLS) }
        if !(ciphers ?? []).isEmpty { keys.insert(.ciphers) }
        if tls13 != nil { keys.insert(.tls13) }
        return keys
    }

    var origin: Origin { .override(by: author, until: until) }
}
