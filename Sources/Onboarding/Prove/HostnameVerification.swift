package import Postgres
package import TLSPolicy

/// Proves a claimed hostname now, beside whatever its job does, and keeps what was seen.
package struct HostnameVerification: Sendable {
    private let pool: PostgresPool
    private let prover: any EdgeProver

    package init(pool: PostgresPool, prover: any EdgeProver) {
        self.pool = pool
        self.prover = prover
    }

    /// What came of it.
    package enum Outcome: Sendable {
        case judged(Evidence)
        /// Nobody claims the name.
        case unclaimed
        /// The provider has never shown it, so that there is nothing to be seen.
        case neverSeen
    }

    /// Looks at the edge, and compares with what the tier's present revision wants.
    package func verify(_ name: Hostname) async throws -> Outcome {
        let directory = HostnameDirectory(pool: pool)
        guard let report = try await directory.report(on: name.ascii),
            let policy = try await directory.policyCase(tenant: report.tenant, hostname: name.ascii)
        else { return .unclaimed }
        guard let observed = report.observed else { return .neverSeen }
        let effective = resolve(policy.revision, wish: policy.wish, zone: policy.zone)
        let wanted = effective.expectations(
            of: name.ascii,
            standing: observed.policyView,
            certificates: policy.leaves
        )
        let proof = await Proof(of: wanted, by: prover, now: policy.now)
        let evidence = Evidence(proof: proof, generation: report.generation, policy: "\(policy.revision)")
        _ = try await EvidenceStore(pool: pool).keep(evidence, hostname: report.hostnameID)
        return .judged(evidence)
    }
}
