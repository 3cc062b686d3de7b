package import TLSPolicy

/// Everything stored that decides what to do about one hostname, read in one statement when its job runs.
///
/// The policy is the tier's present revision: a job queued before a policy changed applies the changed one, once.
package struct OnboardingContext: Sendable, Decodable {
    package var hostnameID: Int64
    package var tenant: String
    package var name: String
    package var wish: HostnameWish
    package var generation: Int64
    package var released: Bool
    /// A call that was announced and whose answer was never recorded: look before doing anything.
    package var intent: Intent?
    package var providerID: String?
    package var observed: Observation?
    /// Milliseconds since `observed` was read.
    package var observedAge_ms: Int64?
    /// Whether `observed` was read after our last write.
    package var isObservedAfterWrite: Bool
    /// Milliseconds since our last write.
    package var appliedAge_ms: Int64?
    package var appliedJob: Int64?
    package var appliedGeneration: Int64?
    package var appliedPolicy: String?
    package var appliedCertificate: Int64?
    /// The other certificate of a pair that was applied.
    package var appliedPartner: Int64?
    package var tier: String
    package var revision: Int
    package var policy: TierPolicy
    /// The certificates that the tenant wants served, newest first: none, one, or one of each kind of key.
    package var certificates: [StoredCertificate]
    /// The override of the hostname that holds now.
    package var override: HostnameOverride?
    /// What persons have granted the tenant; `nil` if nothing.
    package var entitlements: [Entitlement]?
    /// The newest approval of a weakening, used or not.
    package var approval: Approval?
    /// The database's clock, in seconds since 1970.
    package var now: Int64

    /// Which call was announced.
    package enum Intent: String, Sendable, Decodable {
        case create
        case edit
    }

    /// A tenant's certificate without its key, which is read only by the call that needs it.
    package struct StoredCertificate: Sendable, Decodable {
        package var certificateID: Int64
        package var facts: CertificateFacts
        /// True of one that was stored by who does not know its facts: they were read off its chain just now.
        package var isNew: Bool = false

        private enum CodingKeys: String, CodingKey {
            case certificateID = "certificate_id"
            case facts
            case chainPEM = "chain_pem"
        }
    }

    private enum CodingKeys: String, CodingKey {
        case hostnameID = "hostname_id"
        case tenant
        case name
        case wish
        case generation
        case released
        case intent
        case providerID = "provider_id"
        case observed
        case observedAge_ms = "observed_age_ms"
        case isObservedAfterWrite = "observed_after_write"
        case appliedAge_ms = "applied_age_ms"
        case appliedJob = "applied_job"
        case appliedGeneration = "applied_generation"
        case appliedPolicy = "applied_policy"
        case appliedCertificate = "applied_certificate"
        case appliedPartner = "applied_partner"
        case tier
        case revision
        case policy
        case certificates
        case override
        case entitlements
        case approval
        case now
    }
}

extension OnboardingContext {
    package var policyRevision: PolicyRevision {
        PolicyRevision(tier: tier, revision: revision, policy: policy)
    }

    /// What was last sent, newest first.
    var appliedCertificates: [Int64] { [appliedCertificate, appliedPartner].compactMap(\.self) }

    /// What was read off the leaves of ``certificates``.
    package var leaves: [CertificateFacts] { certificates.map(\.facts) }

    package var exceptions: Exceptions { Exceptions(override: override, entitlements: entitlements ?? []) }
}

extension OnboardingContext.StoredCertificate {
    /// Throws ``CertificateProblem`` of a chain without facts that cannot be read.
    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        certificateID = try fields.decode(Int64.self, forKey: .certificateID)
        if let chain = try fields.decodeIfPresent(String.self, forKey: .chainPEM) {
            facts = try CertificateInspector.chain(fromPEM: chain).storedLeaf
            isNew = true
        } else {
            facts = try fields.decode(CertificateFacts.self, forKey: .facts)
        }
    }
}
