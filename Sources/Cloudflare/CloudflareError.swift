/// Why a call to the provider failed, what kind of failure that is, and who must move.
///
/// It never holds anything of the request's body, and what it quotes of the provider is redacted.
package struct CloudflareError: Error, Hashable, Sendable {
    /// The call that failed.
    package let call: ProviderCall
    /// What was seen.
    package let fault: CloudflareFault
    /// What the answer said about pace, so that a refusal too corrects the shared budget.
    package let pacing: Pacing
    /// The provider's identifier of the request (`cf-ray`), to quote in a support case.
    package let ray: String?
    /// Our identifier of the request, as in the log.
    package let requestID: String
    /// The class, actor and advice that the tables give.
    package let verdict: ErrorVerdict

    /// Judges a fault by the table; fakes of ``HostnameProvider`` make their errors with it too.
    package init(
        call: ProviderCall,
        fault: CloudflareFault,
        pacing: Pacing = Pacing(),
        ray: String? = nil,
        requestID: String = "",
        table: ErrorTable = .standard
    ) {
        self.call = call
        self.fault = fault
        self.pacing = pacing
        self.ray = ray
        self.requestID = requestID
        self.verdict = fault.verdict(on: call, by: table)
    }

    /// What kind of trouble it is.
    package var `class`: ErrorClass { verdict.class }

    /// Who has to move.
    package var actor: ResponsibleActor { verdict.actor }

    /// How long the provider wants no calls; `nil` if it did not say.
    package var retryAfter: Duration? { pacing.retryAfter }

    /// True if the call may have taken effect: look before sending it again.
    package var isOutcomeUnknown: Bool { fault.leavesOutcomeUnknown(call) }

    /// The HTTP status; `nil` if there was no answer.
    package var status: Int? {
        switch fault {
        case .refused(let status, _), .unreadable(let status, _): status
        case .transport, .invalidRequest: nil
        }
    }

    /// What the provider said.
    package var errors: [ProviderMessage] {
        guard case .refused(_, let errors) = fault else { return [] }
        return errors
    }

    /// The provider's number of the first error.
    package var code: Int? { errors.lazy.compactMap(\.code).first }
}

extension CloudflareError: CustomStringConvertible {
    package var description: String {
        var text = "\(call): \(fault) [\(verdict.class.rawValue), \(verdict.actor.rawValue) to act]"
        if isOutcomeUnknown { text += " (may have taken effect)" }
        if let ray { text += " (cf-ray \(ray))" }
        return text + ". " + verdict.advice
    }
}

extension CloudflareFault: CustomStringConvertible {
    package var description: String {
        switch self {
        case .refused(let status, let errors):
            "HTTP \(status)" + errors.map { ", \($0)" }.joined()
        case .unreadable(let status, let body):
            "HTTP \(status), body \(body.rawValue)"
        case .transport(let fault, let detail):
            "\(fault.rawValue), \(detail)"
        case .invalidRequest(let reason):
            "not sent, \(reason)"
        }
    }
}
