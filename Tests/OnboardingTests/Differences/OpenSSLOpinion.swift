import Foundation
import Subprocess

#if canImport(System)
import System
#else
import SystemPackage
#endif

/// What the command line of OpenSSL says of many certificates at once.
struct OpenSSLOpinion {
    /// The facts that OpenSSL prints of a certificate.
    struct Facts: Equatable {
        var serial = ""
        var notBefore = ""
        var notAfter = ""
        var names: [String] = []
        var isAuthority = false
        var keyBits: Int?
        var signature = ""
    }

    /// By serial number; in one PKCS#7 bundle, for a process each takes longer than all the rest of the test.
    static func facts(of folder: URL) async throws -> [String: Facts] {
        let bundle = "cat *.pem | openssl crl2pkcs7 -nocrl -certfile /dev/stdin"
        let output = try await run(
            "cd \"$0\"; \(bundle) | openssl pkcs7 -print_certs -text -noout",
            folder.path()
        )
        let facts = output.components(separatedBy: "Certificate:\n").dropFirst().map { part in
            Facts(part.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) })
        }
        return Dictionary(facts.map { ($0.serial, $0) }) { first, _ in first }
    }

    /// SHA-256 fingerprints of every 20th file, by file name.
    static func fingerprints(of folder: URL) async throws -> [String: String] {
        let print = "echo $f $(openssl x509 -in $f -noout -fingerprint -sha256)"
        let output = try await run(
            "cd \"$0\"; ls *.pem | awk 'NR % 20 == 1' | while read f; do \(print); done",
            folder.path()
        )
        let lines = output.matches(of: /(\S+) sha256 Fingerprint=(\S+)/).map {
            (String($0.1), $0.2.replacing(":", with: "").lowercased())
        }
        return Dictionary(uniqueKeysWithValues: lines)
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
            -verify_hostname \(hostname) *.pem 2>../errors.txt; cat ../errors.txt
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
                errors[String(match.1)] = []
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
    init(_ lines: [String]) {
        for (line, next) in zip(lines, lines.dropFirst() + [""]) {
            if line == "Serial Number:" {
                serial = next.replacing(":", with: "")
            } else if let match = line.wholeMatch(of: /Not Before: (.+)/) {
                notBefore = String(match.1)
            } else if let match = line.wholeMatch(of: /Not After : (.+)/) {
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
