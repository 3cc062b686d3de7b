/// What one hostname asks for on top of its tier: the options given when it was enqueued.
package struct HostnameWish: Hashable, Sendable, Codable {
    package var wildcard: Bool
    package var minimumTLS: TLSVersion?
    /// Provider spellings, not yet checked against the catalogue: the verdict names a bad one.
    package var ciphers: [String]?
    /// True if the hostname serves a certificate the tenant brings.
    package var customCertificate: Bool

    package init(
        wildcard: Bool = false,
        minimumTLS: TLSVersion? = nil,
        ciphers: [String]? = nil,
        customCertificate: Bool = false
    ) {
        self.wildcard = wildcard
        self.minimumTLS = minimumTLS
        self.ciphers = ciphers
        self.customCertificate = customCertificate
    }

    private enum CodingKeys: String, CodingKey {
        case wildcard
        case minimumTLS = "min_tls"
        case ciphers
        case customCertificate = "custom_certificate"
    }

    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        self.wildcard = try values.decodeIfPresent(Bool.self, forKey: .wildcard) ?? false
        self.minimumTLS = try values.decodeIfPresent(TLSVersion.self, forKey: .minimumTLS)
        self.ciphers = try values.decodeIfPresent([String].self, forKey: .ciphers)
        self.customCertificate = try values.decodeIfPresent(Bool.self, forKey: .customCertificate) ?? false
    }
}
