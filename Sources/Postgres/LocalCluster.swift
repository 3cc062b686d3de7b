import Foundation

/// A throwaway PostgreSQL server in a temporary folder, reached by a unix socket that only its owner can open.
///
/// It is stopped and its folder removed when `stop` is called or this process ends, be it by SIGKILL: a small shell
/// process watches over it (`ClusterWatchdog`).
package struct LocalCluster: Sendable {
    /// What a cluster is for.
    package struct Options: Sendable {
        /// Lines of `postgresql.conf`, added after the defaults.
        package var configuration: [String] = []
        /// The folder of the cluster that this one is to be a standby of.
        fileprivate var primary = ""

        /// Keeps what it promised to keep, as a real server does.
        package static let durable = Options()

        /// Loses data in a crash of the machine, not of the server; for tests.
        ///
        /// `synchronous_commit` stays on: without it a crash of the server loses what it said it had kept.
        package static let fast = Options(configuration: ["fsync = off", "full_page_writes = off"])

        package init(configuration: [String] = []) {
            self.configuration = configuration
        }
    }

    /// Holds the data, the socket and the log; removed in the end.
    package let folder: String
    private let binaries: ServerBinaries
    private let watchdog: ClusterWatchdog

    /// The server's log, to look at when something is wrong.
    package var logFile: String { "\(folder)/server.log" }

    /// Makes a cluster and returns once it takes connections.
    package static func start(_ options: Options = .durable) async throws(LocalClusterError) -> LocalCluster {
        let binaries = try await ServerBinaries.find()
        // Not the temporary folder of the user: the path of a unix socket has at most 107 bytes.
        let folder = "/tmp/usher-postgres-\(UUID().uuidString.prefix(13).lowercased())"
        let configuration = [
            "listen_addresses = ''", "unix_socket_directories = '\(folder)'", "max_connections = 200",
        ]
        let watchdog = try ClusterWatchdog(
            binaries: binaries,
            folder: folder,
            configuration: configuration + options.configuration,
            primary: options.primary
        )
        let cluster = LocalCluster(folder: folder, binaries: binaries, watchdog: watchdog)
        try await cluster.obey("start")
        return cluster
    }

    /// Makes a streaming standby of a cluster, asynchronous as PostgreSQL has it by default; returns once it follows.
    package static func startStandby(of primary: LocalCluster) async throws(LocalClusterError) -> LocalCluster {
        var options = Options.fast
        options.primary = primary.folder
        return try await start(options)
    }

    /// Names a database of the cluster for `ConnectionSettings`.
    package func connectionURL(database: String = "postgres") -> String {
        let unreserved = CharacterSet.alphanumerics.union(CharacterSet(charactersIn: "-._~"))
        let name = database.addingPercentEncoding(withAllowedCharacters: unreserved) ?? database
        return "postgresql:///\(name)?host=\(folder)&user=postgres"
    }

    /// The path of a program of the server's own version that lies beside it, such as `pgbench`; `nil` if it does not.
    package func program(_ name: String) -> String? { binaries.program(name) }

    /// Stops and starts the server; returns once it takes connections again.
    ///
    /// - Parameter immediate: As in a crash: no connection is told, and the server recovers from its log.
    package func restart(immediate: Bool = false) async throws(LocalClusterError) {
        try await obey(immediate ? "immediate" : "fast")
    }

    /// Makes a standby a primary; returns once it takes writes.
    package func promote() async throws(LocalClusterError) {
        try await obey("promote")
    }

    /// Stops the server, as a crash would, and removes the folder.
    package func stop() async {
        await watchdog.stop()
    }

    private func obey(_ command: String) async throws(LocalClusterError) {
        if await watchdog.obey(command) { return }
        let log = (try? String(contentsOfFile: logFile, encoding: .utf8)) ?? ""
        await stop()
        throw .failed(command: command, log: String(log.suffix(2_000)))
    }
}

/// Why there is no throwaway server.
package enum LocalClusterError: Error, Sendable, CustomStringConvertible {
    case noServer(searched: [String])
    case noServerUser
    case failed(command: String, log: String)

    package var description: String {
        switch self {
        case .noServer(let searched):
            "no PostgreSQL server found (looked for initdb, pg_ctl and postgres in "
                + searched.joined(separator: ", ") + "); "
                + "install it, on Debian with: apt-get install postgresql"
        case .noServerUser:
            "PostgreSQL does not run as root, and there is no user `postgres` to run it as; "
                + "install Debian's package postgresql, which makes one, or start as another user"
        case .failed(let command, let log):
            "the throwaway PostgreSQL server did not \(command); the end of its log:\n\(log)"
        }
    }
}
