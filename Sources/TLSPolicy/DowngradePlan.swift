/// What becomes of each capability when a tenant moves to a tier that gives less, once a time of grace is over.
///
/// What is not named is kept: nothing gets weaker, and nothing is taken away, because a plan is silent about it.
package struct DowngradePlan: Hashable, Sendable, Codable {
    /// Days from the move until anything ends.
    package var graceDays: Int
    /// Days after the move at which the tenant is told, in rising order; none beyond the grace.
    package var notifyDays: [Int]
    package var customCertificate: CertificateEnd
    /// Never silently off: without client certificates a closed door would stand open.
    package var mutualTLS: CapabilityEnd
    package var minimumTLS: SettingEnd
    package var ciphers: SettingEnd
    package var wildcard: CapabilityEnd

    package static let standardGraceDays = 14

    package init(
        graceDays: Int = standardGraceDays,
        notifyDays: [Int] = [],
        customCertificate: CertificateEnd = .keep,
        mutualTLS: CapabilityEnd = .keep,
        minimumTLS: SettingEnd = .keep,
        ciphers: SettingEnd = .keep,
        wildcard: CapabilityEnd = .keep
    ) {
        self.graceDays = graceDays
        self.notifyDays = notifyDays
        self.customCertificate = customCertificate
        self.mutualTLS = mutualTLS
        self.minimumTLS = minimumTLS
        self.ciphers = ciphers
        self.wildcard = wildcard
    }

    private enum CodingKeys: String, CodingKey {
        case graceDays = "grace_days"
        case notifyDays = "notify_days"
        case customCertificate = "custom_certificate"
        case mutualTLS = "mtls"
        case minimumTLS = "min_tls"
        case ciphers
        case wildcard
    }
}

extension DowngradePlan {
    /// What becomes of a tenant's own certificate; each case leaves less than the one before.
    package enum CertificateEnd: String, CaseIterable, Hashable, Sendable, Codable {
        case keep
        /// The provider issues one; it switches without a gap.
        case moveToManaged = "move_to_managed"
        /// The hostname is held until a person decides.
        case block
    }

    /// What becomes of something that is there or is not; each case leaves less than the one before.
    package enum CapabilityEnd: String, CaseIterable, Hashable, Sendable, Codable {
        case keep
        /// The hostname is held until a person decides.
        case block
    }

    /// What becomes of a setting that is stronger than the new tier asks; each case leaves less than the one before.
    package enum SettingEnd: String, CaseIterable, Hashable, Sendable, Codable {
        case keep
        /// The new tier's own value is set, which lets in what was kept out.
        case relax
    }
}
