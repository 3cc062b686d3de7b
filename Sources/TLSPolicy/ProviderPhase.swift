/// What a hostname's status means for us; 16 documented statuses, and whatever comes next.
///
/// Source: API reference, custom hostnames, `status`; pages on hostname validation.
package enum HostnamePhase: Hashable, Sendable {
    /// Served; `active_redeploying` is served too.
    case active
    /// Waiting for the tenant's DNS.
    case pending
    /// Being moved or tested by the provider; nothing to do.
    case moving
    /// Another zone serves the name, or its DNS left.
    case moved
    /// Held back for abuse, or by a zone hold.
    case blocked
    /// On its way out.
    case deleting
    case deleted
    /// A status nobody documented: not active.
    case unknown

    package init(status: String?) {
        switch status {
        case "active", "active_redeploying": self = .active
        case "pending": self = .pending
        case "pending_migration", "pending_provisioned", "provisioned", "test_pending", "test_active",
            "test_active_apex", "test_failed":
            self = .moving
        case "moved": self = .moved
        case "blocked", "pending_blocked", "test_blocked": self = .blocked
        case "pending_deletion": self = .deleting
        case "deleted": self = .deleted
        default: self = .unknown
        }
    }
}

/// What a certificate's status means for us; 21 documented statuses, and whatever comes next.
///
/// Source: API reference, custom hostnames, `ssl.status`.
package enum CertificatePhase: Hashable, Sendable {
    case active
    /// Waiting for the tenant to prove control over the name.
    case pending
    /// Being issued or deployed by the provider; what is read may still change by itself.
    case moving
    /// The provider gave up; one write starts it again.
    case timedOut
    /// Ended, or about to without a successor.
    case expiring
    /// Being taken away.
    case removing
    /// There is none, or none any more; one write starts it again.
    case removed
    /// A status nobody documented: not active.
    case unknown

    package init(status: String?) {
        switch status {
        case "active": self = .active
        case "pending_validation": self = .pending
        case "initializing", "pending_issuance", "pending_deployment", "staging_deployment", "staging_active",
            "backup_issued", "holding_deployment":
            self = .moving
        case "initializing_timed_out", "validation_timed_out", "issuance_timed_out", "deployment_timed_out":
            self = .timedOut
        case "expired", "pending_expiration": self = .expiring
        case "pending_deletion", "pending_cleanup", "deactivating", "inactive", "deletion_timed_out": self = .removing
        case "deleted", nil: self = .removed
        default: self = .unknown
        }
    }
}
