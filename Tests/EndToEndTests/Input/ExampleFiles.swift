import Foundation

/// The files of `jobs/`, as they are in the repository.
enum ExampleFiles {
    static let folder: URL = {
        var folder = URL(filePath: #filePath).resolvingSymlinksInPath()
        while !FileManager.default.fileExists(atPath: folder.appending(path: "jobs/tiers.yaml").path()),
            folder.path() != "/"
        {
            folder.deleteLastPathComponent()
        }
        return folder.appending(path: "jobs")
    }()

    static func path(_ name: String) -> String { folder.appending(path: name).path() }

    static func bytes(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: folder.appending(path: name)))
    }

    static var names: [String] {
        get throws { try FileManager.default.contentsOfDirectory(atPath: folder.path()).sorted() }
    }
}
