import Logging
package import Postgres
package import Testing

/// The database of the running test.
package struct TestDatabase: Sendable {
    package let name: String
    /// A connection string, for what is not written in Swift.
    package let url: String

    package var settings: ConnectionSettings { ConnectionSettings(url: url) }

    @TaskLocal fileprivate static var scoped: TestDatabase?

    /// The database that the trait `.database` gave the running test.
    package static var current: TestDatabase {
        guard let scoped else { preconditionFailure("put the trait .database on the test or its suite") }
        return scoped
    }

    /// Connects to this database.
    package func connect() async throws(PostgresError) -> PostgresConnection {
        try await PostgresConnection.connect(settings, logger: .quiet)
    }
}

/// Gives each test a database of its own, dropped when the test ends.
package struct DatabaseTrait: TestTrait, SuiteTrait, TestScoping {
    fileprivate let content: TestCluster.Content

    package var isRecursive: Bool { true }

    package func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        await TestSlots.shared.take()
        defer { Task { await TestSlots.shared.release() } }
        let database = try await TestCluster.shared.makeDatabase(content)
        do {
            try await TestDatabase.$scoped.withValue(database, operation: function)
        } catch {
            try await TestCluster.shared.drop(database)
            throw error
        }
        try await TestCluster.shared.drop(database)
    }
}

extension Trait where Self == DatabaseTrait {
    /// A database of its own for each test, with the project's schema.
    package static var database: Self { Self(content: .migrated) }

    /// A database of its own for each test, with nothing in it.
    package static var emptyDatabase: Self { Self(content: .nothing) }
}
