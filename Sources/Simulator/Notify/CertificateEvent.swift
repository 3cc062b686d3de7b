/// Something the provider announces about one hostname's certificate.
struct CertificateEvent: Hashable, Sendable, Codable {
    /// The last parts of the event's type (page on webhook definitions).
    enum Kind: String, CaseIterable, Hashable, Sendable, Codable {
        case validationSucceeded = "validation.succeeded"
        case validationFailed = "validation.failed"
        case issuanceSucceeded = "issuance.succeeded"
        case issuanceFailed = "issuance.failed"
        case deploymentSucceeded = "deployment.succeeded"
        case deploymentFailed = "deployment.failed"
        case deletionSucceeded = "deletion.succeeded"
        case renewalSucceeded = "renewal.succeeded"
        case renewalFailed = "renewal.failed"
        case expirationNear = "renewal.upcoming_certificate_expiration_notification"

        var type: String { "ssl.custom_hostname_certificate." + rawValue }
    }

    var kind: Kind
    var at: VirtualInstant
    var hostname: SimulatedHostname
}

extension CertificateEvent.Kind {
    /// What is announced when a certificate goes from one state to another.
    static func announced(
        from old: SimulatedCertificate.Status,
        to new: SimulatedCertificate.Status,
        isRenewal: Bool
    ) -> [CertificateEvent.Kind] {
        switch new {
        case .pendingIssuance: [.validationSucceeded]
        case .validationTimedOut: isRenewal ? [.validationFailed, .renewalFailed] : [.validationFailed]
        case .pendingDeployment: old == .pendingIssuance ? [.issuanceSucceeded] : []
        case .issuanceTimedOut: [.issuanceFailed]
        case .active: isRenewal ? [.deploymentSucceeded, .renewalSucceeded] : [.deploymentSucceeded]
        case .deploymentTimedOut: [.deploymentFailed]
        case .pendingExpiration: [.expirationNear]
        case .pendingDeletion: [.deletionSucceeded]
        case .initializing, .pendingValidation, .initializingTimedOut, .expired: []
        }
    }
}
