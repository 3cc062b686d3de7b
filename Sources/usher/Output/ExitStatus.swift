/// How the process ends; after sysexits.h where it has a word for it.
package enum ExitStatus: Int32, CaseIterable, Sendable {
    case success = 0
    case failure = 1
    case changes = 2
    case partial = 3
    case usage = 64
    case badData = 65
    case unavailable = 69
    case tryLater = 75
    case notPermitted = 77
    case badConfiguration = 78
    case interrupted = 130

    /// What `usher --help` says about it.
    package var meaning: String {
        switch self {
        case .success: "done, or nothing to do"
        case .failure: "the command failed, or what it waited for did"
        case .changes: "there is something to change; only with --detailed-exitcode"
        case .partial: "done in part: some rows were refused or failed"
        case .usage: "the command line is wrong"
        case .badData: "an input file or value is wrong; nothing was changed"
        case .unavailable: "PostgreSQL or the provider cannot be reached"
        case .tryLater: "not now: a wait ran out, or a limit is in force"
        case .notPermitted: "not permitted: a token, password or role was refused"
        case .badConfiguration: "a setting is missing or wrong"
        case .interrupted: "ended at once by a second signal"
        }
    }

    /// The section of `usher --help`.
    static let help = """
        EXIT STATUS:
        \(allCases.map { "  \($0.rawValue)".padded(to: 6) + $0.meaning }.joined(separator: "\n"))
        """
}

extension ExitStatus: CustomStringConvertible {
    package var description: String { String(rawValue) }
}
