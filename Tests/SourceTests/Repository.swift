import Foundation

/// The repository this test is part of, read from disk once.
struct Repository {
    static let current = Repository(root: findRoot())

    let root: URL
    /// Every Swift file under Sources and Tests, and the manifest, sorted by path.
    let files: [SourceFile]

    var sources: [SourceFile] { files.filter { $0.path.hasPrefix("Sources/") } }

    private init(root: URL) {
        self.root = root
        let paths = ["Sources", "Tests"].flatMap { Self.paths(under: $0, of: root) }
        self.files = (["Package.swift"] + paths.filter { $0.hasSuffix(".swift") }).map { path in
            SourceFile(path: path, text: (try? String(contentsOf: root.appending(path: path), encoding: .utf8)) ?? "")
        }
    }

    /// The paths of a folder's files relative to the root, sorted; none if there is no such folder.
    static func paths(under folder: String, of root: URL) -> [String] {
        let names = try? FileManager.default.subpathsOfDirectory(atPath: root.appending(path: folder).path())
        return (names ?? []).sorted().map { "\(folder)/\($0)" }
    }

    /// The nearest folder above this file that holds the manifest.
    private static func findRoot() -> URL {
        var folder = URL(filePath: #filePath).resolvingSymlinksInPath()
        repeat {
            folder.deleteLastPathComponent()
        } while !FileManager.default.fileExists(atPath: folder.appending(path: "Package.swift").path())
            && folder.path() != "/"
        return folder
    }
}

extension Repository {
    /// The middle value, or the one at another share of the sorted list; 0 of an empty list.
    static func quantile(_ share: Double, of values: [Int]) -> Int {
        let sorted = values.sorted()
        guard !sorted.isEmpty else { return 0 }
        return sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))]
    }
}
