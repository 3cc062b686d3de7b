import Postgres

/// Settlements as `usher.settle_jobs` takes them: an array a column, none for a column that says nothing.
struct SettlementColumns {
    private(set) var jobIDs: [Int64] = []
    private(set) var attemptIDs: [Int64] = []
    private(set) var outcomes: [String] = []
    private(set) var delays_ms: [Int64?]?
    private(set) var reasons: [String?]?
    private(set) var errorClasses: [String?]?
    private(set) var codes: [String?]?
    private(set) var messages: [String?]?
    private(set) var actors: [String?]?
    private(set) var providerCalls: [Int32?]?
    private(set) var details: [JSONText?]?

    init(_ settlements: [Settlement]) {
        let rows = settlements.map { Row($0.outcome) }
        jobIDs = settlements.map(\.jobID)
        attemptIDs = settlements.map(\.attemptID)
        outcomes = rows.map(\.outcome)
        delays_ms = Self.column(rows.map(\.delay_ms))
        reasons = Self.column(rows.map(\.reason))
        errorClasses = Self.column(rows.map { $0.failure?.errorClass })
        codes = Self.column(rows.map { $0.failure?.code })
        messages = Self.column(rows.map { $0.failure?.message ?? $0.message })
        actors = Self.column(rows.map { ($0.failure?.actor ?? $0.actor)?.rawValue })
        providerCalls = Self.column(settlements.map { $0.providerCalls == 0 ? nil : Int32(clamping: $0.providerCalls) })
        details = Self.column(settlements.map { $0.detail == "{}" ? nil : JSONText($0.detail) })
    }

    private static func column<Value>(_ values: [Value?]) -> [Value?]? {
        values.contains { $0 != nil } ? values : nil
    }

    /// What one outcome says.
    private struct Row {
        var outcome: String
        var delay_ms: Int64?
        var reason: String?
        var failure: JobFailure?
        var actor: JobActor?
        var message: String?

        init(_ outcome: JobOutcome) {
            switch outcome {
            case .done(let result):
                self.outcome = "done"
                reason = result
            case .retry(let delay, let failure):
                self.outcome = "retry"
                reason = "retry"
                delay_ms = delay.wholeMilliseconds
                self.failure = failure
            case .deferred(let delay, let why, let who, let text):
                self.outcome = "deferred"
                reason = why
                actor = who
                message = text
                delay_ms = delay.wholeMilliseconds
            case .failed(let failure):
                self.outcome = "failed"
                self.failure = failure
            case .cancelled(let why):
                self.outcome = "cancelled"
                reason = why
            case .released:
                self.outcome = "released"
            }
        }
    }
}

extension Duration {
    /// Whole milliseconds, rounded up: a delay is never shorter than asked.
    fileprivate var wholeMilliseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
    }
}
