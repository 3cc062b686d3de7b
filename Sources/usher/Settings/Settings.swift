package import Cloudflare
import Configuration
import Foundation
package import Logging

/// What usher is told from outside: flags over environment over file over defaults.
package struct Settings: Sendable {
    package static let cloudflareURL = "https://api.cloudflare.com/client/v4"

    /// `nil` leaves the choice to libpq: `PG*` variables, the service file, the local socket.
    package var databaseURL: String?
    package var providerURL: String
    package var providerZone: String?
    package var providerAccount: String?
    package var providerToken: Secret?
    /// Rows that win over the table of the provider's errors.
    package var errorsFile: String?
    package var webhookSecret: Secret?
    /// What orders over HTTP must bring.
    package var operatorToken: Secret?
    package var keysFile: String?
    package var publicKey: String?
    package var edge: Edge
    /// `nil` leaves the choice to the command.
    package var logLevel: Logger.Level?

    /// Finds the value of every setting.
    ///
    /// - Parameters:
    ///   - flags: What the command line says.
    ///   - configurationFile: The file the command line names.
    ///   - environment: The process's variables; an empty one counts as not set, as in most shells' idioms.
    /// - Throws: ``Failure`` with the status of a bad configuration.
    package init(
        flags: [Setting: String] = [:],
        configurationFile: String? = nil,
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws(Failure) {
        let environment = environment.filter { !$0.value.isEmpty }
        let file = try SettingsFile.values(named: configurationFile ?? environment["USHER_CONFIG"])
        let reader = ConfigReader(providers: [
            InMemoryProvider(name: "flags", values: Self.configValues(flags)),
            EnvironmentVariablesProvider(environmentVariables: environment).prefixKeys(with: "usher"),
            InMemoryProvider(name: "file", values: Self.configValues(file)),
        ])
        func value(_ setting: Setting, isSecret: Bool = false) -> String? {
            reader.string(forKey: ConfigKey(setting.rawValue), isSecret: isSecret)
        }
        databaseURL = value(.databaseURL)
        providerURL = value(.providerURL) ?? Self.cloudflareURL
        providerZone = value(.providerZone)
        providerAccount = value(.providerAccount)
        errorsFile = value(.errorsFile)
        webhookSecret = value(.webhookSecret, isSecret: true).map(Secret.init)
        operatorToken = value(.operatorToken, isSecret: true).map(Secret.init)
        keysFile = value(.keysFile)
        publicKey = value(.publicKey)
        edge = try Edge { value($0) }
        providerToken = try Self.token(value(.providerToken, isSecret: true), file: value(.providerTokenFile))
        logLevel = try Self.logLevel(value(.logLevel))
        if let url = flags[.databaseURL] { try Self.refusePassword(in: url) }
    }

    private static func configValues(_ values: [Setting: String]) -> [AbsoluteConfigKey: ConfigValue] {
        let pairs = values.map { setting, text in
            (AbsoluteConfigKey(ConfigKey(setting.rawValue)), ConfigValue(stringLiteral: text))
        }
        return Dictionary(uniqueKeysWithValues: pairs)
    }

    private static func token(_ text: String?, file: String?) throws(Failure) -> Secret? {
        if let text { return Secret(text) }
        guard let file else { return nil }
        guard let content = try? String(contentsOf: URL(filePath: file), encoding: .utf8) else {
            throw Failure(
                "the token file \(file) cannot be read",
                hint: "check \(Setting.providerTokenFile.environmentName) and the file's permissions",
                status: .badConfiguration
            )
        }
        return Secret(content.trimmingCharacters(in: .whitespacesAndNewlines))
    }

    private static func logLevel(_ text: String?) throws(Failure) -> Logger.Level? {
        guard let text else { return nil }
        guard let level = Logger.Level(rawValue: text) else {
            throw Failure(
                "\(Setting.logLevel.environmentName) is \"\(InputProblem.shown(text))\"",
                hint: "one of \(Logger.Level.allCases.map(\.rawValue).joined(separator: ", "))",
                status: .badConfiguration
            )
        }
        return level
    }

    /// A command line is seen by everybody on the machine and kept in the shell's history.
    private static func refusePassword(in url: String) throws(Failure) {
        guard URLComponents(string: url)?.password != nil || url.contains("password=") else { return }
        throw Failure(
            "a password on the command line can be read by everybody on this machine",
            hint: "use PGPASSWORD, ~/.pgpass or \(Setting.databaseURL.environmentName)",
            status: .usage
        )
    }
}

extension Settings {
    /// Everything a call of the provider's API needs.
    package struct Provider: Sendable {
        package let url: String
        package let zone: String
        package let token: Secret
        /// `nil` for a user's token.
        package var account: String?
    }

    /// The provider's settings, all of them.
    ///
    /// - Throws: ``Failure`` that names the missing one.
    package func provider() throws(Failure) -> Provider {
        Provider(
            url: providerURL,
            zone: try required(providerZone, .providerZone, "no zone is configured"),
            token: try required(providerToken, .providerToken, "no API token is configured"),
            account: providerAccount
        )
    }

    /// The value of a setting the command cannot do without.
    package func required<Value>(
        _ value: Value?,
        _ setting: Setting,
        _ message: String
    ) throws(Failure) -> Value {
        if let value { return value }
        let file = setting.isAllowedInFile ? setting.rawValue : Setting.providerTokenFile.rawValue
        let hint = "set \(setting.environmentName), or \(file) in usher.yaml"
        throw Failure(message, hint: hint, status: .badConfiguration)
    }
}
