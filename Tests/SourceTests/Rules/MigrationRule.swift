import Crypto
import Foundation

/// Migrations that have landed never change: databases out there have run them.
enum MigrationRule {
    /// The files of `migrations/` by name, with their contents.
    static func files(of root: URL) -> [String: Data] {
        let paths = Repository.paths(under: "migrations", of: root)
        return Dictionary(
            uniqueKeysWithValues: paths.map { path in
                (
                    String(path.dropFirst("migrations/".count)),
                    (try? Data(contentsOf: root.appending(path: path))) ?? Data()
                )
            }
        )
    }

    static func check(_ files: [String: Data], against landed: [(file: String, sha256: String)]) -> [Offence] {
        landed.compactMap { changed($0.file, $0.sha256, files[$0.file]) } + unlisted(files, landed) + misplaced(landed)
    }

    private static func changed(_ name: String, _ checksum: String, _ contents: Data?) -> Offence? {
        guard let contents else {
            return Offence(path: "migrations/\(name)", line: nil, offence: "landed and is gone", remedy: "restore it")
        }
        guard sha256(contents) != checksum else { return nil }
        let remedy = "restore it and write a new migration"
        return Offence(path: "migrations/\(name)", line: nil, offence: "landed and was edited", remedy: remedy)
    }

    private static func unlisted(_ files: [String: Data], _ landed: [(file: String, sha256: String)]) -> [Offence] {
        let known = Set(landed.map(\.file))
        return files.sorted { $0.key < $1.key }.filter { !known.contains($0.key) }.map { name, contents in
            Offence(
                path: "migrations/\(name)",
                line: nil,
                offence: "not in MigrationChecksums.swift",
                remedy: "append (\"\(name)\", \"\(sha256(contents))\"),"
            )
        }
    }

    /// The list grows at its end only: a migration numbered below a landed one would never run where that one has.
    private static func misplaced(_ landed: [(file: String, sha256: String)]) -> [Offence] {
        zip(landed, landed.dropFirst()).filter { $0.file >= $1.file }.map { _, later in
            Offence(
                path: "migrations/\(later.file)",
                line: nil,
                offence: "listed after a higher number",
                remedy: "number it above all that have landed"
            )
        }
    }

    static func sha256(_ contents: Data) -> String {
        SHA256.hash(data: contents).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }
}
