import Foundation
package import Logging
import Postgres

/// The throwaway PostgreSQL server of a test process: started when first needed, gone when the process ends.
package actor TestCluster {
    package static let shared = TestCluster()

    /// What a test's database begins with.
    package enum Content: String, Sendable {
        case nothing
        /// The schema of the project's `migrations` folder.
        case migrated
    }

    private var cluster: Task<LocalCluster, any Error>?
    private var templates: [Content: Task<String, any Error>] = [:]
    private var databases = 0

    /// Makes a database that nobody else knows.
    package func makeDatabase(_ content: Content) async throws -> TestDatabase {
        let template = try await template(content)
        databases += 1
        return try await makeDatabase(named: "test_\(databases)", from: template)
    }

    /// Drops a database, whoever is connected to it.
    package func drop(_ database: TestDatabase) async throws {
        try await administer("drop database \(identifier: database.name) with (force)")
    }

    private func makeDatabase(named name: String, from template: String) async throws -> TestDatabase {
        try await administer("create database \(identifier: name) template \(identifier: template)")
        return TestDatabase(name: name, url: try await running().connectionURL(database: name))
    }

    /// Migrated once for all tests: copying a database is faster than migrating one.
    private func template(_ content: Content) async throws -> String {
        if content == .nothing { return "template0" }
        if let template = templates[content] { return try await template.value }
        let template = Task {
            let database = try await makeDatabase(named: "usher_template", from: "template0")
            let migrator = Migrator(folder: Self.migrationsFolder, settings: database.settings, logger: .quiet)
            _ = try await migrator.up()
            return database.name
        }
        templates[content] = template
        return try await template.value
    }

    private func administer(_ statement: Statement) async throws {
        let settings = ConnectionSettings(url: try await running().connectionURL())
        let connection = try await PostgresConnection.connect(settings, logger: .quiet)
        try await connection.session { db throws(PostgresError) in _ = try db.execute(statement) }
        await connection.close()
    }

    private func running() async throws -> LocalCluster {
        if let cluster { return try await cluster.value }
        var options = LocalCluster.Options.fast
        // All tests begin together, each with a pool or two of its own.
        options.configuration.append("max_connections = 1000")
        let starting = Task { [options] in try await LocalCluster.start(options) }
        cluster = starting
        return try await starting.value
    }

    /// Beside `Package.swift`, which is the first one above this file.
    private static var migrationsFolder: String {
        var folder = URL(filePath: #filePath).deletingLastPathComponent()
        while folder.path != "/", !FileManager.default.fileExists(atPath: folder.appending(path: "Package.swift").path)
        {
            folder.deleteLastPathComponent()
        }
        return folder.appending(path: "migrations").path
    }
}

extension Logger {
    /// Says nothing.
    package static var quiet: Logger { Logger(label: "test") { _ in SwiftLogNoOpLogHandler() } }
}
