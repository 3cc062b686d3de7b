/// The name of one thing usher is told from outside.
///
/// The raw value is the path in the configuration file; the environment's name follows from it: `provider.token_file`
/// is
/// `USHER_PROVIDER_TOKEN_FILE`.
package enum Setting: String, CaseIterable, Sendable {
    case databaseURL = "database.url"
    case providerURL = "provider.url"
    case providerZone = "provider.zone"
    case providerAccount = "provider.account"
    case providerToken = "provider.token"
    case providerTokenFile = "provider.token_file"
    case errorsFile = "errors_file"
    case webhookSecret = "webhook_secret"
    case operatorToken = "operator_token"
    case keysFile = "keys_file"
    case publicKey = "public_key"
    case edgeAddress = "edge.address"
    case edgePrivateAddresses = "edge.private_addresses"
    case edgeProof = "edge.proof"
    case logLevel = "log_level"

    package var environmentName: String {
        "USHER_" + rawValue.uppercased().replacing(".", with: "_")
    }

    /// Whether the configuration file may hold it: a file that is committed and copied is no place for a secret.
    var isAllowedInFile: Bool { ![.providerToken, .webhookSecret, .operatorToken].contains(self) }

    /// What it means, for `usher --help`.
    var meaning: String {
        switch self {
        case .databaseURL: "postgresql:// URL; else PG* and ~/.pgpass"
        case .providerURL: "the provider's API; else Cloudflare's"
        case .providerZone: "id of the zone with the custom hostnames"
        case .providerAccount: "id of the account, if the token is the account's"
        case .providerToken: "API token; environment only"
        case .providerTokenFile: "file that holds the API token"
        case .errorsFile: "what the provider's errors mean (provider errors)"
        case .webhookSecret: "secret of webhooks; environment only"
        case .operatorToken: "token of orders over HTTP; environment only"
        case .keysFile: "the workers' private keys (keys generate)"
        case .publicKey: "public key that tenants' keys are sealed to"
        case .edgeAddress: "host:port asked for every name; else its DNS, port 443"
        case .edgePrivateAddresses: "allow or refuse edges inside private networks"
        case .edgeProof: "handshake, or none: enforced without having seen it"
        case .logLevel: "trace, debug, info, notice, warning or error"
        }
    }

    /// The section of `usher --help`.
    static let help = """
        CONFIGURATION:
          Flags win over the environment, and that over the file: --config,
          USHER_CONFIG or ./usher.yaml.
        \(allCases.map { "  " + $0.environmentName.padded(to: 29) + $0.meaning }.joined(separator: "\n"))
          In the file the same names are keys: provider: {zone: …}.
        """
}
