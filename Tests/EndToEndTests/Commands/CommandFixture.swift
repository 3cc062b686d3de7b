import Foundation
import TestSupport
import Testing

/// The program on the running test's database, with two tiers stored.
struct CommandFixture {
    let folder: TemporaryFolder
    private let environment: [String: String]

    static let tiers = """
        apiVersion: usher/v1
        tiers:
          free:
            limits: {hostnames: 2, running: 1}
            weight: 1
          pro:
            profile: pci@1
            limits: {running: 4}
            weight: 4
        """

    /// Lends a fixture to a test and cleans up after it.
    static func with(_ body: (CommandFixture) async throws -> Void) async throws {
        let fixture = CommandFixture(
            folder: try TemporaryFolder(),
            environment: ["USHER_DATABASE_URL": TestDatabase.current.url]
        )
        defer { fixture.folder.remove() }
        let tiers = try fixture.folder.file("tiers.yaml", tiers)
        let applied = try await fixture.usher("tier", "apply", tiers, "--reason", "test")
        try #require(applied.status == 0, "\(applied.errors)")
        try await body(fixture)
    }

    /// Runs the program to its end.
    func usher(_ arguments: String..., input: String = "") async throws -> UsherProcess {
        try await usher(arguments, input: input)
    }

    /// Runs the program to its end.
    func usher(_ arguments: [String], input: String = "") async throws -> UsherProcess {
        try await UsherProcess.run(arguments, environment: environment, input: input)
    }
}

/// What the tests read of `--json` documents.
enum Document {
    struct Enqueue: Decodable {
        let batchId: Int64?
        let accepted: Int
        let created: Int
        let problemCount: Int
        let problems: [Problem]

        struct Problem: Decodable {
            let line: Int?
            let column: Int?
            let field: String?
            let value: String?
            let rule: String
            let code: String?
        }
    }

    struct Jobs: Decodable {
        let jobs: [Job]

        struct Job: Decodable {
            let jobId: Int64
            let hostname: String
            let tenant: String
            let tier: String
            let state: String
        }
    }

    struct Replay: Decodable {
        let batchId: Int64?
        let replayed: Int
        let superseded: Int
    }

    struct Tiers: Decodable {
        let tiers: [Change]

        struct Change: Decodable {
            let tier: String
            let revision: Int
            let changed: Bool
        }
    }
}
