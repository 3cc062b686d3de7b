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
    private var places = TestCluster.mostAtOnce
    private var waiting: [CheckedContinuation<Void, Never>] = []

    /// Databases in use at once: all tests start together, and the server has 200 connections.
    private static let mostAtOnce = 20

    /// Makes a database that nobody else knows, once fewer than ``mostAtOnce`` are in use; ``takeBack(_:)`` ends that.
    package func lend(_ content: Content) async throws -> TestDatabase {
        await takePlace()
        do {
            return try await makeDatabase(content)
        } catch {
            leavePlace()
            throw error
        }
    }

    /// Drops a lent database, whoever is connected to it.
    package func takeBack(_ database: TestDatabase) async throws {
        defer { leavePlace() }
        try await administer("drop database \(identifier: database.name) with (force)")
    }

    private func takePlace() async {
        if places > 0 {
            places -= 1
        } else {
            await withCheckedContinuation { waiting.append($0) }
        }
    }

    private func leavePlace() {
        if waiting.isEmpty { places += 1 } else { waiting.removeFirst().resume() }
    }

    private func makeDatabase(_ content: Content) async throws -> TestDatabase {
        let template = try await template(content)
        databases += 1
        return try await makeDatabase(named: "test_\(databases)", from: template)
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
        let starting = Task { try await LocalCluster.start(.fast) }
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
