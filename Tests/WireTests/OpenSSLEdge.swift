import Foundation
import Subprocess
import TLSPolicy
import TestSupport

#if canImport(System)
import System
#else
import SystemPackage
#endif

/// An `openssl s_server` with effective settings and both leaves at once, and an `openssl s_client` for each offer.
///
/// For the suites that BoringSSL lacks. Debian's OpenSSL 3 is built without 3DES, and the rest needs security level 0.
struct OpenSSLEdge {
    private let folder: URL

    /// Writes the leaves to a folder of its own, which ``remove()`` takes away.
    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "usher-wire-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let leaves = try WireCertificates.shared.get()
        for key in CipherSuite.Authentication.allCases {
            let leaf = leaves[key]
            try Data((leaf.certificate + leaf.key).utf8).write(to: folder.appending(path: "\(key.rawValue).pem"))
        }
    }

    func remove() { try? FileManager.default.removeItem(at: folder) }

    /// The suites of the catalogue that this build of OpenSSL lacks.
    func blind() async throws -> Set<CipherSuite> {
        let names = CipherSuite.settable.map(\.name).joined(separator: " ")
        let script = "for c in \(names); do openssl ciphers $c:@SECLEVEL=0 >/dev/null 2>&1 || echo $c; done"
        return Set(try await run(script).split(separator: "\n").compactMap { CipherSuite.named(String($0)) })
    }

    /// The offers a server with these settings and leaves accepts.
    func handshakes(
        _ effective: EffectivePolicy,
        keys: [CipherSuite.Authentication],
        offers: [WireOffer]
    ) async throws -> Set<WireOffer> {
        let clients = offers.enumerated().map { index, offer in
            let suite = offer.suite.map { "-cipher \($0.name):@SECLEVEL=0" } ?? ""
            return "t \(index) \(Self.flag(offer.version)) \(suite)"
        }
        let output = try await run(
            """
            openssl s_server -www -accept 127.0.0.1:0 \(Self.settings(effective, keys)) >log.$$ 2>&1 & server=$!
            until address=$(sed -n 's/^ACCEPT //p' log.$$) && test -n "$address"; do kill -0 $server || exit; done
            t() { i=$1; shift; openssl s_client -connect $address "$@" </dev/null >/dev/null 2>&1 && echo $i; }
            \(clients.joined(separator: "\n"))
            kill $server
            """
        )
        return Set(output.split(separator: "\n").compactMap { Int($0) }.map { offers[$0] })
    }

    /// Lends the address of a server with these settings and leaves.
    func serving<Value: Sendable>(
        _ effective: EffectivePolicy,
        keys: [CipherSuite.Authentication],
        _ body: (String) async throws -> Value
    ) async throws -> Value {
        let log = folder.appending(path: "log-\(UUID().uuidString)")
        let file = try FileDescriptor.open(
            FilePath(log.path()),
            .writeOnly,
            options: [.create, .append],
            permissions: .ownerReadWrite
        )
        let options = Self.settings(effective, keys).split(separator: " ").map(String.init)
        return try await Subprocess.run(
            .name("openssl"),
            arguments: Arguments(["s_server", "-www", "-accept", "127.0.0.1:0"] + options),
            environment: .inherit.updating(["OPENSSL_CONF": "/dev/null"]),
            workingDirectory: FilePath(folder.path()),
            input: .none,
            output: .fileDescriptor(file, closeAfterSpawningProcess: false),
            error: .fileDescriptor(file, closeAfterSpawningProcess: true)
        ) { execution in
            let result: Result<Value, any Error>
            do {
                var address: Substring?
                _ = try await eventually {
                    let lines = try String(contentsOf: log, encoding: .utf8).split(separator: "\n")
                    address = lines.first { $0.hasPrefix("ACCEPT ") }?.dropFirst("ACCEPT ".count)
                    return address != nil
                }
                result = .success(try await body(String(address ?? "")))
            } catch {
                result = .failure(error)
            }
            try execution.send(signal: .terminate)
            return result
        }.closureResult.get()
    }

    private static func settings(_ effective: EffectivePolicy, _ keys: [CipherSuite.Authentication]) -> String {
        let certificates = zip(keys, ["", "d"]).map { "-\($1)cert \($0.rawValue).pem -\($1)key \($0.rawValue).pem" }
        let minimum = protocolName(effective.effectiveMinimumTLS)
        let maximum = effective.effectiveTLS13 == .on ? "TLSv1.3" : "TLSv1.2"
        // A server does not start with an empty list, not even one that has no use for it.
        let names = effective.offeredSuites.isEmpty ? ["DEFAULT"] : effective.offeredSuites.map(\.name)
        let suites = (names + ["@SECLEVEL=0"]).joined(separator: ":")
        return (certificates + ["-min_protocol \(minimum) -max_protocol \(maximum) -cipher \(suites)"])
            .joined(separator: " ")
    }

    private static func protocolName(_ version: TLSVersion) -> String {
        version == .v1_0 ? "TLSv1" : "TLSv\(version)"
    }

    private static func flag(_ version: TLSVersion) -> String {
        switch version {
        case .v1_0: "-tls1"
        case .v1_1: "-tls1_1"
        case .v1_2: "-tls1_2"
        case .v1_3: "-tls1_3"
        }
    }

    private func run(_ script: String) async throws -> String {
        let result = try await Subprocess.run(
            .path("/bin/sh"),
            arguments: ["-c", script],
            environment: .inherit.updating(["OPENSSL_CONF": "/dev/null"]),
            workingDirectory: FilePath(folder.path()),
            output: .string(limit: 1 << 20),
            error: .discarded
        )
        return result.standardOutput
    }
}
