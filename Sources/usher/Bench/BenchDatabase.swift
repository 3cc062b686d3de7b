import Foundation
import Logging
import Postgres

/// The throwaway PostgreSQL of one measurement, with the project's schema and a real server's durability.
enum BenchDatabase {
    /// Lends a pool to the body and takes the server down afterwards, whatever happens.
    static func with<Value: Sendable>(_ body: (PostgresPool) async throws -> Value) async throws -> Value {
        try await withCluster { _, pool in try await body(pool) }
    }

    /// Lends the server as well, to a body whose statements may take long.
    static func withCluster<Value: Sendable>(
        statementTimeout: Duration = .seconds(30),
        _ body: (LocalCluster, PostgresPool) async throws -> Value
    ) async throws -> Value {
        let cluster = try await LocalCluster.start()
        var settings = ConnectionSettings(url: cluster.connectionURL())
        settings.statementTimeout = statementTimeout
        settings.defaultDeadline = statementTimeout * 2
        let pool = PostgresPool(settings, size: 4, logger: .silent)
        let result: Result<Value, any Error>
        do {
            _ = try await Migrator(folder: MigrationFolder.standard, settings: settings, logger: .silent).up()
            result = .success(try await body(cluster, pool))
        } catch {
            result = .failure(error)
        }
        pool.close()
        await cluster.stop()
        return try result.get()
    }
}

/// The memory of a process, by the kernel's account (proc(5)).
enum ProcessMemory {
    /// The most that was resident of this one, in MiB; `nil` where there is no `/proc`.
    static var peak_MiB: Double? { peak_MiB(of: "self") }

    /// The most that was resident of a process, by its number, in MiB; `nil` if it is gone.
    static func peak_MiB(of process: String) -> Double? {
        guard let status = try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8) else { return nil }
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        return line?.split(separator: " ").compactMap { Double($0) }.first.map { $0 / 1024 }
    }

    /// Counts this process's peak from now on.
    static func forgetPeak() {
        try? Data("5".utf8).write(to: URL(filePath: "/proc/self/clear_refs"))
    }
}
