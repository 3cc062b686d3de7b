import ArgumentParser
import Foundation
import JobQueue
import Logging
import Postgres

/// How every command shows its results.
struct OutputOptions: ParsableArguments {
    @Flag(name: .customLong("json"), help: "Print the result as one JSON document.")
    var asJSON = false

    var output: Output { Output(asJSON: asJSON) }
}

/// Where the settings and the database of a command are.
struct DatabaseOptions: ParsableArguments {
    @Option(name: .customLong("config"), help: "Read settings from this file.")
    var configurationFile: String?

    @Option(help: "The database, as a postgresql:// URL without password.")
    var database: String?

    var flags: [Setting: String] {
        database.map { [.databaseURL: $0] } ?? [:]
    }

    /// The settings, with other flags beside the database's.
    func settings(_ others: [Setting: String] = [:]) throws(Failure) -> Settings {
        try Settings(flags: flags.merging(others) { first, _ in first }, configurationFile: configurationFile)
    }

    /// Who answers for an order: who is named with it, else USHER_ACTOR, else the user.
    func author(_ given: String?) throws(Failure) -> String {
        if let given { return given }
        return try settings().actor
    }

    /// Lends connections to the database for as long as the body runs.
    func withDatabase<Value>(_ body: (PostgresPool) async throws -> Value) async throws -> Value {
        try await settings().withDatabase(body)
    }
}

/// Who answers for an order; kept in the audit.
struct ActorOptions: ParsableArguments {
    @Option(help: "Who answers for it; else USHER_ACTOR, else the user.")
    var actor: String?

    /// Lends the way of orders for as long as the body runs.
    func withOrders<Value>(
        _ database: DatabaseOptions,
        _ body: (Orders, PostgresPool) async throws -> Value
    ) async throws -> Value {
        let settings = try database.settings(actor.map { [.actor: $0] } ?? [:])
        return try await settings.withDatabase { pool in
            try await body(Orders(pool: pool, actor: settings.actor), pool)
        }
    }

    /// Lends the way of orders for as long as the body runs.
    func withOrders<Value>(
        _ database: DatabaseOptions,
        _ body: (Orders) async throws -> Value
    ) async throws -> Value {
        try await withOrders(database) { orders, _ in try await body(orders) }
    }
}

/// Which provider, zone and token a command uses.
struct ProviderOptions: ParsableArguments {
    @Option(help: "The provider's API.")
    var providerURL: String?

    @Option(help: "Id of the zone.")
    var zone: String?

    @Option(help: "File that holds the API token.")
    var tokenFile: String?

    @Option(help: "File of rows that win over the table of the provider's errors.")
    var errorClasses: String?

    var flags: [Setting: String] {
        var flags: [Setting: String] = [:]
        flags[.providerURL] = providerURL
        flags[.providerZone] = zone
        flags[.providerTokenFile] = tokenFile
        flags[.errorsFile] = errorClasses
        return flags
    }
}

extension Settings {
    /// Lends connections to the database for as long as the body runs.
    func withDatabase<Value>(_ body: (PostgresPool) async throws -> Value) async throws -> Value {
        let pool = PostgresPool(connectionSettings, size: 2, logger: logger(.error))
        defer { pool.close() }
        return try await body(pool)
    }

    /// How a command for people meets the database: patient with long statements, not with an absent server.
    var connectionSettings: ConnectionSettings {
        var settings = ConnectionSettings(url: databaseURL ?? "")
        settings.statementTimeout = .seconds(600)
        settings.defaultDeadline = .seconds(900)
        return settings
    }

    /// A log on standard error, at the level that is set, else at the command's own.
    func logger(_ level: Logger.Level) -> Logger {
        var logger = Logger(label: "usher") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = logLevel ?? level
        return logger
    }
}
