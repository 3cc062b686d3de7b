/// What went wrong with a call, as seen from here.
package enum CloudflareFault: Error, Hashable, Sendable {
    /// The provider answered, and its answer is not a success. Texts are redacted and cut to length.
    case refused(status: Int, errors: [ProviderMessage])
    /// The answer says success, but its body cannot be used.
    case unreadable(status: Int, UnreadableBody)
    /// There is no answer. The detail is redacted.
    case transport(TransportFault, detail: String)
    /// The request was not sent, because it would not be what it says.
    case invalidRequest(String)
}

/// Why the body of a successful answer is of no use.
package enum UnreadableBody: String, CaseIterable, Hashable, Sendable {
    case empty
    case notJSON = "not_json"
    /// The connection ended before the body did.
    case truncated
    /// Longer than ``CloudflareSettings/maximumBodyBytes``.
    case tooLarge = "too_large"
    /// JSON, but without what must be in it.
    case unexpectedShape = "unexpected_shape"
}

/// Why there is no answer.
package enum TransportFault: String, CaseIterable, Hashable, Sendable {
    /// No connection came about, so nothing was sent.
    case unreachable
    /// The time for the call was over. It may have been sent.
    case timedOut = "timed_out"
    /// The connection broke. The call may have been sent.
    case connectionLost = "connection_lost"
    /// The task was cancelled. The call may have been sent.
    case cancelled
    /// Base URL, token or HTTP client cannot be used, so nothing was sent.
    case misconfigured
}

extension CloudflareFault {
    /// Whether a call of this kind may have taken effect all the same.
    func leavesOutcomeUnknown(_ call: ProviderCall) -> Bool {
        guard call.changesState else { return false }
        return switch self {
        case .refused(let status, let errors): status >= 500 || status == 408 || (status < 300 && errors.isEmpty)
        case .unreadable: true
        case .transport(let fault, _): fault != .unreachable && fault != .misconfigured
        case .invalidRequest: false
        }
    }

    func verdict(on call: ProviderCall, by table: ErrorTable) -> ErrorVerdict {
        switch self {
        case .refused(let status, let errors): table.verdict(on: call, status: status, errors: errors)
        case .unreadable(_, let body): body.verdict
        case .transport(let fault, _): fault.verdict
        case .invalidRequest: ErrorVerdict(.rejected, .operator, "Correct the identifier: zone, account or hostname.")
        }
    }
}

extension UnreadableBody {
    var verdict: ErrorVerdict {
        switch self {
        case .empty, .truncated: ErrorVerdict(.transient, .provider, "Try again.")
        case .notJSON: ErrorVerdict(.transient, .provider, "Try again; if it stays, check the base URL and proxies.")
        case .tooLarge: ErrorVerdict(.unknown, .us, "Ask for smaller pages or raise the limit on answers.")
        case .unexpectedShape: ErrorVerdict(.unknown, .us, "Report this: the provider's answer has changed.")
        }
    }
}

extension TransportFault {
    var verdict: ErrorVerdict {
        switch self {
        case .unreachable: ErrorVerdict(.providerDown, .provider, "Check DNS and network, then the provider's status.")
        case .timedOut, .connectionLost: ErrorVerdict(.transient, .provider, "Try again.")
        case .cancelled: ErrorVerdict(.transient, .us, "Try again: this program stopped waiting.")
        case .misconfigured: ErrorVerdict(.rejected, .operator, "Correct the base URL or the API token.")
        }
    }
}

extension ErrorVerdict {
    /// A verdict that rests on nothing but what was seen here.
    fileprivate init(_ class: ErrorClass, _ actor: ResponsibleActor, _ advice: String) {
        self.init(class: `class`, actor: actor, advice: advice, source: "observed by the client")
    }
}
