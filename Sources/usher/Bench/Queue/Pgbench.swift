import Foundation
import Postgres
import Subprocess

#if canImport(System)
import System
#else
import SystemPackage
#endif

/// PostgreSQL's own load program, which lies beside the server's own; it measures what plain tables do on that server.
struct Pgbench: Sendable {
    private let program: String
    private let database: String
    private let folder: String

    /// - Throws: ``Failure`` if it is not installed.
    init(_ cluster: LocalCluster) throws(Failure) {
        guard let program = cluster.program("pgbench") else {
            throw Failure(
                "pgbench is not there",
                hint: "on Debian it is in the server's package, postgresql-contrib elsewhere"
            )
        }
        self.program = program
        database = cluster.connectionURL()
        folder = cluster.folder
    }

    /// How long it runs.
    enum Length {
        /// Each client so many transactions.
        case transactions(Int)
        case seconds(Int)

        var arguments: [String] {
            switch self {
            case .transactions(let count): ["--transactions", "\(count)"]
            case .seconds(let seconds): ["--time", "\(seconds)"]
            }
        }
    }

    /// Runs a script with prepared statements and answers its transactions a second, connecting left out.
    ///
    /// - Throws: ``Failure`` with what pgbench said if it failed or any transaction did.
    func run(_ script: String, clients: Int, _ length: Length) async throws -> Double {
        let file = "\(folder)/pgbench-\(UUID().uuidString).sql"
        try Data(script.utf8).write(to: URL(filePath: file))
        let threads = min(clients, ProcessInfo.processInfo.activeProcessorCount)
        let result = try await Subprocess.run(
            .path(FilePath(program)),
            arguments: Arguments(
                [
                    "--no-vacuum", "--protocol=prepared", "--client", "\(clients)", "--jobs", "\(threads)", "--file",
                    file,
                ]
                    + length.arguments + [database]
            ),
            input: .none,
            output: .string(limit: 1 << 20),
            error: .string(limit: 1 << 20)
        )
        guard result.terminationStatus.isSuccess, let rate = PgbenchReport(result.standardOutput)?.perSecond else {
            let lines = (result.standardError + result.standardOutput).split(separator: "\n").prefix(8).map(String.init)
            throw Failure("pgbench failed", details: lines)
        }
        return rate
    }
}

/// What pgbench prints at its end (PostgreSQL documentation, pgbench, "Good Practices" and its example outputs).
package struct PgbenchReport: Hashable, Sendable {
    /// Transactions a second, connecting left out.
    package var perSecond: Double

    /// `nil` if the text has no rate, or tells of transactions that failed.
    package init?(_ text: String) {
        let lines = text.split(separator: "\n")
        let failed = lines.first { $0.hasPrefix("number of failed transactions:") }
        if let failed, !failed.contains(": 0 ") { return nil }
        guard let line = lines.first(where: { $0.hasPrefix("tps = ") }),
            let word = line.dropFirst(6).split(separator: " ").first,
            let rate = Double(word)
        else { return nil }
        perSecond = rate
    }
}
