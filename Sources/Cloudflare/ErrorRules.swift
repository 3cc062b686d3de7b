/// One row of the classification: which answers it is about, and the verdict on them.
struct ErrorRule: Sendable {
    /// `nil` is any.
    let endpoint: ProviderCall.Endpoint?
    let statuses: ClosedRange<Int>
    /// `nil` is any, and none.
    let codes: ClosedRange<Int>?
    let verdict: ErrorVerdict

    /// A row about the answer's error number; failures of the server itself are judged by status alone.
    static func code(
        _ codes: ClosedRange<Int>,
        at endpoint: ProviderCall.Endpoint? = nil,
        statuses: ClosedRange<Int> = 200...499,
        _ class: ErrorClass,
        _ actor: ResponsibleActor,
        _ advice: String,
        source: String
    ) -> ErrorRule {
        let verdict = ErrorVerdict(class: `class`, actor: actor, advice: advice, source: source)
        return ErrorRule(endpoint: endpoint, statuses: statuses, codes: codes, verdict: verdict)
    }

    /// A row about the HTTP status, whatever the body says.
    static func status(
        _ statuses: ClosedRange<Int>,
        _ class: ErrorClass,
        _ actor: ResponsibleActor,
        _ advice: String,
        source: String
    ) -> ErrorRule {
        let verdict = ErrorVerdict(class: `class`, actor: actor, advice: advice, source: source)
        return ErrorRule(endpoint: nil, statuses: statuses, codes: nil, verdict: verdict)
    }

    func matches(_ call: ProviderCall, status: Int, codes present: [Int]) -> Bool {
        guard endpoint == nil || endpoint == call.endpoint, statuses.contains(status) else { return false }
        guard let codes else { return true }
        return present.contains { codes.contains($0) }
    }
}

extension ErrorVerdict {
    /// The verdict on an answer that is no success: the first row that matches.
    static func refused(_ call: ProviderCall, status: Int, errors: [ProviderMessage]) -> ErrorVerdict {
        let codes = errors.flatMap { [$0.code].compactMap(\.self) + $0.causes }
        return rules.first { $0.matches(call, status: status, codes: codes) }?.verdict ?? unknown
    }

    private static let rules =
        ErrorRule.limits + ErrorRule.tokens + ErrorRule.customHostnames + ErrorRule.httpStatuses

    private static let unknown = ErrorVerdict(
        class: .unknown,
        actor: .operator,
        advice: "Read the provider's message; this answer is not in the table.",
        source: "none"
    )
}
