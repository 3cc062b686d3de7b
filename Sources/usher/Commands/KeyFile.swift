import Foundation
import Onboarding

/// The file of a worker's keys, changed as a whole: a reader sees it as it was or as it is, never in between.
struct KeyFile {
    let path: String

    /// Makes the file with its first key; it must not exist.
    func create(_ key: PrivateSealingKey) throws(Failure) {
        try write(key.reveal() + "\n", to: path)
    }

    /// Puts a key above the others.
    func putFirst(_ key: PrivateSealingKey) throws(Failure) {
        try replace(by: key.reveal() + "\n" + (try text()))
    }

    /// Takes a key out; false if it was not in.
    ///
    /// - Throws: ``Failure`` if it is the only one.
    func remove(_ id: SealingKeyID) throws(Failure) -> Bool {
        let lines = try text().split(separator: "\n", omittingEmptySubsequences: false)
        let kept = lines.filter { Self.key($0)?.id != id }
        if kept.count == lines.count { return false }
        guard kept.contains(where: { Self.key($0) != nil }) else {
            throw Failure("\(path) holds no other key than \(id)", hint: "make a new one first: usher keys rotate")
        }
        try replace(by: kept.joined(separator: "\n"))
        return true
    }

    private static func key(_ line: Substring) -> PrivateSealingKey? {
        try? PrivateSealingKey(text: line.trimmingCharacters(in: .whitespaces))
    }

    private func text() throws(Failure) -> String {
        do {
            return try String(contentsOfFile: path, encoding: .utf8)
        } catch {
            throw Failure("\(path) cannot be read: \(error.localizedDescription)")
        }
    }

    private func replace(by text: String) throws(Failure) {
        let new = "\(path).\(getpid()).new"
        try write(text, to: new)
        guard rename(new, path) == 0 else {
            let reason = String(cString: strerror(errno))
            unlink(new)
            throw Failure("\(path) cannot be replaced: \(reason)")
        }
    }

    /// Made with its final mode: a file that is readable for a moment has been readable.
    private func write(_ text: String, to path: String) throws(Failure) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            let reason = String(cString: strerror(errno))
            throw Failure("\(path) cannot be made: \(reason)", hint: "name another file, or remove that one")
        }
        let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        do {
            try file.write(contentsOf: Data(text.utf8))
            try file.synchronize()
        } catch {
            throw Failure("\(path) cannot be written: \(error.localizedDescription)")
        }
    }
}
