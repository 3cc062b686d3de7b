package import Foundation

/// What a command found or did: one document for programs, lines for people.
protocol Report: Encodable {
    func lines(on terminal: Terminal) -> [String]
}

/// The streams of a command: results on standard output, all else on standard error.
package struct Output: Sendable {
    /// Results as one JSON document instead of lines.
    let asJSON: Bool
    let standardOutput: Terminal
    let standardError: Terminal

    init(asJSON: Bool) {
        self.asJSON = asJSON
        self.standardOutput = .looking(at: FileHandle.standardOutput.fileDescriptor)
        self.standardError = .looking(at: FileHandle.standardError.fileDescriptor)
    }

    /// Writes the result of the command.
    func show(_ report: some Report) throws {
        if asJSON {
            try write(JSONDocument.encoded(report), to: .standardOutput)
        } else {
            write(report.lines(on: standardOutput), to: .standardOutput)
        }
    }

    /// Writes a result that is made in pieces: a large one is never held twice.
    func show(_ pieces: [Data]) {
        for piece in pieces { write(piece, to: .standardOutput) }
    }

    /// Tells a person something beside the result.
    func note(_ line: String) {
        write([line.onOneLine], to: .standardError)
    }

    /// Tells a person about something that may not be as meant.
    func warn(_ line: String) {
        write([standardError.painted("warning:", .warning) + " " + line.onOneLine], to: .standardError)
    }

    private func write(_ lines: [String], to handle: FileHandle) {
        write(Data(lines.map { $0 + "\n" }.joined().utf8), to: handle)
    }

    /// A reader that went away, as `head` does, is no failure of the command.
    private func write(_ bytes: Data, to handle: FileHandle) {
        try? handle.write(contentsOf: bytes)
    }
}

/// The form of every document `--json` prints: snake_case keys in a stable order, times in RFC 3339, a line feed at
/// the end.
package enum JSONDocument {
    /// The document's bytes.
    package static func encoded(_ value: some Encodable) throws -> Data {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.dateEncodingStrategy = .iso8601
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(value) + Data("\n".utf8)
    }
}
