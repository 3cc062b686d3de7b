import ArgumentParser
import Foundation
import Onboarding
import TLSPolicy

/// The command `usher apply`.
struct ApplyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apply",
        abstract: "Have a reviewed plan carried out, and nothing but it.",
        discussion: """
            Queues the hostnames that the plan creates or changes, in one transaction. A row whose hostname, tier
            policy, certificate, zone or reading at the provider is not as it was when the plan was made is left alone
            and named (status 3). What is refused and what waits is not queued; what would become weaker only with
            --approve-weakening: then you answer for it, by name and reason, for exactly the changes of the plan, and
            each approval is used once.

            A plan that changes more of all hostnames than the strictest guards of its tiers allow (10 % where a tier
            names none) is refused, unless --max-change allows it.

            EXAMPLES:
              usher plan --tier gold --out plan.json
              usher apply plan.json
              usher apply plan.json --yes --max-change 25
              usher apply plan.json --approve-weakening --reason "old tills need TLS 1.0, INC-77"
            """
    )

    @Argument(help: "The plan, as usher plan --out wrote it, or - for standard input.") var file: String
    @Flag(help: "Do not ask.") var yes = false
    @Flag(help: "Approve what the plan marks as weaker, and queue it too.") var approveWeakening = false
    @Option(help: "Why it may become weaker; kept with each approval.") var reason: String?
    @Option(help: "Allow up to this percentage of all hostnames to be changed, and not what the tiers' guards say.")
    var maxChange: Double?
    @Option(help: "Who answers for it; else USHER_ACTOR, else the user.") var author: String?
    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard maxChange.map({ (0...100).contains($0) }) ?? true else {
            throw ValidationError("--max-change is a percentage, 0 to 100")
        }
        guard approveWeakening == (reason?.isEmpty == false) else {
            throw ValidationError("--approve-weakening and --reason go together")
        }
    }

    func run() async throws {
        let document = try PlanDocument(reading: Data(InputFile.read(file).get()))
        let author = try database.author(author)
        let output = output.output
        let outcome = try await database.withDatabase { pool -> PlanOutcome in
            let store = PlanStore(pool: pool)
            try await confirm(document, population: try await store.population(), output)
            return try await store.apply(document, author: author, approvingWeakening: reason)
        }
        let held = approveWeakening ? 0 : document.rows.count { $0.action == .approve }
        try output.show(ApplyReport(outcome, checksum: document.checksum, held: held))
        if !outcome.moved.isEmpty { throw ExitCode(ExitStatus.partial.rawValue) }
    }

    /// Says exactly what is about to be queued, and stops if it is more than one order should change.
    private func confirm(_ document: PlanDocument, population: Int, _ output: Output) async throws {
        let weaker = approveWeakening ? document.rows.count { $0.action == .approve } : 0
        let changes = document.rows.count { $0.action == .change } + weaker
        let creations = document.rows.filter { $0.action == .create }.count
        let share = ChangeShare(changed: changes, population: population)
        let guards = document.head.effectiveGuards
        let limit = maxChange ?? Double(guards.maximumChangePercent)
        if share.exceeds(guards, limitPercent: maxChange) { throw Failure(share, limit: limit) }
        let approvals = weaker == 0 ? "" : ", \(weaker.grouped) of these to become WEAKER"
        let counts = "\(creations.grouped) to create, \(changes.grouped) to change\(approvals)"
        let scope =
            "plan \(document.checksum.prefix(12)): \(counts), "
            + "\(share.percent.withOneDecimal) % of \(population.grouped) (limit \(limit.withOneDecimal) %)"
        if yes || changes + creations == 0 {
            output.note(scope)
        } else {
            try output.confirm("\(scope). Carry it out?", flag: "look at the plan, then pass --yes")
        }
    }
}

extension Failure {
    /// The guard against changing too much at once.
    fileprivate init(_ share: ChangeShare, limit: Double) {
        let counts = "\(share.changed.grouped) of \(share.population.grouped) hostnames"
        self.init(
            "the plan changes \(counts), \(share.percent.withOneDecimal) %; the limit is \(limit.withOneDecimal) %",
            hint: "if that is meant: --max-change \(share.leastAllowingPercent)"
        )
    }
}

/// What `usher apply` prints.
private struct ApplyReport: Report {
    let checksum: String
    let batchID: Int64?
    let queued: Int
    let created: Int
    /// Rows that need approval and got none.
    let held: Int
    /// Rows queued whose weakening was approved.
    let approved: Int
    let moved: [MovedRow]

    init(_ outcome: PlanOutcome, checksum: String, held: Int) {
        self.checksum = checksum
        self.held = held
        batchID = outcome.batchID
        queued = outcome.queued
        approved = outcome.approved
        created = outcome.created
        moved = outcome.moved
    }

    private enum CodingKeys: String, CodingKey {
        case checksum
        case batchID = "batch_id"
        case queued
        case created
        case held
        case approved
        case moved
    }

    func lines(on terminal: Terminal) -> [String] {
        let found = queued - created
        let others = found == 0 ? "" : ", \(found.grouped) of them in the queue before"
        let first = batchID.map { "batch \($0): \(queued.grouped) queued\(others)" } ?? "nothing was queued"
        var lines = [terminal.painted(first, batchID == nil ? .plain : .good)]
        if approved > 0 { lines.append("\(approved.grouped) of them may become weaker: approved, once each") }
        if held > 0 {
            lines.append("\(held.grouped) left as they are: weakening needs approval (--approve-weakening)")
        }
        if !moved.isEmpty { lines.append("\(moved.count.grouped) left alone, not as they were planned:") }
        return lines + moved.map { terminal.painted("  x \($0.hostname)  tenant \($0.tenant)  ", .bad) + $0.what.text }
    }
}

extension MovedRow.Moved {
    fileprivate var text: String {
        switch self {
        case .released: "the hostname was released"
        case .zone: "the zone's settings are others"
        case .generation: "something else is asked for, or the tenant is on another tier"
        case .policy: "the tier's policy is at another revision"
        case .certificate: "another certificate is stored"
        case .observed: "the provider shows something else"
        }
    }
}
