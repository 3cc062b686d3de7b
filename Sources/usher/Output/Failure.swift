/// What a person is told when a command does not do what was asked: one line, what to do about it, and the exit status.
package struct Failure: Error, Hashable, Sendable {
    package var message: String
    /// What to do about it.
    package var hint: String?
    /// Single findings, such as the problems of a file; shown before the message.
    package var details: [String]
    package var status: ExitStatus

    package init(_ message: String, hint: String? = nil, details: [String] = [], status: ExitStatus = .failure) {
        self.message = message
        self.hint = hint
        self.details = details
        self.status = status
    }

    /// The lines for standard error.
    package var lines: [String] {
        details.map(\.onOneLine) + ["usher: " + message.onOneLine] + (hint.map { ["  hint: " + $0.onOneLine] } ?? [])
    }
}

extension Failure {
    /// The problems of an input file.
    init(_ problems: InputProblems, _ message: String) {
        self.init(message, details: problems.lines, status: .badData)
    }
}

extension InputProblems {
    /// One line for each problem kept, and one for the rest.
    var lines: [String] { description.split(separator: "\n").map(String.init) }
}
