/// The numbers of the custom hostname endpoints; at others the same numbers mean other things.
extension ErrorRule {
    static let customHostnames: [ErrorRule] = [
        conflict(1_406, "Find the hostname by its exact name; adopt it only if this tenant holds a live claim to it."),
        conflict(1_439, "Read the hostname again, then decide; it cannot be modified as it stands."),
        gone(1_436, "Create it again only if the tenant's claim is still alive."),

        notEntitled(1_404...1_404, "Enable SSL for SaaS on the zone."),
        notEntitled(1_405...1_405, "Raise the hostname quota or delete hostnames nobody uses; pending ones count."),
        notEntitled(1_413...1_413, "Order custom metadata, or do not send it."),
        notEntitled(1_414...1_414, "Order custom origin servers, or do not send one."),
        notEntitled(1_456...1_456, "Enable SSL for SaaS on the zone.", source: "field report: 1456"),
        notEntitled(
            1_459...1_459,
            "Do not name a certificate authority: choosing one needs the Enterprise plan.",
            source: "field report: 1459 on an edit that echoed the authority"
        ),

        rejected(1_400...1_402, .us, "Report this: the request was not well formed."),
        code(
            1_403...1_403,
            at: .customHostnames,
            .credentials,
            .operator,
            "Set the API token: the request had none.",
            source: statusCodes
        ),
        rejected(1_407...1_408, .tenant, "Correct the hostname: a DNS name in its ASCII form, at most 255 characters."),
        rejected(1_409...1_411, .tenant, "Choose another hostname: this domain is reserved or a public suffix."),
        rejected(1_412...1_412, .us, "Report this: metadata cannot be set on a wildcard."),
        rejected(1_415...1_421, .operator, "Correct the origin server: a record of the zone, no wildcard."),
        rejected(1_422...1_425, .operator, "Correct the tier's policy: the provider does not take this setting."),
        rejected(1_426...1_427, .tenant, "Upload the certificate again as PEM."),
        rejected(1_428...1_428, .tenant, "Upload the private key again as PEM without a password."),
        rejected(1_429...1_429, .tenant, "Upload certificate and key of the same pair."),
        rejected(1_430...1_431, .operator, "Check the certificate signing request: it does not exist."),
        rejected(1_432...1_435, .us, "Report this: the request lacks type, method or a valid identifier."),
        rejected(1_437...1_438, .us, "Report this: the list's filters exclude each other."),
        rejected(1_440...1_440, .us, "Report this: an edit must name both type and method."),
        rejected(1_441...1_441, .tenant, "Upload a certificate that chains to a public authority, without the root."),
        rejected(1_442...1_442, .operator, "Correct the tier's cipher list: a name in it cannot be set."),
        rejected(1_443...1_443, .operator, "Remove the cipher list: none may be set with a minimum of TLS 1.3."),
        rejected(1_444...1_445, .tenant, "Upload a chain with exactly one leaf certificate."),
        rejected(1_446...1_446, .tenant, "Upload a certificate that names this hostname."),
        rejected(1_447...1_447, .tenant, "Upload a certificate signed with SHA-256 (ECDSA or RSA)."),
        rejected(1_448...1_448, .tenant, "Choose a name without '*', or bring a certificate."),
        rejected(1_449...1_449, .operator, "Correct the bundle method."),
        rejected(
            1_469...1_469,
            .us,
            "Report this: a name above 64 characters needs the provider's branding.",
            source: "Troubleshooting: 1469"
        ),
        code(
            1_500...1_500,
            at: .customHostnames,
            statuses: 200...599,
            .transient,
            .provider,
            "Try again later.",
            source: statusCodes
        ),
    ]

    private static let statusCodes = "Status codes: custom hostnames"

    private static func conflict(_ number: Int, _ advice: String) -> ErrorRule {
        code(number...number, at: .customHostnames, .conflict, .us, advice, source: statusCodes)
    }

    private static func gone(_ number: Int, _ advice: String) -> ErrorRule {
        code(number...number, at: .customHostnames, .gone, .us, advice, source: statusCodes)
    }

    private static func notEntitled(
        _ numbers: ClosedRange<Int>,
        _ advice: String,
        source: String = statusCodes
    ) -> ErrorRule {
        code(numbers, at: .customHostnames, .notEntitled, .operator, advice, source: source)
    }

    private static func rejected(
        _ numbers: ClosedRange<Int>,
        _ actor: ResponsibleActor,
        _ advice: String,
        source: String = statusCodes
    ) -> ErrorRule {
        code(numbers, at: .customHostnames, .rejected, actor, advice, source: source)
    }
}
