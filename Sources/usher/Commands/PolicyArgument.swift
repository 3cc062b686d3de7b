import ArgumentParser

/// One stored revision of a tier's policy, written `gold@7`.
struct PolicyArgument: ExpressibleByArgument, CustomStringConvertible {
    let tier: String
    let revision: Int

    init?(argument: String) {
        let parts = argument.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, let revision = Int(parts[1]), revision > 0 else { return nil }
        tier = String(parts[0])
        self.revision = revision
    }

    var description: String { "\(tier)@\(revision)" }
}
