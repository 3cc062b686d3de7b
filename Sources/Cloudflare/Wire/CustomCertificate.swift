import TLSPolicy

/// A certificate the tenant brings, with its key; the two always travel together.
///
/// Unlike every other place, the body of the request holds the key in clear: see ``Secret``.
package struct CustomCertificate: Hashable, Sendable {
    /// PEM: the leaf alone for `ubiquitous` and `optimal`, leaf first and then the intermediates for `force`.
    package let chain: String
    /// PEM, without a password.
    package let key: Secret
    /// Which chain is served; `nil` is the provider's default, `ubiquitous`.
    package let bundleMethod: BundleMethod?

    package init(chain: String, key: Secret, bundleMethod: BundleMethod? = nil) {
        self.chain = chain
        self.key = key
        self.bundleMethod = bundleMethod
    }
}

/// The `ssl` object of a request, complete: an edit without `type` and `method` is refused or silently ignored.
///
/// The authority is named only where it is chosen anew: echoing the one read is refused off Enterprise (code 1459).
struct SSLBody: Hashable, Sendable {
    let method: String
    let type: String
    let settings: SSLSettings
    var wildcard: Bool?
    var needsBranding = false
    /// One, or two of different kinds of key; none for a certificate of the provider's.
    var certificates: [CustomCertificate] = []
    var authority: IssuingAuthority?
}

extension SSLBody: Encodable {
    private enum CodingKeys: String, CodingKey {
        case method, type, settings, wildcard
        case branding = "cloudflare_branding"
        case bundleMethod = "bundle_method"
        case customCertificate = "custom_certificate"
        case customKey = "custom_key"
        case bundle = "custom_cert_bundle"
        case authority = "certificate_authority"
    }

    func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(method, forKey: .method)
        try fields.encode(type, forKey: .type)
        try fields.encode(settings, forKey: .settings)
        try fields.encodeIfPresent(wildcard, forKey: .wildcard)
        try fields.encodeIfPresent(authority, forKey: .authority)
        if needsBranding { try fields.encode(true, forKey: .branding) }
        guard let certificate = certificates.first else { return }
        try fields.encodeIfPresent(certificate.bundleMethod?.rawValue, forKey: .bundleMethod)
        if certificates.count == 1 {
            try fields.encode(certificate.chain, forKey: .customCertificate)
            try fields.encode(certificate.key, forKey: .customKey)
            return
        }
        var bundle = fields.nestedUnkeyedContainer(forKey: .bundle)
        for certificate in certificates {
            var pair = bundle.nestedContainer(keyedBy: CodingKeys.self)
            try pair.encode(certificate.chain, forKey: .customCertificate)
            try pair.encode(certificate.key, forKey: .customKey)
        }
    }
}
