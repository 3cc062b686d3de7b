import ArgumentParser
import Foundation
import Onboarding
import Postgres
import TLSPolicy

extension TierCommand {
    /// The command `usher tier diff`.
    struct Diff: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "What differs between two revisions, and for how many hostnames promises get stronger or weaker.",
            discussion: """
                The hostnames counted are those of the first revision's tier, with what each asks for itself. A promise
                is incomparable if it gets stronger in one respect and weaker in another, as a list that gains a suite
                and loses one.

                EXAMPLES:
                  usher tier diff gold@7 gold@8
                  usher tier diff gold@8 jobs/tiers.yaml
                """
        )

        @Argument(help: "A stored revision, as gold@7.") var before: PolicyArgument
        @Argument(help: "Another, or a tier file with the tier.") var after: String
        @OptionGroup var database: DatabaseOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let report = try await database.withDatabase { pool in
                let tiers = TierStore(pool: pool)
                let old = PolicyRevision(
                    tier: before.tier,
                    revision: before.revision,
                    policy: try await tiers.existing(before).policy
                )
                let (name, new) = try await successor(tiers)
                let zone = try await PlanStore(pool: pool).zone() ?? ZoneSettings()
                return TierDiffReport(
                    before: before.description,
                    after: name,
                    diff: PolicyDiff(from: old.policy, to: new.policy, zone: zone),
                    hostnames: Self.count(try await tiers.wishes(of: before.tier), from: old, to: new, zone)
                )
            }
            try output.output.show(report)
        }

        /// The second policy and how it is named in the report.
        private func successor(_ tiers: TierStore) async throws -> (String, PolicyRevision) {
            if let stored = PolicyArgument(argument: after) {
                let policy = try await tiers.existing(stored).policy
                return (after, PolicyRevision(tier: stored.tier, revision: stored.revision, policy: policy))
            }
            guard let tier = try readTiers(after).first(where: { $0.name == before.tier }) else {
                throw Failure("\(after) has no tier \(before.tier)", status: .badData)
            }
            let name = "\(before.tier) of \(after)"
            return (name, PolicyRevision(tier: before.tier, revision: before.revision + 1, policy: tier.policy))
        }

        private static func count(
            _ wishes: [(wish: HostnameWish, hostnames: Int)],
            from before: PolicyRevision,
            to after: PolicyRevision,
            _ zone: ZoneSettings
        ) -> PromiseCount {
            var count = PromiseCount()
            for (wish, hostnames) in wishes {
                count.add(
                    hostnames,
                    from: resolve(before, wish: wish, zone: zone),
                    to: resolve(after, wish: wish, zone: zone)
                )
            }
            return count
        }
    }
}

/// What `usher tier diff` prints.
private struct TierDiffReport: Report {
    let before: String
    let after: String
    let diff: PolicyDiff
    let hostnames: PromiseCount

    private enum CodingKeys: String, CodingKey {
        case before
        case after
        case direction
        case keys
        case hostnames
    }

    private struct Key: Encodable {
        let key: String
        let before: String?
        let after: String?
        let direction: PromiseDirection
    }

    private struct Hostnames: Encodable {
        let stronger: Int
        let weaker: Int
        let incomparable: Int
        let unchanged: Int
        let refused: Int
    }

    func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(before, forKey: .before)
        try values.encode(after, forKey: .after)
        try values.encode(diff.direction, forKey: .direction)
        let keys = diff.lines.map {
            Key(key: $0.key.rawValue, before: $0.before, after: $0.after, direction: $0.direction)
        }
        try values.encode(keys, forKey: .keys)
        let counts = Hostnames(
            stronger: hostnames.stronger,
            weaker: hostnames.weaker,
            incomparable: hostnames.incomparable,
            unchanged: hostnames.unchanged,
            refused: hostnames.refused
        )
        try values.encode(counts, forKey: .hostnames)
    }

    func lines(on terminal: Terminal) -> [String] {
        let title = terminal.painted("\(before) -> \(after)", .strong)
        let keys = diff.lines.map { $0.line(on: terminal) }
        return [title] + (keys.isEmpty ? ["  nothing differs"] : keys) + [promises]
    }

    private var promises: String {
        let counts = [
            "\(hostnames.stronger.grouped) stronger", "\(hostnames.weaker.grouped) weaker",
            "\(hostnames.incomparable.grouped) incomparable", "\(hostnames.unchanged.grouped) unchanged",
        ].joined(separator: ", ")
        let refused = hostnames.refused == 0 ? "" : "; \(hostnames.refused.grouped) ask for what is no longer carried"
        return "Promises of \(counted(hostnames.total, "hostname")): \(counts)\(refused)."
    }
}

extension PolicyDiff.Line {
    fileprivate func line(on terminal: Terminal) -> String {
        let (mark, tone): (String, Tone) =
            switch direction {
            case .unchanged: ("~", .plain)
            case .stronger: ("+", .good)
            case .weaker: ("!", .bad)
            case .incomparable: ("?", .warning)
            }
        let word = direction == .unchanged ? "" : "  \(direction.rawValue)"
        let text = "  \(mark) \(key.rawValue.padded(to: 24)) \(values.onOneLine)\(word)"
        return terminal.painted(text, tone)
    }

    private var values: String {
        if key == .ciphers { return PlannedChange.text(.ciphers, from: before, to: after) }
        return "\(before ?? "(not set)") -> \(after ?? "(not set)")"
    }
}
