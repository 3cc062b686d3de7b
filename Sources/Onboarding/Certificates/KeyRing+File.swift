import Foundation

extension KeyRing {
    private static let maximumBytes = 65_536

    /// Reads a key file, which nobody but its owner may open.
    ///
    /// The mode is taken from the opened file, not from its path: what was checked is what is read. The text of the
    /// file passes through strings, which Swift cannot zero; the bytes read and the keys kept are zeroed.
    package init(file path: String) throws(KeyRingError) {
        let text: String
        do {
            text = try Self.contents(of: path)
        } catch let error as KeyRingError {
            throw error
        } catch {
            throw .unreadable(file: path, reason: error.localizedDescription)
        }
        try self.init(text: text, file: path)
    }

    private static func contents(of path: String) throws -> String {
        let handle = try FileHandle(forReadingFrom: URL(filePath: path))
        defer { try? handle.close() }
        var status = stat()
        guard fstat(handle.fileDescriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw KeyRingError.notAKeyFile(file: path)
        }
        let mode = UInt32(status.st_mode & 0o777)
        guard mode & 0o177 == 0 else { throw KeyRingError.tooOpen(file: path, mode: mode) }
        var data = try handle.read(upToCount: maximumBytes + 1) ?? Data()
        defer { data.resetBytes(in: data.startIndex..<data.endIndex) }
        guard data.count <= maximumBytes else { throw KeyRingError.notAKeyFile(file: path) }
        return String(decoding: data, as: UTF8.self)
    }
}
