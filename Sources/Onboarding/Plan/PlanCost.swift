import JobQueue

/// What carrying out a plan asks of the provider, at the least.
package struct PlanCost: Hashable, Sendable {
    /// Creations and edits, one call each.
    package let writes: Int
    /// One look at each hostname that is edited: a stored reading is too old to write upon by the time of the job.
    package let reads: Int
    /// List pages of one sweep, which reads everything back.
    package let pages: Int
    /// Certificates to be issued: only creations count (the provider's troubleshooting page).
    package let certificates: Int

    /// Hostnames on one list page, as the sweep asks for them.
    private static let pageSize = 1000

    package init(creations: Int, edits: Int, population: Int) {
        writes = creations + edits
        reads = edits
        pages = writes == 0 ? 0 : (population + Self.pageSize - 1) / Self.pageSize
        certificates = creations
    }

    package var calls: Int { writes + reads + pages }

    /// The time the calls take at 1,200 in 5 minutes.
    package var callTime: Duration { Admission.callsBudget.time(for: calls) }

    /// The time the certificates take at 15 a minute.
    package var certificateTime: Duration { Admission.certificatesBudget.time(for: certificates) }

    /// The least time: of both limits the tighter one counts.
    package var time: Duration { max(callTime, certificateTime) }
}

extension Budget {
    /// The time that so many units take at the provider's whole quota.
    fileprivate func time(for units: Int) -> Duration {
        .seconds(window / .seconds(1) * Double(units) / Double(quota))
    }
}
