import Cloudflare
import Foundation
import Onboarding
import Postgres

extension Failure {
    /// The one place where the errors of every module become a line and an exit status.
    package init(describing error: any Error) {
        switch error {
        case let failure as Failure: self = failure
        case let error as PostgresError: self.init(database: error)
        case let error as MigrationError: self.init(migration: error)
        case let error as CloudflareError: self.init(provider: error)
        case let problem as InputProblem: self.init(problem.description, status: .badData)
        case let problem as CertificateProblem:
            self.init(problem.summary, hint: problem.remedy, status: .badData)
        case let error as KeyRingError: self.init(error.description, status: .badConfiguration)
        case let error as SealingError: self.init(error.description, status: .badConfiguration)
        case let error as PlanDocumentError:
            self.init(error.description, hint: "make it again: usher plan --out FILE", status: .badData)
        case let error as UnknownTenant:
            self.init("there is no tenant \(error.tenant)", hint: "see usher tenant set", status: .badData)
        case is CancellationError: self.init("interrupted", status: .tryLater)
        case let error as CocoaError: self.init(error.localizedDescription)
        default: self.init("unexpected error: \(error)", hint: "this is a defect of usher; please report it")
        }
    }

    private init(migration error: MigrationError) {
        switch error {
        case .database(let error): self.init(database: error)
        case .failed, .endedTransaction: self.init("migration failed, nothing of it was kept: \(error)")
        case .unreadable:
            self.init("no migrations: \(error)", hint: "name the folder with --folder", status: .badConfiguration)
        case .malformed, .sameVersion, .edited, .missing, .outOfOrder, .unknownVersion, .irreversible:
            self.init("\(error)", hint: "see usher migrate status", status: .badData)
        }
    }

    private init(provider error: CloudflareError) {
        let status: ExitStatus =
            switch error.class {
            case .credentials, .notEntitled: .notPermitted
            case .throttled: .tryLater
            case .transient, .providerDown: .unavailable
            case .conflict, .gone, .rejected, .unknown: .failure
            }
        self.init("the provider: \(error.call): \(error.fault)", hint: error.verdict.advice, status: status)
    }
}

extension Failure {
    private init(database error: PostgresError) {
        switch error.kind {
        case .connection:
            self.init(connecting: error.message)
        case .deadline, .cancelled, .closed:
            self.init("PostgreSQL gave no answer: \(error.message)", hint: "try again in a while", status: .unavailable)
        case .configuration:
            self.init(error.message, hint: "correct \(Setting.databaseURL.environmentName)", status: .badConfiguration)
        case .commitUnknown:
            self.init(
                "the connection broke during the commit: the change may have been kept or not",
                hint: "look (usher job list), then repeat the command; repeating it is harmless",
                status: .unavailable
            )
        case .server:
            self.init(server: error, state: error.sqlState?.rawValue ?? "")
        case .encoding, .decoding, .shape, .transactionMisuse:
            self.init(error.description, hint: "this is a defect of usher; please report it")
        }
    }

    /// A connection that did not come about; libpq gives no SQLSTATE for it, only the server's words.
    private init(connecting text: String) {
        // One line for each address that was tried; the lines that begin with a tab guess at the cause.
        let lines = text.split(separator: "\n").filter { !$0.hasPrefix("\t") }
        let message = lines.joined(separator: "; ")
        if message.contains("authentication failed") || message.contains("pg_hba.conf")
            || message.contains("no password")
        {
            let hint = "check user and password: PGUSER, PGPASSWORD, ~/.pgpass"
            self.init("PostgreSQL refused the connection: \(message)", hint: hint, status: .notPermitted)
        } else if message.contains(#/(database|role) ".*" does not exist/#) {
            let hint = "create it, or point \(Setting.databaseURL.environmentName) at another; then usher migrate up"
            self.init("PostgreSQL refused the connection: \(message)", hint: hint, status: .badConfiguration)
        } else {
            let hint = "start it, or point \(Setting.databaseURL.environmentName) at it"
            self.init("PostgreSQL cannot be reached: \(message)", hint: hint, status: .unavailable)
        }
    }

    /// A refusal by the server, by its SQLSTATE: our own codes, then the server's classes.
    private init(server error: PostgresError, state: String) {
        let code = state.hasPrefix("UE") ? " (\(state))" : ""
        switch (state, state.prefix(2)) {
        case ("UE040", _), ("UE041", _), ("UE042", _), ("UE051", _), ("UE052", _), ("UE053", _), ("UE054", _):
            self.init(error.message + code, hint: error.hint)
        case (_, "UE"), ("22023", _), ("22P02", _), ("23514", _):
            self.init(error.message + code, hint: error.hint, status: .badData)
        case ("53400", _): self.init(error.message, hint: error.hint, status: .failure)
        case ("42501", _):
            let hint = error.hint ?? "connect as a role that may do this"
            self.init(error.message, hint: hint, status: .notPermitted)
        case ("3F000", _), ("42P01", _), ("42883", _):
            self.init(
                "the database has no schema of usher's, or an older one",
                hint: "run usher migrate up",
                status: .badConfiguration
            )
        case (_, "08"), (_, "57"), (_, "53"):
            self.init(
                "PostgreSQL is not available: \(error.message)",
                hint: error.hint ?? "try again in a while",
                status: .unavailable
            )
        case (_, "40"), ("55P03", _):
            self.init(error.message, hint: "somebody else was at work on the same rows; try again", status: .tryLater)
        default:
            self.init("PostgreSQL refused: \(error.message) (SQLSTATE \(state))", hint: error.hint)
        }
    }
}
