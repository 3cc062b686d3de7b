import Foundation
import Subprocess

/// The folder with the programs of a PostgreSQL server: `initdb`, `pg_ctl`, `postgres`.
struct ServerBinaries {
    let folder: String

    /// Looks along `PATH`, asks `pg_config`, then takes the newest of Debian's versioned folders.
    ///
    /// Debian keeps the server's programs off `PATH` (package `postgresql-common`).
    static func find() async throws(LocalClusterError) -> ServerBinaries {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        var folders = path.split(separator: ":").map(String.init)
        if let configured = await configuredFolder() { folders.append(configured) }
        folders += debianFolders()
        guard let folder = folders.first(where: isComplete) else { throw .noServer(searched: folders) }
        return ServerBinaries(folder: folder)
    }

    /// A program that lies beside the server, or where the server really is if the folder only holds links to it.
    func program(_ name: String) -> String? {
        let server = URL(filePath: "\(folder)/postgres").resolvingSymlinksInPath().deletingLastPathComponent()
        return [folder, server.path].map { "\($0)/\(name)" }.first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    private static func configuredFolder() async -> String? {
        // A machine without pg_config is no error: the other places are left.
        guard let result = try? await run(.name("pg_config"), arguments: ["--bindir"], output: .string(limit: 4_096))
        else { return nil }
        return result.standardOutput.trimmed
    }

    /// `/usr/lib/postgresql/16/bin` before `/usr/lib/postgresql/9/bin`.
    private static func debianFolders() -> [String] {
        let root = "/usr/lib/postgresql"
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
        return versions.compactMap(Int.init).sorted(by: >).map { "\(root)/\($0)/bin" }
    }

    private static func isComplete(_ folder: String) -> Bool {
        ["initdb", "pg_ctl", "postgres"].allSatisfy { FileManager.default.isExecutableFile(atPath: "\(folder)/\($0)") }
    }
}
