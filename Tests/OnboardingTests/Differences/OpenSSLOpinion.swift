import Foundation
import Subprocess

#if canImport(System)
import System
#else
import SystemPackage
#endif

/// What the command line of OpenSSL says of many certificates at once.
struct OpenSSLOpinion {
    /// The facts that `openssl x509` prints of a certificate.
    struct Facts: Equatable {
        var fingerprint = ""
        var serial = ""
        var notBefore = ""
        var notAfter = ""
        var names: [String] = []
        var isAuthority = false
        var keyBits: Int?
        var signature = ""
    }

    /// By file name, without its folder.
    static func facts(of folder: URL) async throws -> [String: Facts] {
        let options = "-noout -fingerprint -sha256 -serial -startdate -enddate -dateopt iso_8601 -text"
        let text = "no_header,no_version,no_serial,no_issuer,no_validity,no_subject,no_sigdump"
        let output = try await run(
            "cd \"$0\"; for f in *.pem; do echo \"== $f\"; openssl x509 -in $f \(options) -certopt \(text); done",
            folder.path()
        )
        var facts: [String: Facts] = [:]
        for part in output.components(separatedBy: "== ").dropFirst() {
            let lines = part.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
            facts[lines[0]] = Facts(lines.dropFirst())
        }
        return facts
    }

    /// The numbers of the errors `openssl verify` finds in each file of a folder; none if it verifies.
    ///
    /// - Parameter untrusted: The certificates that stand beside each leaf.
    static func errors(
        of folder: URL,
        root: String,
        untrusted: String,
        hostname: String,
        at moment: Int64
    ) async throws -> [String: Set<Int>] {
        let beside = folder.deletingLastPathComponent()
        let rootFile = beside.appending(path: "root.txt")
        let otherFile = beside.appending(path: "untrusted.txt")
        try Data(root.utf8).write(to: rootFile)
        try Data(untrusted.utf8).write(to: otherFile)
        let others = untrusted.isEmpty ? "" : "-untrusted ../untrusted.txt"
        let output = try await run(
            """
            cd "$0"; openssl verify -no-CApath -no-CAstore -CAfile ../root.txt \(others) -attime \(moment) \
            -verify_hostname \(hostname) *.pem 2>&1; true
            """,
            folder.path()
        )
        return errors(output)
    }

    private static func errors(_ output: String) -> [String: Set<Int>] {
        var errors: [String: Set<Int>] = [:]
        var open: Set<Int> = []
        for line in output.split(separator: "\n") {
            if let match = line.wholeMatch(of: /error (\d+) at \d+ depth lookup: .*/) {
                if let number = Int(match.1) { open.insert(number) }
            } else if let match = line.wholeMatch(of: /error (.+\.pem): verification failed/) {
                errors[String(match.1)] = open
                open = []
            } else if let match = line.wholeMatch(of: /(.+\.pem): OK/) {
                // Errors that the command goes on after are no failure of its own making; they count all the same.
                errors[String(match.1)] = open
                open = []
            }
        }
        return errors
    }

    private static func run(_ script: String, _ argument: String) async throws -> String {
        let result = try await Subprocess.run(
            .path("/bin/sh"),
            arguments: ["-c", script, argument],
            environment: .inherit.updating(["OPENSSL_CONF": "/dev/null"]),
            output: .string(limit: 256 << 20),
            error: .discarded
        )
        return result.standardOutput
    }
}

extension OpenSSLOpinion.Facts {
    init(_ lines: some Sequence<String>) {
        for line in lines {
            if let match = line.wholeMatch(of: /sha256 Fingerprint=(.+)/) {
                fingerprint = match.1.replacing(":", with: "").lowercased()
            } else if let match = line.wholeMatch(of: /serial=(.+)/) {
                serial = match.1.lowercased()
            } else if let match = line.wholeMatch(of: /notBefore=(.+)/) {
                notBefore = String(match.1)
            } else if let match = line.wholeMatch(of: /notAfter=(.+)/) {
                notAfter = String(match.1)
            } else if line.hasPrefix("DNS:") {
                names = line.components(separatedBy: ", ").map { $0.dropFirst(4).lowercased() }
            } else if let match = line.wholeMatch(of: /Signature Algorithm: (.+)/) {
                signature = String(match.1)
            } else if let match = line.wholeMatch(of: /Public-Key: \((\d+) bit\)/) {
                keyBits = Int(match.1)
            } else if line == "CA:TRUE" {
                isAuthority = true
            }
        }
    }
}
