/// The numbers of the signing request endpoints: the same as those of custom hostnames, with other meanings.
extension ErrorRule {
    static let signingRequests: [ErrorRule] = [
        request(1_403...1_404, .notEntitled, .operator, "Order custom signing requests, or raise their quota."),
        request(1_405...1_411, .rejected, .operator, "Correct the request: a field is missing or a name too long."),
        request(1_412...1_416, .rejected, .tenant, "Correct the names: each a hostname of at most 255 characters."),
        request(1_417...1_417, .rejected, .operator, "Correct the kind of key: rsa2048 or p256v1."),
        request(1_418...1_418, .rejected, .us, "Report this: the request's identifier was not well formed."),
        request(1_419...1_419, .gone, .us, "Make a new request if one is still wanted."),
        request(1_420...1_420, .conflict, .operator, "Move the hostnames to another certificate before deleting it."),
        request(1_500...1_500, statuses: 200...599, .transient, .provider, "Try again later."),
    ]

    private static func request(
        _ numbers: ClosedRange<Int>,
        statuses: ClosedRange<Int> = 200...499,
        _ class: ErrorClass,
        _ actor: ResponsibleActor,
        _ advice: String
    ) -> ErrorRule {
        code(
            numbers,
            at: .customSigningRequests,
            statuses: statuses,
            `class`,
            actor,
            advice,
            source: "Status codes: custom CSRs"
        )
    }
}
