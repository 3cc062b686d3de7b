import Foundation
import Logging
import Postgres

/// The throwaway PostgreSQL of one measurement, with the project's schema and a real server's durability.
enum BenchDatabase {
    /// Lends a pool to the body and takes the server down afterwards, whatever happens.
    static func with<Value: Sendable>(_ body: (PostgresPool) async throws -> Value) async throws -> Value {
        let cluster = try await LocalCluster.start()
        let settings = ConnectionSettings(url: cluster.connectionURL())
        let quiet = Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() }
        let pool = PostgresPool(settings, size: 4, logger: quiet)
        let result: Result<Value, any Error>
        do {
            _ = try await Migrator(folder: MigrationFolder.standard, settings: settings, logger: quiet).up()
            result = .success(try await body(pool))
        } catch {
            result = .failure(error)
        }
        pool.close()
        await cluster.stop()
        return try result.get()
    }
}

/// The memory of this process, by the kernel's account (proc(5)).
enum ProcessMemory {
    /// The most that was resident, in MiB; `nil` where there is no `/proc`.
    static var peak_MiB: Double? {
        guard let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8) else { return nil }
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        return line?.split(separator: " ").compactMap { Double($0) }.first.map { $0 / 1024 }
    }

    /// Counts the peak from now on.
    static func forgetPeak() {
        try? Data("5".utf8).write(to: URL(filePath: "/proc/self/clear_refs"))
    }
}
