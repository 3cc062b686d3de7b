import Foundation
package import Postgres

/// What is stored of hostnames, as the onboarding of one reads and writes it.
package struct HostnameStore: Sendable {
    let pool: PostgresPool

    package init(pool: PostgresPool) {
        self.pool = pool
    }

    /// Everything that decides about this hostname; `nil` if there is none.
    func context(of hostnameID: Int64) async throws -> OnboardingContext? {
        let certificates = OnboardingContext.StoredCertificate.wanted(tenant: "h.tenant", hostname: "h.name")
        let document = try await pool.session { db throws(PostgresError) in
            try db.first(
                """
                select jsonb_build_object(
                    'hostname_id', h.hostname_id, 'tenant', h.tenant, 'name', h.name, 'wish', h.wish,
                    'generation', h.generation, 'released', h.released_at is not null, 'intent', h.intent,
                    'provider_id', h.provider_id, 'observed', h.observed,
                    'observed_age_ms', (extract(epoch from clock_timestamp() - h.observed_at) * 1000)::bigint,
                    'observed_after_write', coalesce(h.observed_at > h.applied_at, h.observed_at is not null),
                    'applied_age_ms', (extract(epoch from clock_timestamp() - h.applied_at) * 1000)::bigint,
                    'applied_job', h.applied_job, 'applied_generation', h.applied_generation,
                    'applied_policy', h.applied_policy, 'applied_certificate', h.applied_certificate,
                    'applied_partner', h.applied_partner,
                    -- The tier's present revision, not the one of the day the job was queued.
                    'tier', tier.name, 'revision', tier.revision, 'policy', p.document,
                    'certificates', coalesce(\(certificates), '[]'),
                    'override', o.document, 'entitlements', e.document,
                    'approval', (select jsonb_build_object('approval_id', a.approval_id, 'generation', a.generation,
                                            'policy', a.policy, 'zone', a.zone, 'changes', a.changes,
                                            'used_by', a.used_by)
                                 from usher.approval a where a.hostname_id = h.hostname_id
                                 order by a.approval_id desc limit 1),
                    'now', extract(epoch from clock_timestamp())::bigint)
                from usher.hostname h
                join usher.tenant t using (tenant)
                join usher.tier on tier.name = t.tier
                join usher.policy p on p.tier = tier.name and p.revision = tier.revision
                left join usher.live_override o on o.hostname_id = h.hostname_id
                left join usher.live_entitlements e on e.tenant = h.tenant
                where h.hostname_id = \(hostnameID)
                """,
                as: JSONText.self
            )
        }
        return try document.map { try JSONDecoder().decode(OnboardingContext.self, from: Data($0.text.utf8)) }
    }

    /// Announces a call before it is made, so that a lost answer is resolved by looking.
    ///
    /// False if the lease is gone.
    ///
    /// - Parameter approval: What the call uses up, with the job that does; one that another job has taken is none.
    func announce(
        _ intent: OnboardingContext.Intent,
        hostname: Int64,
        attempt: Int64,
        using approval: (approvalID: Int64, jobID: Int64)? = nil
    ) async throws -> Bool {
        try await pool.session { db throws(PostgresError) in
            try db.execute(
                """
                update usher.hostname set intent = \(intent.rawValue)
                where hostname_id = \(hostname) and usher.holds(\(attempt))
                  and case when \(approval != nil)
                      then usher.use_approval(\(approval?.approvalID), \(approval?.jobID)) else true end
                """
            ) == 1
        }
    }
}
