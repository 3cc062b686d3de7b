/// An error of the provider's API: HTTP status, code and text.
///
/// Codes and statuses: the provider's page on status codes of custom hostnames, unless said otherwise at the case.
/// The texts are the simulator's own where the page gives none.
struct APIRefusal: Error, Hashable, Sendable {
    var status: Int
    var code: Int
    var message: String
    /// The cause under the error, as some of the gateway's refusals carry one.
    var chain: [Cause] = []

    struct Cause: Hashable, Sendable {
        var code: Int
        var message: String
    }

    init(_ status: Int, _ code: Int, _ message: String, chain: [Cause] = []) {
        self.status = status
        self.code = code
        self.message = message
        self.chain = chain
    }

    var wire: APIValue {
        var value: APIValue = ["code": .integer(code), "message": .string(message)]
        if !chain.isEmpty {
            value["error_chain"] = .array(
                chain.map { ["code": .integer($0.code), "message": .string($0.message)] }
            )
        }
        return value
    }
}

// MARK: - The gateway: credentials, routes, pace

extension APIRefusal {
    static let noAuthorization = APIRefusal(400, 1_403, "No Authorization header was sent.")
    static let malformedAuthorization = APIRefusal(
        400,
        6_003,
        "Invalid request headers",
        chain: [Cause(code: 6_111, message: "Invalid format for Authorization header")]
    )
    static let invalidToken = APIRefusal(401, 1_000, "Invalid API Token")
    static let authentication = APIRefusal(401, 10_000, "Authentication error")
    /// A known token without the scope; third parties report this code with 403.
    static func missingScope(_ semantics: ProviderSemantics) -> APIRefusal {
        let isOther = semantics.missingScopeCode != 10_000
        let text = isOther ? "Unauthorized to access requested resource" : "Authentication error"
        return APIRefusal(403, semantics.missingScopeCode, text)
    }
    static let throttled = APIRefusal(429, 971, "Please wait and consider throttling your request speed")
    static func throttled(_ semantics: ProviderSemantics) -> APIRefusal {
        semantics.throttledCode == 971
            ? .throttled
            : APIRefusal(429, semantics.throttledCode, "More than 1200 requests per 300 seconds reached")
    }
    static let internalError = APIRefusal(500, 1_500, "Internal error")

    static func noRoute(_ path: String) -> APIRefusal {
        APIRefusal(404, 7_003, "Could not route to \(path), perhaps your object identifier is invalid?")
    }
}

// MARK: - Hostnames

extension APIRefusal {
    static let undecodable = APIRefusal(400, 1_400, "Unable to decode the JSON request body.")
    static func unknownKeys(_ keys: [String]) -> APIRefusal {
        APIRefusal(400, 1_400, "Unable to decode the JSON request body. Unknown: \(keys.joined(separator: ", ")).")
    }
    static func notEnabled(_ semantics: ProviderSemantics) -> APIRefusal {
        APIRefusal(
            semantics.notEnabledStatus,
            1_404,
            "No custom hostname quota has been allocated for this zone."
        )
    }
    static let metadataNotEncodable = APIRefusal(400, 1_401, "The custom metadata cannot be encoded, or is too large.")
    static let quotaExceeded = APIRefusal(403, 1_405, "Custom hostname quota has been exceeded.")
    static let duplicate = APIRefusal(409, 1_406, "Duplicate custom hostname found.")
    static let badHostname = APIRefusal(
        400,
        1_407,
        "Invalid custom hostname: it must be at most 255 characters, no IP address and without special characters."
    )
    static let nonASCIIHostname = APIRefusal(400, 1_408, "Custom hostnames must be ASCII; use the punycode form.")
    static let reservedTopLevel = APIRefusal(
        400,
        1_409,
        "Custom hostnames may not end in a reserved top-level domain (test, example, invalid, localhost)."
    )
    static let publicSuffix = APIRefusal(400, 1_410, "The custom hostname has no registrable domain.")
    static let bannedDomain = APIRefusal(400, 1_411, "example.com, example.net and example.org are not allowed.")
    static let wildcardMetadata = APIRefusal(400, 1_412, "Custom metadata is not allowed on wildcard hostnames.")
    static let metadataAccess = APIRefusal(403, 1_413, "Access to custom metadata has not been granted.")
    static let originAccess = APIRefusal(403, 1_414, "Access to custom origin servers has not been granted.")
    static let badOrigin = APIRefusal(400, 1_415, "Invalid custom origin server.")
    static let nonASCIIOrigin = APIRefusal(400, 1_416, "Custom origin servers must be ASCII; use the punycode form.")
    static let wildcardOrigin = APIRefusal(400, 1_420, "A custom origin server may not be a wildcard.")
    static let originNotInZone = APIRefusal(
        400,
        1_421,
        "The custom origin server must be an A, AAAA or CNAME record of the zone."
    )
    static let badIdentifier = APIRefusal(400, 1_435, "Invalid custom hostname ID.")
    static let notFound = APIRefusal(404, 1_436, "The custom hostname was not found.")
    static let badListFilter = APIRefusal(400, 1_437, "Invalid hostname filter.")
    static let clashingListFilters = APIRefusal(400, 1_438, "These filters cannot be used together.")
    static let notModifiable = APIRefusal(409, 1_439, "Modifying this custom hostname is not supported now.")
    /// Reported by third parties for fallback origins; used for whatever the zone's plan does not include.
    static let notInPlan = APIRefusal(
        403,
        1_456,
        "Access to configure this resource has not been granted for this zone."
    )
}

// MARK: - TLS settings and certificates

extension APIRefusal {
    static let badHTTP2 = APIRefusal(400, 1_422, "Invalid value for http2.")
    static let badTLS13 = APIRefusal(400, 1_424, "Invalid value for tls_1_3.")
    static let badMinimumTLS = APIRefusal(400, 1_425, "Invalid value for min_tls_version.")
    static let certificateUnparsable = APIRefusal(400, 1_426, "The custom certificate cannot be parsed.")
    static let certificateEmpty = APIRefusal(400, 1_427, "The custom certificate is empty.")
    static let keyUnparsable = APIRefusal(400, 1_428, "The custom key cannot be parsed.")
    static let keyMismatch = APIRefusal(400, 1_429, "The custom key does not match the custom certificate.")
    static let badSigningRequestIdentifier = APIRefusal(400, 1_430, "Invalid custom CSR ID.")
    static let signingRequestNotFound = APIRefusal(404, 1_431, "The custom CSR was not found.")
    static let badMethod = APIRefusal(400, 1_432, "Invalid SSL method.")
    static let badType = APIRefusal(400, 1_433, "Invalid SSL type.")
    static let badSSL = APIRefusal(400, 1_434, "The SSL attribute is invalid.")
    static let typeAndMethodRequired = APIRefusal(400, 1_440, "Both type and method are required.")
    static let untrustedChain = APIRefusal(400, 1_441, "The certificate does not bundle to a public trust store.")
    static let badCiphers = APIRefusal(400, 1_442, "Invalid ciphers.")
    static let ciphersWithTLS13 = APIRefusal(400, 1_443, "Ciphers cannot be set with a minimum of TLS 1.3.")
    static let severalLeaves = APIRefusal(400, 1_444, "The custom certificate contains several leaf certificates.")
    static let noLeaf = APIRefusal(400, 1_445, "The custom certificate contains no leaf certificate.")
    static let nameNotCovered = APIRefusal(400, 1_446, "The certificate's SAN does not include the custom hostname.")
    static let badSignatureAlgorithm = APIRefusal(400, 1_447, "The certificate's signature algorithm is not supported.")
    static let wildcardNeedsCertificate = APIRefusal(
        400,
        1_448,
        "A hostname that is a wildcard needs a custom certificate."
    )
    static let badBundleMethod = APIRefusal(400, 1_449, "Invalid bundle method.")
    /// Seen live by third parties, not in the provider's table.
    static let authorityNotSelectable = APIRefusal(
        400,
        1_459,
        "Choosing a certificate authority is available to Enterprise zones only."
    )

    /// No code is documented for it.
    static let certificateEndsSoon = APIRefusal(400, 1_434, "The certificate ends within 14 days.")
    static let brandingNeeded = APIRefusal(
        400,
        1_469,
        "No hostname of the certificate has at most 64 characters; cloudflare_branding is needed."
    )
    /// The reference gives no codes for the calls on single certificates.
    static let packNotFound = APIRefusal(404, 1_436, "The certificate pack or certificate was not found.")
    static let lastCertificate = APIRefusal(400, 1_434, "The last certificate of a hostname cannot be deleted.")
    static let otherKeyType = APIRefusal(400, 1_434, "A certificate is replaced by one of the same algorithm only.")
    /// Seen by third parties on settings that need the manager.
    static let advancedCertificatesNeeded = APIRefusal(
        403,
        1_450,
        "Advanced Certificate Manager is required for this setting."
    )

    /// The zone settings' own code for a bad value, not in the custom hostname table.
    static func badZoneSetting(_ name: String) -> APIRefusal {
        APIRefusal(400, 1_007, "Invalid value for zone setting \(name)")
    }
    /// The provider documents no code for a zone without fallback origin.
    static let noFallbackOrigin = APIRefusal(404, 1_551, "Resource not found")
}
