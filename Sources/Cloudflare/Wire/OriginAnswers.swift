package import Foundation

/// The origin of hostnames that have none of their own (`custom_hostnames/fallback_origin`).
package struct FallbackOrigin: Hashable, Sendable {
    /// Where the change of a fallback origin stands.
    package enum Status: String, CaseIterable, Hashable, Sendable {
        case initializing
        case pendingDeployment = "pending_deployment"
        case pendingDeletion = "pending_deletion"
        case active
        case deploymentTimedOut = "deployment_timed_out"
        case deletionTimedOut = "deletion_timed_out"
    }

    /// A name of the zone.
    package let origin: String
    /// `nil` where the answer had none: not active.
    package let status: Reported<Status>?
    /// What keeps it from being active, in the provider's words.
    package let errors: [String]
    package let updatedAt: Date?
}

extension FallbackOrigin: Decodable {
    private enum CodingKeys: String, CodingKey {
        case origin, status, errors
        case updatedAt = "updated_at"
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        self.origin = try fields.decode(String.self, forKey: .origin)
        self.status = fields.reported(.status)
        self.errors = fields.messages(.errors)
        self.updatedAt = fields.time(.updatedAt)
    }
}

/// The zone's identifier for delegated validation (`dcv_delegation/uuid`).
package struct DCVDelegation: Hashable, Sendable, Decodable {
    package let uuid: String

    /// What a tenant's `_acme-challenge.<hostname>` is made a CNAME of, once, to have every renewal validated.
    package func target(of hostname: String) -> String { "\(hostname).\(uuid).dcv.cloudflare.com" }
}

/// The identifier of something just created.
package struct CreatedResource: Hashable, Sendable, Decodable {
    package let id: String
}
