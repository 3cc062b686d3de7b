/// The numbers of the Access certificate endpoints, and which permission each endpoint needs.
extension ErrorRule {
    static let accessCertificates: [ErrorRule] = [
        access(12_130, .notEntitled, .operator, "Delete an authority, or share one: an account has at most 50."),
        access(12_132, .transient, .provider, "Try again in some seconds: an earlier change is still being made."),
        access(12_135, .gone, .us, "Add the authority again if it is still wanted."),
        access(12_036, .rejected, .operator, "Send only hostnames of one zone, the one that is called for."),
        ErrorRule(
            endpoint: .accessCertificates,
            statuses: 400...499,
            codes: nil,
            text: "certificate_has_active_associations",
            verdict: ErrorVerdict(
                class: .conflict,
                actor: .us,
                advice: "Take its hostnames away first, wait some seconds, then delete it.",
                source: fieldReport
            )
        ),
    ]

    /// A missing permission shows as 9109 or as 10000 "Authentication error", whatever the endpoint.
    static let permissions: [ErrorRule] =
        permission(.zoneSettings, "Zone Settings Read, and Write to change them, on this zone")
        + permission(.accessCertificates, "Access: Mutual TLS Certificates Write")
        + permission(.notifications, "Notifications Write on the account")

    private static let fieldReport = "field report: tests of the provider's own clients"

    private static func access(
        _ number: Int,
        _ class: ErrorClass,
        _ actor: ResponsibleActor,
        _ advice: String
    ) -> ErrorRule {
        code(number...number, at: .accessCertificates, `class`, actor, advice, source: fieldReport)
    }

    private static func permission(_ endpoint: ProviderCall.Endpoint, _ name: String) -> [ErrorRule] {
        [9_109, 10_000].map { number in
            code(
                number...number,
                at: endpoint,
                .credentials,
                .operator,
                "Give the token the permission \(name), or replace it.",
                source: "field report: \(number) for a missing permission; API reference, permissions"
            )
        }
    }
}
