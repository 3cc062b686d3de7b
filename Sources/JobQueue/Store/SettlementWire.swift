import Foundation

/// One settlement as `usher.settle` reads it.
private struct SettlementWire: Encodable {
    var jobID: Int64
    var attemptID: Int64
    var outcome: String
    var delay_ms: Int64?
    var reason: String?
    var errorClass: String?
    var code: String?
    var message: String?
    var actor: String?
    var providerCalls: Int

    enum CodingKeys: String, CodingKey {
        case jobID = "job_id"
        case attemptID = "attempt_id"
        case outcome
        case delay_ms
        case reason
        case errorClass = "error_class"
        case code
        case message
        case actor
        case providerCalls = "provider_calls"
    }

    init(_ settlement: Settlement) {
        jobID = settlement.jobID
        attemptID = settlement.attemptID
        providerCalls = settlement.providerCalls
        switch settlement.outcome {
        case .done(let result):
            outcome = "done"
            reason = result
        case .retry(let delay, let failure):
            outcome = "retry"
            reason = "retry"
            delay_ms = delay.wholeMilliseconds
            describe(failure)
        case .deferred(let delay, let why, let who, let text):
            outcome = "deferred"
            reason = why
            actor = who.rawValue
            message = text
            delay_ms = delay.wholeMilliseconds
        case .failed(let failure):
            outcome = "failed"
            describe(failure)
        case .cancelled(let why):
            outcome = "cancelled"
            reason = why
        case .released:
            outcome = "released"
        }
    }

    private mutating func describe(_ failure: JobFailure) {
        errorClass = failure.errorClass
        code = failure.code
        message = failure.message
        actor = failure.actor.rawValue
    }
}

extension Duration {
    /// Whole milliseconds, rounded up: a delay is never shorter than asked.
    fileprivate var wholeMilliseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
    }
}

extension [Settlement] {
    /// The JSON array `usher.settle` takes.
    ///
    /// `detail` is JSON already, so it is spliced in rather than parsed and written again.
    var wireText: String {
        let encoder = JSONEncoder()
        let elements = map { settlement in
            guard let data = try? encoder.encode(SettlementWire(settlement)) else {
                preconditionFailure("a settlement holds nothing JSON cannot carry")
            }
            return String(decoding: data.dropLast(), as: UTF8.self) + ",\"detail\":\(settlement.detail)}"
        }
        return "[\(elements.joined(separator: ","))]"
    }
}
