import TLSPolicy
import Testing

/// Every documented pair of statuses, with equal and with different settings.
@Suite struct PlanStatusTests {
    private static let statuses = [
        "active", "pending", "active_redeploying", "moved", "pending_deletion", "deleted", "pending_blocked",
        "pending_migration", "pending_provisioned", "test_pending", "test_active", "test_active_apex", "test_blocked",
        "test_failed", "provisioned", "blocked", "brand_new",
    ]
    private static let certificateStatuses = [
        "initializing", "pending_validation", "deleted", "pending_issuance", "pending_deployment", "pending_deletion",
        "pending_expiration", "expired", "active", "initializing_timed_out", "validation_timed_out",
        "issuance_timed_out",
        "deployment_timed_out", "deletion_timed_out", "pending_cleanup", "staging_deployment", "staging_active",
        "deactivating", "inactive", "backup_issued", "holding_deployment", "brand_new",
    ]

    private static func word(_ plan: HostnamePlan) -> String {
        switch plan {
        case .create: "create"
        case .recreate: "recreate"
        case .edit: "edit"
        case .revive: "revive"
        case .nothing: "nothing"
        case .wait(let actor, _): "wait \(actor)"
        case .refuse(let actor, _): "refuse \(actor)"
        }
    }

    /// What a living hostname's certificate leads to, with equal settings.
    private static let equal: [String: String] = [
        "initializing": "wait provider", "pending_validation": "wait tenant", "deleted": "revive",
        "pending_issuance": "wait provider", "pending_deployment": "wait provider", "pending_deletion": "wait provider",
        "pending_expiration": "wait provider", "expired": "wait provider", "initializing_timed_out": "revive",
        "validation_timed_out": "revive", "issuance_timed_out": "revive", "deployment_timed_out": "revive",
        "deletion_timed_out": "wait provider", "pending_cleanup": "wait provider",
        "staging_deployment": "wait provider",
        "staging_active": "wait provider", "deactivating": "wait provider", "inactive": "wait provider",
        "backup_issued": "wait provider", "holding_deployment": "wait provider", "brand_new": "wait operator",
    ]
    /// Where a difference is written although the certificate is not active.
    private static let editable: Set = ["active", "pending_validation", "pending_expiration", "expired"]

    private static func truth(_ status: String, _ certificate: String, differs: Bool) -> String {
        switch status {
        case "active", "active_redeploying", "pending":
            if differs && editable.contains(certificate) { return "edit" }
            if certificate == "active" { return status == "pending" ? "wait tenant" : "nothing" }
            return equal[certificate] ?? ""
        case "deleted": return "recreate"
        case "moved": return "refuse tenant"
        case "blocked", "pending_blocked", "test_blocked": return "refuse operator"
        case "brand_new": return "wait operator"
        default: return "wait provider"
        }
    }

    @Test(arguments: statuses)
    func `each pair of statuses leads to its own plan`(_ status: String) {
        let effective = resolve(gold(TierPolicy(minimumTLS: .v1_2)))
        for certificate in Self.certificateStatuses {
            for differs in [false, true] {
                let settings = ExplicitSettings(minimumTLS: differs ? .v1_0 : .v1_2)
                let observed = ObservedHostname(
                    providerID: "id",
                    status: status,
                    certificateStatus: certificate,
                    settings: settings
                )
                let found = Self.word(plan(effective, observed: observed))
                #expect(found == Self.truth(status, certificate, differs: differs), "\(certificate) \(differs)")
                let isReady = ["active", "active_redeploying"].contains(status) && certificate == "active"
                #expect(observed.isReady == isReady)
            }
        }
    }

    @Test func `a certificate of the tenant's that ends waits for the tenant`() {
        let custom = resolve(gold(TierPolicy(customCertificate: .required)))
        let observed = ObservedHostname(
            providerID: "id",
            status: "active",
            certificateStatus: "expired",
            certificateSource: .custom
        )
        #expect(Self.word(plan(custom, observed: observed)) == "wait tenant")
    }

    @Test func `a hostname without any status is not taken for active`() {
        let observed = ObservedHostname(providerID: "id", status: nil, certificateStatus: nil)
        #expect(Self.word(plan(resolve(gold(TierPolicy())), observed: observed)) == "wait operator")
        #expect(!observed.isReady)
        let bare = ObservedHostname(providerID: "id", status: "active", certificateStatus: nil)
        #expect(Self.word(plan(resolve(gold(TierPolicy())), observed: bare)) == "revive")
    }
}
