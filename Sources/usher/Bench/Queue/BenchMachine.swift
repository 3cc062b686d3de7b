import Foundation
import Postgres

/// What a measurement ran on; part of every bench's conditions.
struct BenchMachine: Encodable {
    let cores: Int
    /// Tasks that wanted a core in the last minute before the bench began; much above 0, other work was in the way.
    let loadBefore: Double
    let postgres: String
    let build: String
    let settings = "the server's defaults, durable (fsync, synchronous_commit and full_page_writes on)"

    init(_ pool: PostgresPool, loadBefore: Double) async throws {
        cores = ProcessInfo.processInfo.activeProcessorCount
        self.loadBefore = loadBefore
        postgres = try await pool.session { db throws(PostgresError) in
            try db.one("select current_setting('server_version')", as: String.self)
        }
        #if DEBUG
        build = "debug"
        #else
        build = "release"
        #endif
    }

    /// The load average over one minute (proc(5)); 0 where there is no `/proc`.
    static var load: Double {
        let text = try? String(contentsOfFile: "/proc/loadavg", encoding: .utf8)
        return text?.split(separator: " ").first.flatMap { Double($0) } ?? 0
    }

    /// One line for people.
    var line: String {
        "\(cores) cores shared by server and workers, load before \(loadBefore.withOneDecimal), "
            + "PostgreSQL \(postgres), \(build) build, default durable settings"
    }
}
