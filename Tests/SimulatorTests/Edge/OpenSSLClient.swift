import Foundation
import Subprocess
import TestSupport

#if canImport(System)
import System
#else
import SystemPackage
#endif

/// A client of the edge for the suites that BoringSSL, and so NIOSSL, does not have: `openssl s_client`.
struct OpenSSLClient: Sendable {
    let port: Int
    let name: String
    /// OpenSSL's name of the only suite offered, at TLS 1.2.
    let suite: String
    /// Chain and key to show when asked.
    var identity: (chainPEM: String, keyPEM: String)?

    /// Shakes hands and sends one request; the status of the answer, `nil` if there was none.
    func status() async throws -> Int? {
        let folder = FileManager.default.temporaryDirectory.appending(path: "usher-edge-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        var arguments = [
            "s_client", "-quiet", "-ign_eof", "-connect", "127.0.0.1:\(port)", "-servername", name, "-tls1_2",
            "-cipher",
            suite,
        ]
        if let identity {
            let file = folder.appending(path: "identity.pem")
            try Data((identity.chainPEM + identity.keyPEM).utf8).write(to: file)
            arguments += ["-cert", file.path(), "-cert_chain", file.path(), "-key", file.path()]
        }
        let result = try await Subprocess.run(
            .name("openssl"),
            arguments: Arguments(arguments),
            environment: .inherit.updating(["OPENSSL_CONF": "/dev/null"]),
            input: .fileDescriptor(
                try StandardInput.descriptor(of: "GET / HTTP/1.1\r\nHost: \(name)\r\nConnection: close\r\n\r\n"),
                closeAfterSpawningProcess: true
            ),
            output: .string(limit: 1 << 20),
            error: .discarded
        )
        return result.standardOutput.firstMatch(of: /HTTP\/1\.1 (\d{3})/).flatMap { Int($0.1) }
    }
}
