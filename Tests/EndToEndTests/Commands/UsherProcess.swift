import Foundation
import Subprocess
import TestSupport

#if canImport(System)
import System
#else
import SystemPackage
#endif

/// One run of the built program, as a person or a script sees it.
struct UsherProcess {
    /// The exit status; `nil` if a signal ended it.
    let status: Int32?
    let output: String
    let errors: String

    /// Runs the program to its end, away from the caller's settings.
    ///
    /// - Parameters:
    ///   - environment: All it gets, besides a `PATH`.
    ///   - input: What it reads from standard input.
    static func run(
        _ arguments: [String],
        environment: [String: String] = [:],
        input: String = ""
    ) async throws -> UsherProcess {
        let variables = environment.merging(["PATH": "/usr/bin:/bin", "USER": "tester"]) { first, _ in first }
        let pairs = variables.map { (Environment.Key(stringLiteral: $0.key), $0.value) }
        let result = try await Subprocess.run(
            .path(FilePath(executable.path())),
            arguments: Arguments(arguments),
            environment: .custom(Dictionary(uniqueKeysWithValues: pairs)),
            workingDirectory: FilePath(FileManager.default.temporaryDirectory.path()),
            input: .fileDescriptor(try StandardInput.descriptor(of: input), closeAfterSpawningProcess: true),
            output: .string(limit: 16 << 20),
            error: .string(limit: 16 << 20)
        )
        let status: Int32? = if case .exited(let code) = result.terminationStatus { code } else { nil }
        return UsherProcess(status: status, output: result.standardOutput, errors: result.standardError)
    }

    /// The result of a run with `--json`.
    func document<Value: Decodable>(as type: Value.Type) throws -> Value {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(type, from: Data(output.utf8))
    }

    /// The lines of standard error.
    var errorLines: [Substring] { errors.split(separator: "\n") }

    /// Built into the folder of the test program.
    static let executable = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        .deletingLastPathComponent().appending(path: "usher")
}

/// A folder for one test's files.
struct TemporaryFolder {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appending(path: "usher-test-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    /// Writes a file and answers its path.
    func file(_ name: String, _ content: String) throws -> String {
        let file = url.appending(path: name)
        try Data(content.utf8).write(to: file)
        return file.path()
    }

    func remove() {
        try? FileManager.default.removeItem(at: url)
    }
}
