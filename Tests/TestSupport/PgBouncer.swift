import Foundation
import Glibc
import Postgres
import Subprocess

/// A real PgBouncer in transaction mode before the running test's database, on a port of the loopback interface.
package struct PgBouncer: Sendable {
    /// How clients reach the database through it.
    package let url: String

    /// Lends a pooler to a test; it ends with the test, or with this process.
    ///
    /// - Parameter servers: Server connections it lends out; fewer than clients, or pooling would not show.
    package static func with(servers: Int = 3, _ body: @Sendable (PgBouncer) async throws -> Void) async throws {
        guard let program = programs.first(where: FileManager.default.isExecutableFile(atPath:)) else {
            throw MissingPgBouncer()
        }
        let folder = FileManager.default.temporaryDirectory.appending(path: "usher-pgbouncer-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let port = try freePort()
        let file = folder.appending(path: "pgbouncer.ini")
        try Data(configuration(port: port, servers: servers).utf8).write(to: file)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder.path())
        let pooler = PgBouncer(
            url: "postgresql://postgres@127.0.0.1:\(port)/\(TestDatabase.current.name)?sslmode=disable"
        )
        // It refuses to run as root, and the throwaway server's socket is its owner's alone. The shell ends the pooler
        // when its input ends: when the body has, or with this process.
        let script = #""$0" -q "$1" & read -r line; kill $!; wait"#
        let command = try ClusterWatchdog.asServerUser(["sh", "-c", script, program, file.path()])
        _ = try await run(
            .name(command[0]),
            arguments: Arguments(Array(command.dropFirst())),
            input: .inputWriter,
            output: .discarded,
            error: .discarded
        ) { _ in
            guard try await eventually(within: .seconds(20), { isListening(port) }) else {
                throw MissingPgBouncer(port: port)
            }
            try await body(pooler)
        }
    }

    private static let programs = ["/usr/sbin/pgbouncer", "/usr/bin/pgbouncer", "/usr/local/bin/pgbouncer"]

    private static func configuration(port: UInt16, servers: Int) -> String {
        let parts = URLComponents(string: TestDatabase.current.url)?.queryItems ?? []
        let socket = parts.first { $0.name == "host" }?.value ?? ""
        return """
            [databases]
            * = host=\(socket) user=postgres
            [pgbouncer]
            listen_addr = 127.0.0.1
            listen_port = \(port)
            unix_socket_dir =
            auth_type = any
            pool_mode = transaction
            default_pool_size = \(servers)
            max_client_conn = 200

            """
    }

    /// A port that was free a moment ago.
    private static func freePort() throws -> UInt16 {
        try withLoopbackSocket { descriptor, address, length in
            guard bind(descriptor, address, length) == 0 else { throw MissingPgBouncer() }
            var name = sockaddr_in()
            var size = length
            let found = withUnsafeMutablePointer(to: &name) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &size) }
            }
            guard found == 0 else { throw MissingPgBouncer() }
            return UInt16(bigEndian: name.sin_port)
        }
    }

    private static func isListening(_ port: UInt16) -> Bool {
        let connected = try? withLoopbackSocket(port) { connect($0, $1, $2) == 0 }
        return connected ?? false
    }

    private static func withLoopbackSocket<Value>(
        _ port: UInt16 = 0,
        _ body: (Int32, UnsafePointer<sockaddr>, socklen_t) throws -> Value
    ) throws -> Value {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        return try withUnsafePointer(to: &address) { pointer in
            try pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                try body(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}

/// The pooler is not there, or did not start.
package struct MissingPgBouncer: Error, CustomStringConvertible {
    var port: UInt16?

    package var description: String {
        port.map { "PgBouncer did not listen on port \($0)" } ?? "there is no pgbouncer; run .ci/install"
    }
}
