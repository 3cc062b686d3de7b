import Cloudflare
import JobQueue
import Logging
import Onboarding
import Postgres

/// Provider calls that a person waits for: charged to the shared budget, where the reserve is kept for them.
struct InteractiveCalls {
    /// `nil` without a database, or before any worker has declared the budgets: there is nothing to share then.
    fileprivate let admission: Admission?
    fileprivate let pool: PostgresPool?

    /// Makes one call.
    ///
    /// - Throws: ``Failure`` if nothing is left of the provider's limit; the call's own error.
    func make<Value: Sendable>(
        _ call: () async throws(CloudflareError) -> Answer<Value>
    ) async throws -> Value {
        let unit: BudgetUnit?
        do {
            unit = try await admission?.admit(.call)
        } catch {
            guard let refusal = error as? BudgetRefusal else { return try await call().value }
            throw Failure(
                "the provider's limit leaves no call for now",
                hint: "try again in \(Span(refusal.retryAfter)); see usher provider status"
            )
        }
        guard let admission, let unit else { return try await call().value }
        do {
            return try await admission.perform(unit, for: nil, call).value
        } catch {
            // Whether the breaker is open matters to jobs, not to whoever looks.
            throw (error as? OutageError)?.error ?? error
        }
    }

    /// Keeps the zone's quota as just read, for `usher provider status`.
    func keep(_ quota: HostnameQuota, of zone: String) async {
        guard let pool else { return }
        try? await ZoneQuotaStore(pool: pool).keep(quota, of: zone)
    }
}

extension Settings {
    /// Lends the means to call the provider within the shared limits.
    func withAdmission<Value>(_ body: (InteractiveCalls) async -> Value) async -> Value {
        let none = InteractiveCalls(admission: nil, pool: nil)
        guard databaseURL != nil else { return await body(none) }
        let pool = PostgresPool(connectionSettings, size: 2, logger: logger(.critical))
        defer { pool.close() }
        let admission = Admission(
            budgets: PostgresBudgetStore(pool: pool),
            patience: .seconds(3),
            interactive: true
        )
        return await body(InteractiveCalls(admission: admission, pool: pool))
    }
}
