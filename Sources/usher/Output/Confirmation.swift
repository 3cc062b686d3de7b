import Foundation
import Glibc

extension Output {
    /// Asks the person at the terminal; only `yes` is taken for a yes.
    ///
    /// - Parameter flag: What answers the question where nobody can be asked.
    /// - Throws: ``Failure`` if the answer is another, or if there is no terminal.
    func confirm(_ question: String, flag: String) throws(Failure) {
        guard isatty(FileHandle.standardInput.fileDescriptor) == 1 else {
            throw Failure("nobody is there to confirm it: standard input is no terminal", hint: flag, status: .usage)
        }
        try? FileHandle.standardError.write(contentsOf: Data("\(question.onOneLine) Type yes: ".utf8))
        guard readLine()?.trimmingCharacters(in: .whitespaces) == "yes" else {
            throw Failure("not confirmed; nothing was done")
        }
    }
}
