/// Where a custom hostname stands with the provider (API reference, custom hostnames, `status`).
package enum HostnameStatus: String, CaseIterable, Hashable, Sendable {
    case active
    case pending
    case activeRedeploying = "active_redeploying"
    case moved
    case pendingDeletion = "pending_deletion"
    case deleted
    case pendingBlocked = "pending_blocked"
    case pendingMigration = "pending_migration"
    case pendingProvisioned = "pending_provisioned"
    case testPending = "test_pending"
    case testActive = "test_active"
    case testActiveApex = "test_active_apex"
    case testBlocked = "test_blocked"
    case testFailed = "test_failed"
    case provisioned
    case blocked
}

/// Where the certificate of a custom hostname stands (API reference, custom hostnames, `ssl.status`).
package enum SSLStatus: String, CaseIterable, Hashable, Sendable {
    case initializing
    case pendingValidation = "pending_validation"
    case deleted
    case pendingIssuance = "pending_issuance"
    case pendingDeployment = "pending_deployment"
    case pendingDeletion = "pending_deletion"
    case pendingExpiration = "pending_expiration"
    case expired
    case active
    case initializingTimedOut = "initializing_timed_out"
    case validationTimedOut = "validation_timed_out"
    case issuanceTimedOut = "issuance_timed_out"
    case deploymentTimedOut = "deployment_timed_out"
    case deletionTimedOut = "deletion_timed_out"
    case pendingCleanup = "pending_cleanup"
    case stagingDeployment = "staging_deployment"
    case stagingActive = "staging_active"
    case deactivating
    case inactive
    case backupIssued = "backup_issued"
    case holdingDeployment = "holding_deployment"
}

/// How control over a hostname is proven to the certificate authority (`ssl.method`).
///
/// The provider changes it by itself at renewal, so it is always sent as it was last read.
package enum ValidationMethod: String, CaseIterable, Hashable, Sendable {
    case http
    case txt
    case email
    /// Seen in old answers only.
    case cname
}

/// The kind of certificate (`ssl.type`); the provider issues domain-validated ones only.
package enum CertificateType: String, CaseIterable, Hashable, Sendable {
    case domainValidated = "dv"
}

/// Which chain the provider serves with a certificate (`ssl.bundle_method`).
package enum BundleMethod: String, CaseIterable, Hashable, Sendable {
    /// The provider's default: the chain most clients verify. Upload the leaf only.
    case ubiquitous
    /// The shortest chain. Upload the leaf only.
    case optimal
    /// The chain exactly as uploaded, leaf first.
    case force
}

/// Whether an API token may be used (API reference, token verification).
package enum TokenStatus: String, CaseIterable, Hashable, Sendable {
    case active
    case disabled
    case expired
}
