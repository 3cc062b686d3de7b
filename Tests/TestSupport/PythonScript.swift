import Foundation
import Subprocess

#if canImport(System)
import System
#else
import SystemPackage
#endif

/// A script of `Tests/Python`: a program nobody here wrote looks at Usher from outside.
///
/// It runs in the virtual environment that `.ci/install` makes, with nothing of the caller's settings but `PATH`.
package struct PythonScript: Sendable {
    /// What one run came to.
    package struct Run: Sendable {
        /// The exit status; `nil` if a signal ended it.
        package let status: Int32?
        package let output: String
        package let errors: String
    }

    private let name: String

    /// - Parameter name: The file's name without its folder, such as `client.py`.
    package init(_ name: String) {
        self.name = name
    }

    /// Runs the script to its end.
    ///
    /// - Throws: ``MissingPython`` if `.ci/install` was not run.
    package func run(
        _ arguments: [String] = [],
        environment: [String: String] = [:],
        input: String = ""
    ) async throws -> Run {
        let python = Self.repository.appending(path: ".build-python/bin/python3").path
        guard FileManager.default.isExecutableFile(atPath: python) else { throw MissingPython() }
        let variables = environment.merging(["PATH": "/usr/bin:/bin"]) { first, _ in first }
        let pairs = variables.map { (Environment.Key(stringLiteral: $0.key), $0.value) }
        let script = Self.repository.appending(path: "Tests/Python/\(name)").path
        let result = try await Subprocess.run(
            .path(FilePath(python)),
            arguments: Arguments([script] + arguments),
            environment: .custom(Dictionary(uniqueKeysWithValues: pairs)),
            input: .fileDescriptor(try StandardInput.descriptor(of: input), closeAfterSpawningProcess: true),
            output: .string(limit: 16 << 20),
            error: .string(limit: 16 << 20)
        )
        let status: Int32? = if case .exited(let code) = result.terminationStatus { code } else { nil }
        return Run(status: status, output: result.standardOutput, errors: result.standardError)
    }

    /// The folder with `Package.swift`, which is the first one above this file.
    private static let repository: URL = {
        var folder = URL(filePath: #filePath).deletingLastPathComponent()
        while folder.path != "/", !FileManager.default.fileExists(atPath: folder.appending(path: "Package.swift").path)
        {
            folder.deleteLastPathComponent()
        }
        return folder
    }()
}

/// The virtual environment is not there.
package struct MissingPython: Error, CustomStringConvertible {
    package var description: String { "there is no .build-python; run .ci/install" }
}
