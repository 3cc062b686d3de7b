/// The keys of a tier's policy, spelled as in a tier file, in the order they are shown.
package enum PolicyKey: String, CaseIterable, Hashable, Sendable, Codable {
    case profile
    case minimumTLS = "min_tls"
    case ciphers
    case tls13 = "tls_1_3"
    case http2
    case earlyHints = "early_hints"
    case customCertificate = "custom_certificate"
    case mutualTLS = "mtls"
    case wildcard
    case certificateAuthority = "certificate_authority"
    case hostnames = "limits.hostnames"
    case pending = "limits.pending"
    case running = "limits.running"
    case weight
    case expiryAlertDays = "alerts.cert_expiry_days"
    case minimumCertificateDays = "min_certificate_days"
    case downgradeGrace = "downgrade.grace_days"
    case downgradeNotices = "downgrade.notify_days"
    case downgradeCertificate = "downgrade.custom_certificate"
    case downgradeMutualTLS = "downgrade.mtls"
    case downgradeMinimumTLS = "downgrade.min_tls"
    case downgradeCiphers = "downgrade.ciphers"
    case downgradeWildcard = "downgrade.wildcard"
    case rolloutSteps = "rollout.steps"
    case rolloutSoak = "rollout.soak_minutes"
    case rolloutHaltFailed = "rollout.halt_on.failed"
    case rolloutHaltHandshakes = "rollout.halt_on.handshake_failed"
    case rolloutHaltSample = "rollout.halt_on.min_sample"
    case rolloutOnHalt = "rollout.on_halt"
    case guardChange = "guards.max_change"
    case guardDelete = "guards.max_delete"
    case guardPopulation = "guards.min_population"
    case windows
}
