import Crypto
import Foundation

/// One file of a migrations folder, `0007_name.sql`, in dbmate's format.
package struct MigrationFile: Sendable {
    /// The statements of one direction and the line of the file they begin at, counted from 1.
    struct Section: Sendable {
        let sql: String
        let firstLine: Int
    }

    /// The digits in front of the file's name.
    package let version: String
    /// The file's name without version and extension.
    package let name: String
    package let fileName: String
    /// SHA-256 of the whole file in lower-case hexadecimal.
    package let checksum: String
    let up: Section
    /// `nil` if the file says nothing on how to undo it.
    let down: Section?

    /// What versions are ordered by: `9` comes before `10`.
    var number: UInt64 { UInt64(version) ?? .max }
}

extension MigrationFile {
    /// Reads all `.sql` files of a folder, in order of their versions.
    static func all(in folder: String) throws(MigrationError) -> [MigrationFile] {
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: folder)
        } catch {
            throw .unreadable(path: folder, reason: error.localizedDescription)
        }
        var files: [MigrationFile] = []
        for name in names.sorted() where name.hasSuffix(".sql") {
            let path = "\(folder)/\(name)"
            guard let data = FileManager.default.contents(atPath: path) else {
                throw .unreadable(path: path, reason: "no such file, or not allowed to read it")
            }
            files.append(try MigrationFile(fileName: name, content: Array(data)))
        }
        files.sort { $0.number < $1.number }
        for (first, second) in zip(files, files.dropFirst()) where first.number == second.number {
            throw .sameVersion(first.fileName, second.fileName)
        }
        return files
    }

    /// Parses a file; `-- migrate:up` begins its first section, `-- migrate:down` the second.
    init(fileName: String, content: [UInt8]) throws(MigrationError) {
        guard let match = fileName.wholeMatch(of: /(\d{1,18})_(\w+)\.sql/) else {
            throw .malformed(file: fileName, line: 1, problem: "the name is not like 0007_add_index.sql")
        }
        guard let text = String(validating: content, as: UTF8.self) else {
            throw .malformed(file: fileName, line: 1, problem: "the text is not UTF-8")
        }
        version = String(match.1)
        name = String(match.2)
        self.fileName = fileName
        checksum = SHA256.hash(data: content).reduce(into: "") { $0 += ($1 < 16 ? "0" : "") + String($1, radix: 16) }
        (up, down) = try Self.sections(of: text, fileName)
    }

    private static func sections(
        of text: String,
        _ fileName: String
    ) throws(MigrationError) -> (up: Section, down: Section?) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        var starts: [(direction: Substring, line: Int)] = []
        for (index, line) in lines.enumerated() {
            if let match = line.wholeMatch(of: /--\s*migrate:(\w+)\s*(.*?)\s*/) {
                guard match.2.isEmpty else {
                    let problem = "`\(match.2)` is not supported: each file runs in one transaction"
                    throw .malformed(file: fileName, line: index + 1, problem: problem)
                }
                starts.append((match.1, index + 1))
            } else if starts.isEmpty, !line.allSatisfy(\.isWhitespace), !line.hasPrefix("--") {
                throw .malformed(file: fileName, line: index + 1, problem: "a statement before `-- migrate:up`")
            }
        }
        guard [["up"], ["up", "down"]].contains(starts.map(\.direction)) else {
            let problem = "expected `-- migrate:up` and then, if it can be undone, `-- migrate:down`, once each"
            throw .malformed(file: fileName, line: starts.first?.line ?? 1, problem: problem)
        }
        let ends = starts.dropFirst().map { $0.line - 1 } + [lines.count]
        let sections = zip(starts, ends).map { start, end in
            Section(sql: lines[start.line..<end].joined(separator: "\n"), firstLine: start.line + 1)
        }
        return (sections[0], sections.count > 1 ? sections[1] : nil)
    }
}
