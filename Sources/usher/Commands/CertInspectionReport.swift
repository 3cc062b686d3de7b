import Foundation
import Onboarding
import TLSPolicy

/// What `usher cert inspect` prints.
struct CertInspectionReport: Report {
    let hostname: String?
    let tier: String?
    let files: [File]
    let contradictions: [ExplanationReport.Problem]
    /// Out of order in the files, and put right when they are stored.
    let cured: [ExplanationReport.Problem]

    struct File: Encodable {
        let file: String
        let certificates: [Item]
        /// `nil` if the file could not be read.
        let chain: Chain?
        let problem: String?
        let remedy: String?
    }

    struct Item: Encodable {
        /// `leaf`, `intermediate` or `root`.
        let role: String
        let names: [String]
        let notBefore: Date
        let notAfter: Date
        /// Whole days until the end; negative once it is over.
        let daysLeft: Int64
        let key: String
        let signature: String
        let serial: String
        let fingerprint: String
        let issuer: String
        /// Whether the next certificate of the chain signed it; `nil` for the last.
        let signedByNext: Bool?
    }

    struct Chain: Encodable {
        let complete: Bool
        let inOrder: Bool
        let selfSigned: Bool
        let includesRoot: Bool
        /// `nil` if no key was compared.
        let keyMatches: Bool?
    }

    init(_ inspection: CertInspection) {
        hostname = inspection.hostname?.ascii
        tier = inspection.revision.map { $0.revision == 0 ? $0.tier : $0.description }
        files = inspection.files.map { File($0, now: inspection.now) }
        contradictions = inspection.contradictions.map(ExplanationReport.Problem.init)
        cured = inspection.cured.map(ExplanationReport.Problem.init)
    }

    func lines(on terminal: Terminal) -> [String] {
        files.flatMap { $0.lines(on: terminal) } + verdict(on: terminal)
    }

    private func verdict(on terminal: Terminal) -> [String] {
        let subject = [hostname, tier.map { "tier \($0)" } ?? "the provider's rules"].compactMap(\.self)
        let notes = cured.map { terminal.painted("  ~ \($0.right); put right when stored", .warning) }
        if contradictions.isEmpty {
            let isReadable = hostname != nil && files.allSatisfy { $0.problem == nil }
            let text = "Nothing stands against it: \(subject.joined(separator: ", "))."
            return notes + (isReadable ? [terminal.painted(text, .good)] : [])
        }
        let lines = contradictions.flatMap { problem in
            [
                terminal.painted("  x \(problem.left), but \(problem.right)", .bad),
                "    \(problem.actor) must act: \(problem.remedy) (\(problem.sqlState))",
            ]
        }
        return notes + ["It cannot be served (\(subject.joined(separator: ", "))):"] + lines
    }
}

extension CertInspectionReport.File {
    init(_ file: InspectedFile, now: Int64) {
        self.file = file.path
        problem = file.problem?.summary
        remedy = file.problem?.remedy
        chain = file.facts.map { facts in
            CertInspectionReport.Chain(
                complete: facts.firstBrokenLink == nil && facts.intermediates > 0,
                inOrder: facts.isInOrder,
                selfSigned: facts.isSelfSigned,
                includesRoot: facts.includesRoot,
                keyMatches: facts.keyMatches
            )
        }
        certificates = file.chain.map { Self.items($0, now: now) } ?? []
    }

    private static func items(_ chain: CertificateChain, now: Int64) -> [CertInspectionReport.Item] {
        let all = [chain.leaf] + chain.intermediates
        return all.enumerated().map { index, facts in
            let isLast = index == all.count - 1
            let role = index == 0 ? "leaf" : isLast && chain.includesRoot ? "root" : "intermediate"
            // Beyond the first broken link the order is the file's, and nothing is claimed.
            let isSigned = chain.firstBrokenLink.map { index < $0 } ?? true
            return CertInspectionReport.Item(facts, role: role, signedByNext: isLast ? nil : isSigned, now: now)
        }
    }

    fileprivate func lines(on terminal: Terminal) -> [String] {
        let title = terminal.painted(InputProblem.shown(file), .strong)
        if let problem, let remedy {
            return [title, terminal.painted("  x \(problem)", .bad), "    \(remedy)", ""]
        }
        var facts = FactList()
        if let chain {
            facts.add("chain", chain.complete ? "complete" : "not complete", chain.complete ? .good : .warning)
            facts.add("private key", chain.keyMatches.map { $0 ? "the leaf's" : "of another certificate" })
        }
        return [title] + certificates.flatMap { $0.lines(on: terminal) + [""] } + facts.lines(on: terminal) + [""]
    }
}

extension CertInspectionReport.Item {
    fileprivate init(_ facts: CertificateFacts, role: String, signedByNext: Bool?, now: Int64) {
        self.role = role
        names = facts.names
        notBefore = Date(timeIntervalSince1970: TimeInterval(facts.notBefore))
        notAfter = Date(timeIntervalSince1970: TimeInterval(facts.notAfter))
        daysLeft = (facts.notAfter - now) / 86_400
        key = facts.key.description
        signature = facts.signature.description
        serial = facts.serial
        fingerprint = facts.fingerprint
        issuer = facts.issuer
        self.signedByNext = signedByNext
    }

    fileprivate func lines(on terminal: Terminal) -> [String] {
        var facts = FactList()
        facts.add("certificate", role)
        facts.add("names", names.joined(separator: " "))
        let tone: Tone = daysLeft < 14 ? .bad : daysLeft < 30 ? .warning : .plain
        let span = "\(notBefore.formatted(.iso8601)) to \(notAfter.formatted(.iso8601))"
        facts.add("valid", "\(span), \(daysLeft) days left", tone)
        facts.add("key", key)
        facts.add("signature", signature + (signedByNext == false ? ", not by the next certificate" : ""))
        facts.add("issuer", issuer)
        facts.add("serial", serial)
        facts.add("SHA-256", fingerprint)
        return facts.lines(on: terminal).map { "  " + $0 }
    }
}

extension ExplanationReport.Problem {
    init(_ contradiction: Contradiction) {
        self.init(
            code: contradiction.code,
            sqlState: contradiction.sqlState,
            left: contradiction.left,
            right: contradiction.right,
            remedy: contradiction.remedy,
            actor: contradiction.actor.rawValue
        )
    }
}
