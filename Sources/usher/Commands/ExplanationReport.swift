import Foundation
import Onboarding
import TLSPolicy

/// What a hostname's settings come to, and what stands against them, by the worker's own rules.
struct Judgement {
    let hostname: Hostname
    let effective: EffectivePolicy
    let contradictions: [Contradiction]

    /// - Parameter capabilities: What the provider's plan has; the worker is told which plan it is.
    init(_ subject: PolicyCase, capabilities: ProviderCapabilities = .enterprise) {
        hostname = subject.hostname
        effective = resolve(
            subject.revision,
            wish: subject.wish,
            exceptions: subject.exceptions,
            capabilities: capabilities,
            zone: subject.zone
        )
        contradictions = judge(
            effective,
            hostname: subject.hostname,
            certificates: subject.leaves,
            capabilities: capabilities,
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
    /// What the hostname may have, whether it asks for it or not.
    let permissions: [PermissionLine]
    let override: OverrideDocument?
    let entitlements: [EntitlementDocument]
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

    struct PermissionLine: Encodable {
        let capability: String
        let usable: Bool
        /// Who allows it, or the plan that has none; `nil` if nobody allows it.
        let origin: String?
        let reason: String
        /// Both sides, where it is allowed and cannot be had.
        let contradiction: Problem?
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
        permissions = effective.permissions.map { permission in
            PermissionLine(
                capability: permission.capability.rawValue,
                usable: permission.isUsable,
                origin: permission.origin.map { "\($0)" },
                reason: permission.reason,
                contradiction: permission.contradiction.map(Problem.init)
            )
        }
        override = effective.exceptions.override.map(OverrideDocument.init)
        entitlements = effective.exceptions.entitlements.map(EntitlementDocument.init)
        contradictions = judgement.contradictions.map(Problem.init)
    }

    func lines(on terminal: Terminal) -> [String] {
        var facts = FactList()
        facts.add("hostname", wildcard ? "\(hostname) and the names below it" : hostname)
        facts.add("policy", policy)
        facts.add("coverage", coverage, coverage == "full" ? .good : .warning)
        let blocks = settings.flatMap { $0.lines(on: terminal) }
        if let override {
            let until = moment(Int64(override.until.timeIntervalSince1970))
            facts.add("override", "by \(override.author) until \(until): \(override.reason)", .warning)
        }
        let permitted = permissions.flatMap { $0.lines(on: terminal) }
        return facts.lines(on: terminal) + [""] + blocks + ["", "It may have:"] + permitted
            + contradictionLines(on: terminal)
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

extension ExplanationReport.PermissionLine {
    private static let nameWidth = 20

    fileprivate func lines(on terminal: Terminal) -> [String] {
        let (word, tone): (String, Tone) = usable ? ("yes", .good) : origin == nil ? ("no", .faint) : ("no", .bad)
        let from = origin.map { "from \($0): " } ?? ""
        return [
            terminal.painted(capability.padded(to: Self.nameWidth), .strong) + terminal.painted(word, tone)
                + terminal.painted("  \(from)\(reason)", .faint)
        ]
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
