/// Rows that hold at every endpoint. Sources are named by short titles of the provider's documentation, or "field
/// report" for what others observed and published.
extension ErrorRule {
    static let limits: [ErrorRule] = [
        .status(
            429...429,
            .throttled,
            .us,
            "Stop every worker until the pause ends; each further call is refused too.",
            source: "Fundamentals: API rate limits"
        ),
        .code(
            971...971,
            .throttled,
            .us,
            "Stop every worker until the pause ends.",
            source: "field report: 971 'Please wait and consider throttling'"
        ),
        .code(
            10_100...10_100,
            .throttled,
            .us,
            "Stop every worker for the rest of the five-minute window.",
            source: "field report: 10100 'More than 1200 requests per 300 seconds'"
        ),
    ]

    static let tokens: [ErrorRule] = [
        .code(
            1_000...1_005,
            statuses: 400...403,
            .credentials,
            .operator,
            "Replace the API token: the provider does not accept it.",
            source: "Status codes: custom hostnames, 401"
        ),
        .code(
            6_003...6_003,
            .credentials,
            .operator,
            "Check the token's text for missing or additional characters.",
            source: "field report: 6003 'Invalid request headers'"
        ),
        .code(
            6_111...6_111,
            .credentials,
            .operator,
            "Check the token's text for missing or additional characters.",
            source: "field report: 6111 'Invalid format for Authorization header'"
        ),
        .code(
            7_003...7_003,
            .rejected,
            .operator,
            "Check the zone identifier and the base URL.",
            source: "API schemas: 7003 'could not route'"
        ),
        .code(
            9_109...9_109,
            .credentials,
            .operator,
            "Give the token the permission SSL and Certificates Write on this zone.",
            source: "field report: 9109 'Unauthorized to access requested resource'"
        ),
        // Said to be rate limiting by some clients; it is not.
        .code(
            10_000...10_000,
            .credentials,
            .operator,
            "Give the token the permission SSL and Certificates Write on this zone, or replace it.",
            source: "field report: 10000 'Authentication error'"
        ),
        .code(
            1_450...1_450,
            .notEntitled,
            .operator,
            "Order Advanced Certificate Manager for the zone.",
            source: "field report: 1450 on hostname settings"
        ),
    ]

    /// What remains when no number is known.
    static let httpStatuses: [ErrorRule] = [
        .status(
            300...399,
            .unknown,
            .operator,
            "Check the base URL: the provider's API does not redirect.",
            source: "RFC 9110, 15.4"
        ),
        .status(
            400...400,
            .rejected,
            .operator,
            "Read the provider's message and correct what it names.",
            source: "Status codes: custom hostnames, 400"
        ),
        .status(401...401, .credentials, .operator, "Replace the API token.", source: "RFC 9110, 15.5.2"),
        .status(
            403...403,
            .credentials,
            .operator,
            "Check the token's permissions; a token made seconds ago may need a moment.",
            source: "RFC 9110, 15.5.4; field report on new tokens"
        ),
        // A proxy answers 404 too, so without the provider's number it is no proof that anything was deleted.
        .status(
            404...404,
            .unknown,
            .operator,
            "Check the base URL: the answer does not say what was not found.",
            source: "RFC 9110, 15.5.5"
        ),
        .status(408...408, .transient, .provider, "Try again.", source: "RFC 9110, 15.5.9"),
        .status(409...409, .conflict, .us, "Read the hostname again, then decide.", source: "RFC 9110, 15.5.10"),
        .status(
            422...422,
            .rejected,
            .operator,
            "Read the provider's message and correct what it names.",
            source: "RFC 9110, 15.5.21"
        ),
        .status(500...500, .transient, .provider, "Try again later.", source: "Status codes: custom hostnames, 1500"),
        .status(
            501...599,
            .providerDown,
            .provider,
            "Wait; see the provider's status page.",
            source: "RFC 9110, 15.6; Troubleshooting: 52x errors"
        ),
    ]
}
