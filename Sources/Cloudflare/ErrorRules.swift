/// One row of the classification: which answers it is about, and the verdict on them.
package struct ErrorRule: Hashable, Sendable {
    /// `nil` is any.
    package let endpoint: ProviderCall.Endpoint?
    package let statuses: ClosedRange<Int>
    /// `nil` is any, and none.
    package let codes: ClosedRange<Int>?
    /// A part of the provider's text, where it gives no number; `nil` is any text.
    package let text: String?
    package let verdict: ErrorVerdict

    package init(
        endpoint: ProviderCall.Endpoint?,
        statuses: ClosedRange<Int>,
        codes: ClosedRange<Int>?,
        text: String? = nil,
        verdict: ErrorVerdict
    ) {
        self.endpoint = endpoint
        self.statuses = statuses
        self.codes = codes
        self.text = text
        self.verdict = verdict
    }

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

    func matches(_ call: ProviderCall, status: Int, errors: [ProviderMessage]) -> Bool {
        guard endpoint == nil || endpoint == call.endpoint, statuses.contains(status) else { return false }
        let isNumberRight = codes.map { codes in errors.contains { $0.numbers.contains(where: codes.contains) } }
        let isTextRight = text.map { text in errors.contains { $0.message.contains(text) } }
        return isNumberRight ?? true && isTextRight ?? true
    }
}

extension ProviderMessage {
    /// Its number and those of the causes it gives.
    fileprivate var numbers: [Int] { [code].compactMap(\.self) + causes }
}

/// What each answer that is no success means: endpoint, HTTP status and error number lead to a verdict.
///
/// The first row that matches decides, so a row of an operator's own stands before those of this program.
package struct ErrorTable: Hashable, Sendable {
    package let rules: [ErrorRule]

    /// What the provider's documentation and published field reports say.
    package static let standard = ErrorTable(
        rules: ErrorRule.limits + ErrorRule.customHostnames + ErrorRule.signingRequests + ErrorRule.accessCertificates
            + ErrorRule.permissions + ErrorRule.tokens + ErrorRule.httpStatuses
    )

    private init(rules: [ErrorRule]) {
        self.rules = rules
    }

    /// The standard table with rows that win over it.
    package init(overriding rules: [ErrorRule]) {
        self.rules = rules + Self.standard.rules
    }

    /// The verdict on an answer that is no success.
    func verdict(on call: ProviderCall, status: Int, errors: [ProviderMessage]) -> ErrorVerdict {
        rules.first { $0.matches(call, status: status, errors: errors) }?.verdict ?? Self.unknown
    }

    private static let unknown = ErrorVerdict(
        class: .unknown,
        actor: .operator,
        advice: "Read the provider's message; this answer is not in the table.",
        source: "none"
    )
}
