import Onboarding
import TLSPolicy

/// What `usher enqueue FILE` prints.
struct EnqueueReport: Report {
    let file: String
    /// `nil` if nothing was queued.
    let batchID: Int64?
    /// Rows that were taken.
    let accepted: Int
    /// Jobs made; the other accepted rows found their hostname's job in the queue.
    let created: Int
    let newTenants: [String]
    /// Problems of the file; the reader keeps the first ones only.
    let problemCount: Int
    /// In the order of the file.
    let problems: [Problem]

    /// One row that was refused, by the reader or by the database.
    struct Problem: Encodable {
        let line: Int?
        let column: Int?
        let field: String?
        let value: String?
        let rule: String
        /// The database's SQLSTATE.
        let code: String?
    }

    init(_ batch: BatchFile, _ answer: EnqueueAnswer, file: String) {
        self.file = file
        batchID = answer.batchID
        accepted = answer.accepted
        created = answer.created
        newTenants = answer.newTenants
        problemCount = batch.problems.count + answer.refused.count
        let all = batch.problems.first.map(Problem.init) + answer.refused.map { Problem($0, batch.rows[$0.index]) }
        problems = all.sorted { ($0.line ?? 0, $0.column ?? 0) < ($1.line ?? 0, $1.column ?? 0) }
    }

    /// One line for each problem, in the form that editors make clickable.
    var problemLines: [String] {
        let shown = problems.prefix(InputProblems.kept).map { problem in
            let place = [problem.line, problem.column].compactMap(\.self).map { ":\($0)" }.joined()
            let subject = [problem.field, problem.value.map { "\"\($0)\"" }].compactMap(\.self).joined(separator: " ")
            return "\(file)\(place): \(subject.isEmpty ? "" : subject + ": ")\(problem.rule)"
        }
        let rest = problemCount - shown.count
        return rest == 0 ? shown : shown + ["\(file): and \(rest) more"]
    }

    func lines(on terminal: Terminal) -> [String] {
        var lines: [String] = []
        if !newTenants.isEmpty { lines.append("\(counted(newTenants.count, "new tenant"))") }
        let known = accepted - created
        let before = known == 0 ? "" : ", \(known) in the queue before"
        let without = problemCount == 0 ? "" : "; \(counted(problemCount, "problem"))"
        if let batchID { lines.append("batch \(batchID): \(counted(created, "job")) queued\(before)\(without)") }
        return lines
    }
}

extension EnqueueReport.Problem {
    init(_ problem: InputProblem) {
        line = problem.place?.line
        column = problem.place?.column
        field = problem.field
        value = problem.value
        rule = problem.rule
        code = nil
    }

    init(_ refusal: RefusedRow, _ row: OnboardingRow) {
        line = row.line
        // The rule is about the row as a whole, and the reader kept no other place.
        column = nil
        field = refusal.field.rawValue
        value =
            switch refusal.field {
            case .tenant: InputProblem.shown(row.tenant)
            case .tier: InputProblem.shown(row.tier)
            case .hostname: row.hostname.ascii
            case .options: nil
            }
        rule = [refusal.message, refusal.hint].compactMap(\.self).joined(separator: "; ") + " (\(refusal.code))"
        code = refusal.code
    }
}

/// What `usher enqueue --tenant … --hostname …` prints.
struct EnqueuedHostnameReport: Report {
    let answer: EnqueuedHostname

    func encode(to encoder: any Encoder) throws { try answer.encode(to: encoder) }

    func lines(on terminal: Terminal) -> [String] {
        ["job \(answer.jobID) \(answer.created ? "queued" : "was in the queue before")"]
    }
}
