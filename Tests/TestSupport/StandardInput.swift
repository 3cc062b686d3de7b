import Foundation

#if canImport(System)
package import System
#else
package import SystemPackage
#endif

/// What a child process reads from standard input, as a file that has no name any more.
///
/// Not a text written through a pipe: a child that ends without reading it would have the library that writes end the
/// test process too.
package enum StandardInput {
    /// A descriptor to read the text from; whoever starts the process closes it.
    package static func descriptor(of text: String) throws -> FileDescriptor {
        let file = FileManager.default.temporaryDirectory.appending(path: "usher-input-\(UUID().uuidString)")
        try Data(text.utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        return try FileDescriptor.open(FilePath(file.path()), .readOnly)
    }
}
