import Onboarding
import TLSPolicy

/// What a hostname's settings come to, and what stands against them, by the worker's own rules.
///
/// What the zone's plan permits is not judged here: only the worker is told of it.
struct Judgement {
    let hostname: Hostname
    let effective: EffectivePolicy
    let contradictions: [Contradiction]

    init(_ subject: PolicyCase) {
        hostname = subject.hostname
        effective = resolve(subject.revision, wish: subject.wish, zone: subject.zone)
        contradictions = judge(
            effective,
            hostname: subject.hostname,
            certificates: subject.leaves,
            capabilities: .enterprise,
            now: subject.now
        )
    }
}

/// What `usher hostname explain` prints.
struct ExplanationReport: Report {
    let hostname: String
    let policy: String
    let wildcard: Bool
    let coverage: String
    let settings: [Line]
    let contradictions: [Problem]

    struct Line: Encodable {
        let key: String
        /// What applies; `nil` if nothing does, or not by our decision.
        let value: String?
        /// `explicit`, `inherited`, `absent` or `foreign`.
        let state: String
        let origin: String
        let reason: String
    }

    struct Problem: Encodable {
        let code: String
        let sqlState: String
        let left: String
        let right: String
        let remedy: String
        let actor: String
    }

    init(_ judgement: Judgement) {
        let effective = judgement.effective
        hostname = judgement.hostname.ascii
        policy = effective.revision.description
        wildcard = effective.isWildcard
        coverage =
            switch effective.coverage {
            case .full: "full"
            case .partial(let reason): "partial: \(reason)"
            }
        settings = effective.explanation.map { line in
            Line(
                key: line.key.rawValue,
                value: line.value,
                state: line.state,
                origin: "\(line.origin)",
                reason: line.reason
            )
        }
        contradictions = judgement.contradictions.map { contradiction in
            Problem(
                code: contradiction.code,
                sqlState: contradiction.sqlState,
                left: contradiction.left,
                right: contradiction.right,
                remedy: contradiction.remedy,
                actor: contradiction.actor.rawValue
            )
        }
    }

    func lines(on terminal: Terminal) -> [String] {
        var facts = FactList()
        facts.add("hostname", wildcard ? "\(hostname) and the names below it" : hostname)
        facts.add("policy", policy)
        facts.add("coverage", coverage, coverage == "full" ? .good : .warning)
        let blocks = settings.flatMap { $0.lines(on: terminal) }
        return facts.lines(on: terminal) + [""] + blocks + contradictionLines(on: terminal)
    }

    private func contradictionLines(on terminal: Terminal) -> [String] {
        if contradictions.isEmpty { return ["", terminal.painted("Nothing contradicts it.", .good)] }
        let lines = contradictions.flatMap { problem in
            [
                terminal.painted("  x \(problem.left), but \(problem.right)", .bad),
                "    \(problem.actor) must act: \(problem.remedy) (\(problem.sqlState))",
            ]
        }
        return ["", "It cannot be applied:"] + lines
    }
}

extension ExplanationReport.Line {
    private static let keyWidth = 17

    /// The value beside its key, a list one element a line; then state, origin and reason.
    fileprivate func lines(on terminal: Terminal) -> [String] {
        let values = value.map { $0.split(separator: " ").map(String.init) } ?? ["(nothing)"]
        let texts = values + [terminal.painted("\(state) from \(origin): \(reason)", .faint)]
        return texts.enumerated().map { index, text in
            let name = index == 0 ? key.padded(to: max(Self.keyWidth, key.count + 2)) : "".padded(to: Self.keyWidth)
            return terminal.painted(name, .strong) + text
        }
    }
}
